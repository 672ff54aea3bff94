"""The first look at text from outside: characters, tokens and brackets, before any parser sees it.

Python's own parser can be made to crash by text that is long or deeply nested, so the text is measured here first, and
everything that is no part of the formula language is refused with its position and a remedy.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import NoReturn

from derive.errors import ParseError
from derive.vocabulary import REFUSED_SIGNS

__all__ = ["SIGNS", "Token", "check_nesting", "checked_text", "refuse", "shown", "tokens_of"]

MAX_LENGTH = 10_000  # characters
MAX_TOKENS = 3_000
MAX_DEPTH = 60  # brackets in brackets
MAX_SIGNS = 8  # unary signs in a row
MAX_NAME = 32  # characters of a symbol
MAX_DIGITS = 1_000  # of one number
MAX_POWER_OF_TEN = 1_000

_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_TOKEN = re.compile(rf"\s*(?:(?P<number>{_NUMBER})|(?P<name>[A-Za-z_]\w*)|(?P<sign>\*\*|//|<=|>=|==|!=|[^\s\w]))", re.A)
SIGNS = frozenset({"+", "-", "*", "**", "/", "(", ")", ",", "<", ">", "<=", ">="})


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    start: int


def shown(text: str) -> str:
    flat = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:61])
    return flat if len(text) <= 60 else flat[:57] + "..."


def refuse(text: str, start: int, what: str) -> NoReturn:
    raise ParseError(f"cannot read {shown(text)!r}: at position {start + 1}, {what}")


def checked_text(text: str) -> str:
    """The text itself when it is a string of plain characters of bearable length."""
    if not isinstance(text, str):
        raise ParseError(f"a formula is text, not {type(text).__name__}; SymPy expressions need no parsing")
    if len(text) > MAX_LENGTH:
        raise ParseError(f"the formula {shown(text)!r} has {len(text)} characters; at most {MAX_LENGTH} are read")
    for i, c in enumerate(text):
        if not (c.isascii() and (c.isprintable() or c in "\t\n\r")):
            name = unicodedata.name(c, f"U+{ord(c):04X}")
            refuse(text, i, f"the character {name} is not plain ASCII; write names such as pi and signs such as -")
    if not text.strip():
        raise ParseError("the formula is empty")
    return re.sub(r"\s", " ", text).strip()


def tokens_of(text: str, signs: frozenset[str] = SIGNS) -> list[Token]:
    found: list[Token] = []
    position = 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:  # cannot happen for checked text; kept so that a gap in the pattern is never silent
            refuse(text, position, f"{text[position]!r} is not part of the formula language")
        kind = str(match.lastgroup)
        token = Token(kind, match[kind], match.start(kind))
        _check_token(text, token, found[-1] if found else None, signs)
        found.append(token)
        position = match.end()
        if len(found) > MAX_TOKENS:
            raise ParseError(f"the formula {shown(text)!r} has more than {MAX_TOKENS} names, numbers and signs")
    return found


def _check_token(text: str, token: Token, before: Token | None, signs: frozenset[str]) -> None:
    if token.kind == "sign" and token.text not in signs:
        remedy = REFUSED_SIGNS.get(token.text, "see the documentation of the text input")
        refuse(text, token.start, f"{token.text!r} is not part of the formula language: {remedy}")
    if token.kind == "name":
        if token.text.startswith("_") or len(token.text) > MAX_NAME:
            limit = f"names start with a letter and have at most {MAX_NAME} characters"
            refuse(text, token.start, f"{shown(token.text)!r} is not a plain name: {limit}")
        if before is not None and before.kind == "number" and before.start + len(before.text) == token.start:
            product = f"{shown(before.text)}*{token.text}"
            refuse(
                text, token.start, f"a number runs into a name; write the product {product!r}, powers of ten as 1e-9"
            )
    if token.kind == "number":
        _check_number(text, token)


def _check_number(text: str, token: Token) -> None:
    mantissa, _, exponent = token.text.lower().partition("e")
    if len(mantissa) > MAX_DIGITS:
        refuse(text, token.start, f"a number has {len(mantissa)} digits; at most {MAX_DIGITS} are read")
    if len(exponent) > 6 or (exponent and abs(int(exponent)) > MAX_POWER_OF_TEN):
        refuse(text, token.start, f"the power of ten in {shown(token.text)} is beyond {MAX_POWER_OF_TEN}")


def check_nesting(text: str, tokens: list[Token]) -> None:
    depth, opened, signs = 0, [], 0
    for token in tokens:
        signs = signs + 1 if token.text in ("+", "-") else 0
        if token.text == "(":
            depth += 1
            opened.append(token.start)
        elif token.text == ")":
            if not opened:
                refuse(text, token.start, "a bracket closes that was never opened")
            depth -= 1
            opened.pop()
        if depth > MAX_DEPTH:
            refuse(text, token.start, f"brackets are nested more than {MAX_DEPTH} deep")
        if signs > MAX_SIGNS:
            refuse(text, token.start, f"more than {MAX_SIGNS} signs stand in a row")
    if opened:
        refuse(text, opened[-1], "a bracket is never closed")
