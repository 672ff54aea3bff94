r"""Text from outside becomes a SymPy expression here, and nowhere else.

The language is that of real formulas: numbers, plain symbol names, ``+ - * / **``, round brackets, the constants ``pi``
and ``E``, and the functions of :mod:`derive.vocabulary`; ``Piecewise((a, x > 0), (b, True))`` is the only place for a
comparison.  Decimal numbers are exact: ``0.37`` is 37/100.

How: characters, tokens and brackets are checked first (:mod:`derive.formula_tokens`), so that Python's own parser only
ever sees short and shallow text; the syntax tree it returns is rebuilt node by node from tables
(:mod:`derive.formula_builder`).  Nothing is evaluated as code.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

import sympy as sp

from derive.errors import ParseError
from derive.formula_builder import FormulaBuilder
from derive.formula_tokens import SIGNS, Token, check_nesting, checked_text, refuse, shown, tokens_of

__all__ = ["parse", "parse_call", "parse_number"]


def parse(
    text: str,
    *,
    names: Mapping[str, sp.Expr] | None = None,
    functions: Mapping[str, Callable[..., sp.Expr]] | None = None,
) -> sp.Expr:
    """The SymPy expression written in ``text``; decimal numbers are exact.

    ``names`` maps the allowed symbol names to SymPy symbols; without it every plain identifier of at most 32 characters
    is a real symbol.  ``functions`` adds functions of one argument to those of :mod:`derive.vocabulary`.

    Raises :class:`~derive.errors.ParseError`, with the position, for anything else: code, strings, attributes,
    subscripts, text that is too long or nested, numbers that are too large, values that are infinite or not real.

    >>> parse("x*erf(0.5*x) + 1e-3")
    x*erf(x/2) + 1/1000
    >>> parse("__import__('os')")
    Traceback (most recent call last):
        ...
    derive.errors.ParseError: cannot read "__import__('os')": at position 1, '__import__' is not a plain name: names \
start with a letter and have at most 32 characters
    """
    text = checked_text(text)
    check_nesting(text, tokens_of(text))
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        start = max(getattr(error, "offset", None) or 1, 1) - 1
        reason = getattr(error, "msg", None) or "it is nested too deeply"
        refuse(text, start, f"this is not a formula: {reason}")
    builder = FormulaBuilder(text, names, functions or {})
    try:
        return builder.build(tree).expr
    except RecursionError:
        raise ParseError(f"the formula {shown(text)!r} is nested too deeply") from None


def parse_number(text: str) -> sp.Expr:
    """The exact real number written in ``text``: a decimal, a fraction or a closed form such as ``sqrt(2)/3``.

    >>> parse_number("0.37"), parse_number("1e-9"), parse_number("pi/2")
    (37/100, 1/1000000000, pi/2)

    Raises :class:`~derive.errors.ParseError` when the text holds a symbol or is not a finite real number.
    """
    return parse(text, names={})


def parse_call(text: str) -> tuple[str, dict[str, sp.Expr]]:
    """The name and the exact named numbers in text such as ``alpha_relu(alpha=79/100)``; a bare name has none.

    >>> parse_call("alpha_relu(alpha=79/100)")
    ('alpha_relu', {'alpha': 79/100})
    """
    text = checked_text(text)
    tokens = tokens_of(text, SIGNS | {"="})
    check_nesting(text, tokens)
    if tokens[0].kind != "name":
        refuse(text, tokens[0].start, "a name is expected, as in leaky_relu(slope=1/100)")
    if len(tokens) == 1:
        return tokens[0].text, {}
    if tokens[1].text != "(" or tokens[-1].text != ")":
        refuse(text, tokens[1].start, f"after {tokens[0].text!r} only named arguments in brackets may follow")
    values: dict[str, sp.Expr] = {}
    for part in _arguments(text, tokens[2:-1], tokens[-1].start):
        name, number = part
        if name in values:
            refuse(text, 0, f"the argument {name!r} is given twice")
        values[name] = number
    return tokens[0].text, values


def _arguments(text: str, tokens: list[Token], end: int) -> list[tuple[str, sp.Expr]]:
    """The named numbers between the brackets, split at the commas of the outermost level."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth < 0:
            refuse(text, token.start, "nothing may follow the closing bracket")
        if token.text == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    if parts == [[]]:
        return []
    found = []
    for part in parts:
        if len(part) < 3 or part[0].kind != "name" or part[1].text != "=":
            refuse(text, part[0].start if part else end, "arguments are named, as in slope=1/100")
        last = part[-1].start + len(part[-1].text)
        found.append((part[0].text, parse_number(text[part[2].start : last])))
    return found
