r"""Text from outside becomes a SymPy expression here, and nowhere else.

The language is that of real formulas: numbers, plain symbol names, ``+ - * / **``, round brackets, the constants ``pi``
and ``E``, and the functions of :mod:`derive.vocabulary`; ``Piecewise((a, x > 0), (b, True))`` is the only place for a
comparison.  Decimal numbers are exact: ``0.37`` is 37/100.

How: the characters and tokens are checked first, with their number and the depth of brackets, so that Python's own
parser only ever sees short and shallow text; the syntax tree it returns is then rebuilt node by node from tables.
Nothing is evaluated as code.  SymPy simplifies while it builds, and would happily compute ``10**10**10``; therefore
every closed number carries a rough value along, and powers and functions are refused where the result would be huge.
"""

from __future__ import annotations

import ast
import keyword
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NoReturn

import sympy as sp

from derive.errors import ParseError
from derive.vocabulary import CONSTANTS, FUNCTIONS, REFUSED_NAMES, REFUSED_SIGNS, ROUGH, Entry

__all__ = ["parse", "parse_call", "parse_number"]

MAX_LENGTH = 10_000  # characters
MAX_TOKENS = 3_000
MAX_DEPTH = 60  # brackets in brackets
MAX_SIGNS = 8  # unary signs in a row
MAX_NAME = 32  # characters of a symbol
MAX_DIGITS = 1_000  # of one number
MAX_EXPONENT = 1_000  # of a power, and of ten in a decimal number
MAX_BITS = 20_000  # of any exact number formed on the way
MAX_TOWER = 2  # exponentials inside exponentials
MAX_CHOICES = 48  # arguments of Max and Min together
MAX_PIECES = 20  # branches of one Piecewise

_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_TOKEN = re.compile(rf"\s*(?:(?P<number>{_NUMBER})|(?P<name>[A-Za-z_]\w*)|(?P<sign>\*\*|//|<=|>=|==|!=|[^\s\w]))", re.A)
_SIGNS = frozenset({"+", "-", "*", "**", "/", "(", ")", ",", "<", ">", "<=", ">="})


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int


@dataclass(frozen=True)
class _Value:
    """A rebuilt node: the expression, its rough value when it is closed, and how many exponentials are nested in it."""

    expr: sp.Expr
    rough: Any = None
    tower: int = 0


def _shown(text: str) -> str:
    flat = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:61])
    return flat if len(text) <= 60 else flat[:57] + "..."


def _refuse(text: str, start: int, what: str) -> NoReturn:
    raise ParseError(f"cannot read {_shown(text)!r}: at position {start + 1}, {what}")


# --------------------------------------------------------------------------------------------- characters and tokens


def _checked_text(text: str) -> str:
    """The text itself when it is a string of plain characters of bearable length."""
    if not isinstance(text, str):
        raise ParseError(f"a formula is text, not {type(text).__name__}; SymPy expressions need no parsing")
    if len(text) > MAX_LENGTH:
        raise ParseError(f"the formula {_shown(text)!r} has {len(text)} characters; at most {MAX_LENGTH} are read")
    for i, c in enumerate(text):
        if not (c.isascii() and (c.isprintable() or c in "\t\n\r")):
            name = unicodedata.name(c, f"U+{ord(c):04X}")
            _refuse(text, i, f"the character {name} is not plain ASCII; write names such as pi and signs such as -")
    if not text.strip():
        raise ParseError("the formula is empty")
    return re.sub(r"\s", " ", text).strip()


def _tokens(text: str, signs: frozenset[str] = _SIGNS) -> list[_Token]:
    found: list[_Token] = []
    position = 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:  # cannot happen for checked text; kept so that a gap in the pattern is never silent
            _refuse(text, position, f"{text[position]!r} is not part of the formula language")
        kind = str(match.lastgroup)
        token = _Token(kind, match[kind], match.start(kind))
        _check_token(text, token, found[-1] if found else None, signs)
        found.append(token)
        position = match.end()
        if len(found) > MAX_TOKENS:
            raise ParseError(f"the formula {_shown(text)!r} has more than {MAX_TOKENS} names, numbers and signs")
    return found


def _check_token(text: str, token: _Token, before: _Token | None, signs: frozenset[str]) -> None:
    if token.kind == "sign" and token.text not in signs:
        remedy = REFUSED_SIGNS.get(token.text, "see the documentation of the text input")
        _refuse(text, token.start, f"{token.text!r} is not part of the formula language: {remedy}")
    if token.kind == "name":
        if token.text.startswith("_") or len(token.text) > MAX_NAME:
            limit = f"names start with a letter and have at most {MAX_NAME} characters"
            _refuse(text, token.start, f"{_shown(token.text)!r} is not a plain name: {limit}")
        if before is not None and before.kind == "number" and before.start + len(before.text) == token.start:
            product = f"{_shown(before.text)}*{token.text}"
            _refuse(
                text, token.start, f"a number runs into a name; write the product {product!r}, powers of ten as 1e-9"
            )
    if token.kind == "number":
        _check_number(text, token)


def _check_number(text: str, token: _Token) -> None:
    mantissa, _, exponent = token.text.lower().partition("e")
    if len(mantissa) > MAX_DIGITS:
        _refuse(text, token.start, f"a number has {len(mantissa)} digits; at most {MAX_DIGITS} are read")
    if len(exponent) > 6 or (exponent and abs(int(exponent)) > MAX_EXPONENT):
        _refuse(text, token.start, f"the power of ten in {_shown(token.text)} is beyond {MAX_EXPONENT}")


def _check_nesting(text: str, tokens: list[_Token]) -> None:
    depth, opened, signs = 0, [], 0
    for token in tokens:
        signs = signs + 1 if token.text in ("+", "-") else 0
        if token.text == "(":
            depth += 1
            opened.append(token.start)
        elif token.text == ")":
            if not opened:
                _refuse(text, token.start, "a bracket closes that was never opened")
            depth -= 1
            opened.pop()
        if depth > MAX_DEPTH:
            _refuse(text, token.start, f"brackets are nested more than {MAX_DEPTH} deep")
        if signs > MAX_SIGNS:
            _refuse(text, token.start, f"more than {MAX_SIGNS} signs stand in a row")
    if opened:
        _refuse(text, opened[-1], "a bracket is never closed")


# ------------------------------------------------------------------------------------------------ the syntax tree


class _Builder:
    """Rebuilds one syntax tree as a SymPy expression."""

    def __init__(self, text: str, names: Mapping[str, sp.Expr] | None, functions: Mapping[str, Callable[..., sp.Expr]]):
        self.text = text
        self.names = names
        self.functions = functions
        self.choices = 0
        self.methods: dict[type, Callable[[Any], _Value]] = {
            ast.Constant: self.number,
            ast.Name: self.name,
            ast.UnaryOp: self.signed,
            ast.BinOp: self.operation,
            ast.Call: self.call,
        }

    def refuse(self, node: ast.AST, what: str) -> NoReturn:
        _refuse(self.text, getattr(node, "col_offset", 0), what)

    def source(self, node: ast.expr) -> str:
        return _shown(self.text[node.col_offset : node.end_col_offset])

    def build(self, node: ast.expr) -> _Value:
        method = self.methods.get(type(node))
        if method is None:
            self.refuse(node, f"{self.source(node)!r} is not part of the formula language")
        return self.checked(node, method(node))

    def checked(self, node: ast.expr, value: _Value) -> _Value:
        """The value, unless it is not a finite real number of bearable size."""
        expr = value.expr
        if expr.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
            self.refuse(node, f"{self.source(node)!r} is not a finite number")
        if expr.has(sp.I) or (value.rough is not None and not ROUGH._is_real_type(value.rough)):
            self.refuse(node, f"{self.source(node)!r} is not a real number")
        if _bits(expr) > MAX_BITS:
            self.refuse(node, f"{self.source(node)!r} holds a number of more than {MAX_BITS} bits")
        if value.tower > MAX_TOWER:
            self.refuse(node, f"exponentials are nested more than {MAX_TOWER} deep in {self.source(node)!r}")
        return value

    # names and numbers

    def number(self, node: ast.Constant) -> _Value:
        if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
            self.refuse(node, f"{self.source(node)!r} is not a number")
        exact = Fraction(self.text[node.col_offset : node.end_col_offset])
        number = sp.Rational(exact.numerator, exact.denominator)
        return _Value(number, _rough_rational(number))

    def name(self, node: ast.Name) -> _Value:
        name = node.id
        if self.names is not None and name in self.names:
            return _Value(self.names[name])
        if name in CONSTANTS:
            return _Value(*CONSTANTS[name])
        if name in REFUSED_NAMES:
            self.refuse(node, f"{name!r} cannot stand here: {REFUSED_NAMES[name]}")
        if name in FUNCTIONS or name in self.functions or name == "Piecewise":
            self.refuse(node, f"{name!r} is a function and needs its argument, as in {name}(x)")
        if self.names is not None:
            known = ", ".join(sorted(self.names)) or "none; this must be a number"
            self.refuse(node, f"the name {name!r} is not known here; known names: {known}")
        if keyword.iskeyword(name) or not name.isidentifier():
            self.refuse(node, f"{name!r} is a reserved word and cannot name a symbol")
        return _Value(sp.Symbol(name, real=True))

    # arithmetic

    def signed(self, node: ast.UnaryOp) -> _Value:
        if not isinstance(node.op, (ast.UAdd, ast.USub)):
            self.refuse(node, f"{self.source(node)!r} is not part of the formula language")
        value = self.build(node.operand)
        if isinstance(node.op, ast.UAdd):
            return value
        return _Value(-value.expr, None if value.rough is None else -value.rough, value.tower)

    def operation(self, node: ast.BinOp) -> _Value:
        if isinstance(node.op, (ast.Add, ast.Sub)):
            return self.chain(node, (ast.Add, ast.Sub), self.sum)
        if isinstance(node.op, (ast.Mult, ast.Div)):
            return self.chain(node, (ast.Mult, ast.Div), self.product)
        if isinstance(node.op, ast.Pow):
            return self.power(node)
        self.refuse(node, f"the operation in {self.source(node)!r} is not part of the formula language")

    def chain(self, node: ast.expr, kinds: tuple[type, ...], combine: Callable[..., _Value]) -> _Value:
        """Sums and products of many terms lean to the left; their spine is walked without recursion."""
        turned: list[tuple[ast.expr, bool]] = []
        top = node
        while isinstance(node, ast.BinOp) and isinstance(node.op, kinds):
            turned.append((node.right, isinstance(node.op, kinds[1])))
            node = node.left
        turned.append((node, False))
        return combine(top, [(part, self.build(part), inverse) for part, inverse in reversed(turned)])

    def sum(self, node: ast.expr, parts: list[tuple[ast.expr, _Value, bool]]) -> _Value:
        terms = [-v.expr if inverse else v.expr for _, v, inverse in parts]
        roughs = [-v.rough if inverse else v.rough for _, v, inverse in parts if v.rough is not None]
        result = sp.Add(*terms)
        if roughs and not all(t.is_Rational for t in terms if t.is_number):
            # SymPy may try for ever to decide whether such a sum of radicals is zero.
            if abs(sum(roughs)) < ROUGH.mpf(10) ** -45 * sum(abs(r) for r in roughs):
                self.refuse(node, f"the numbers in {self.source(node)!r} cancel; leave them out")
        closed = len(roughs) == len(parts)
        return _Value(result, sum(roughs) if closed else None, max(v.tower for _, v, _ in parts))

    def product(self, node: ast.expr, parts: list[tuple[ast.expr, _Value, bool]]) -> _Value:
        for part, value, inverse in parts:
            if inverse and (value.expr.is_zero or value.rough == 0):
                self.refuse(part, f"division by zero in {self.source(node)!r}")
        result = sp.Mul(*(1 / v.expr if inverse else v.expr for _, v, inverse in parts))
        tower = max(v.tower for _, v, _ in parts)
        if any(v.rough is None for _, v, _ in parts):
            return _Value(result, None, tower)
        rough = ROUGH.mpf(1)
        for _, value, inverse in parts:
            rough = rough / value.rough if inverse else rough * value.rough
        return _Value(result, rough, tower)

    def power(self, node: ast.BinOp) -> _Value:
        base, exponent = self.build(node.left), self.build(node.right)
        tower = max(base.tower, exponent.tower + (exponent.rough is None))
        if exponent.rough is None:
            if base.rough is not None and base.rough <= 0:
                self.refuse(node, f"the base of {self.source(node)!r} is not positive")
            return _Value(base.expr**exponent.expr, None, tower)
        size = abs(exponent.rough)
        if size > MAX_EXPONENT or _exponents(base.expr) * size > MAX_EXPONENT:
            self.refuse(node, f"the exponent of {self.source(node)!r} is beyond {MAX_EXPONENT}")
        if size > 1 and _bits(base.expr) * size > MAX_BITS:
            self.refuse(node, f"{self.source(node)!r} would be a number of more than {MAX_BITS} bits")
        if base.rough == 0 and exponent.rough <= 0:
            self.refuse(node, f"{self.source(node)!r} is not a finite number")
        rough = None if base.rough is None else base.rough**exponent.rough
        return _Value(base.expr**exponent.expr, rough, tower)

    # functions

    def call(self, node: ast.Call) -> _Value:
        if not isinstance(node.func, ast.Name):
            self.refuse(
                node, f"only functions can be called, and {self.source(node.func)!r} is none; write a product with *"
            )
        if node.keywords:
            self.refuse(node, f"named arguments in {self.source(node)!r} are not part of the formula language")
        name = node.func.id
        if name == "Piecewise":
            return self.piecewise(node)
        if name in FUNCTIONS:
            return self.apply(node, FUNCTIONS[name])
        if name in self.functions:
            return self.apply(node, Entry(self.functions[name], _not_rough))
        known = ", ".join(sorted([*FUNCTIONS, *self.functions, "Piecewise"]))
        self.refuse(node, f"{name!r} is not a known function; known: {known}")

    def apply(self, node: ast.Call, entry: Entry) -> _Value:
        name = node.func.id  # type: ignore[attr-defined]
        low, high = entry.arguments
        if not low <= len(node.args) <= high:
            wanted = f"{low}" if low == high else f"{low} to {high}"
            self.refuse(node, f"{name} takes {wanted} argument{'s' * (high > 1)}, not {len(node.args)}")
        if high == 16:
            self.choices += len(node.args)
            if self.choices > MAX_CHOICES:
                self.refuse(node, f"Max and Min have more than {MAX_CHOICES} arguments together")
        values = [self.build(a) for a in node.args]
        tower = max(v.tower for v in values) + (entry.fast and any(v.rough is None for v in values))
        roughs = [v.rough for v in values if v.rough is not None]
        if entry.largest is not None and any(abs(r) > entry.largest for r in roughs):
            self.refuse(node, f"the argument of {self.source(node)!r} is beyond {entry.largest}")
        rough = None
        if len(roughs) == len(values):
            rough = self.rough_call(node, entry, roughs)
        return _Value(entry.build(*(v.expr for v in values)), rough, tower)

    def rough_call(self, node: ast.Call, entry: Entry, roughs: list[Any]) -> Any:
        try:
            return entry.rough(*roughs)
        except (ValueError, ZeroDivisionError, OverflowError):
            self.refuse(node, f"{self.source(node)!r} is not a finite number")

    def piecewise(self, node: ast.Call) -> _Value:
        if not 1 <= len(node.args) <= MAX_PIECES:
            self.refuse(node, f"Piecewise takes 1 to {MAX_PIECES} branches (value, condition), not {len(node.args)}")
        branches, tower = [], 0
        for i, branch in enumerate(node.args):
            if not isinstance(branch, ast.Tuple) or len(branch.elts) != 2:
                self.refuse(branch, f"{self.source(branch)!r} is not a branch: write (value, condition)")
            value = self.build(branch.elts[0])
            condition = self.condition(branch.elts[1], last=i == len(node.args) - 1)
            branches.append((value.expr, condition))
            tower = max(tower, value.tower)
        return _Value(sp.Piecewise(*branches), None, tower)

    def condition(self, node: ast.expr, *, last: bool) -> Any:
        if isinstance(node, ast.Constant) and node.value is True and last:
            return sp.true
        if last:
            self.refuse(
                node, "the last condition of a Piecewise must be True, so that the function is defined everywhere"
            )
        relations = {ast.Lt: sp.Lt, ast.LtE: sp.Le, ast.Gt: sp.Gt, ast.GtE: sp.Ge}
        if not isinstance(node, ast.Compare) or len(node.ops) != 1 or type(node.ops[0]) not in relations:
            self.refuse(node, f"{self.source(node)!r} is not a single comparison with <, <=, > or >=")
        left, right = self.build(node.left), self.build(node.comparators[0])
        return relations[type(node.ops[0])](left.expr, right.expr)


def _not_rough(*_: Any) -> None:
    return None


def _rough_rational(number: sp.Rational) -> Any:
    return ROUGH.mpf(int(number.p)) / ROUGH.mpf(int(number.q))


def _bits(expr: sp.Expr) -> int:
    """The largest number of bits in a rational number inside."""
    return max((int(max(abs(a.p), a.q)).bit_length() for a in expr.atoms(sp.Rational)), default=0)


def _exponents(expr: sp.Expr) -> int:
    """The largest exponent inside, at least 1, rounded up."""
    found = [abs(p.exp) for p in expr.atoms(sp.Pow) if p.exp.is_Rational]
    return int(sp.ceiling(max([sp.S.One, *found])))


# ------------------------------------------------------------------------------------------------------ entrances


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
    text = _checked_text(text)
    _check_nesting(text, _tokens(text))
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        start = max(getattr(error, "offset", None) or 1, 1) - 1
        reason = getattr(error, "msg", None) or "it is nested too deeply"
        _refuse(text, start, f"this is not a formula: {reason}")
    builder = _Builder(text, names, functions or {})
    try:
        return builder.build(tree).expr
    except RecursionError:
        raise ParseError(f"the formula {_shown(text)!r} is nested too deeply") from None


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
    text = _checked_text(text)
    tokens = _tokens(text, _SIGNS | {"="})
    _check_nesting(text, tokens)
    if tokens[0].kind != "name":
        _refuse(text, tokens[0].start, "a name is expected, as in leaky_relu(slope=1/100)")
    if len(tokens) == 1:
        return tokens[0].text, {}
    if tokens[1].text != "(" or tokens[-1].text != ")":
        _refuse(text, tokens[1].start, f"after {tokens[0].text!r} only named arguments in brackets may follow")
    values: dict[str, sp.Expr] = {}
    for part in _arguments(text, tokens[2:-1], tokens[-1].start):
        name, number = part
        if name in values:
            _refuse(text, 0, f"the argument {name!r} is given twice")
        values[name] = number
    return tokens[0].text, values


def _arguments(text: str, tokens: list[_Token], end: int) -> list[tuple[str, sp.Expr]]:
    """The named numbers between the brackets, split at the commas of the outermost level."""
    parts: list[list[_Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth < 0:
            _refuse(text, token.start, "nothing may follow the closing bracket")
        if token.text == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    if parts == [[]]:
        return []
    found = []
    for part in parts:
        if len(part) < 3 or part[0].kind != "name" or part[1].text != "=":
            _refuse(text, part[0].start if part else end, "arguments are named, as in slope=1/100")
        last = part[-1].start + len(part[-1].text)
        found.append((part[0].text, parse_number(text[part[2].start : last])))
    return found
