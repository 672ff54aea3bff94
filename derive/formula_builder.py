"""A checked syntax tree rebuilt as a SymPy expression, node by node, from tables.

SymPy simplifies while it builds: it would compute ``10**10**10``, and try for ever to decide whether a sum of radicals
is zero.  Therefore every closed number carries a rough value along, and what would become huge or cannot be told from
zero is refused before SymPy sees it.
"""

from __future__ import annotations

import ast
import keyword
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any, NoReturn

import sympy as sp

from derive.formula_limits import (
    MAX_BITS,
    MAX_CHOICES,
    MAX_EXPONENT,
    MAX_PIECES,
    MAX_TOWER,
    cancel,
    largest_bits,
    largest_exponent,
    root_cost,
)
from derive.formula_tokens import refuse, shown
from derive.vocabulary import CONSTANTS, FUNCTIONS, MANY, REFUSED_NAMES, ROUGH, Entry

__all__ = ["FormulaBuilder", "Value"]


@dataclass(frozen=True)
class Value:
    """A rebuilt node: the expression, its rough value when it is closed, and how many exponentials are nested in it."""

    expr: sp.Expr
    rough: Any = None
    tower: int = 0


class FormulaBuilder:
    """Rebuilds one syntax tree as a SymPy expression."""

    def __init__(self, text: str, names: Mapping[str, sp.Expr] | None, functions: Mapping[str, Callable[..., sp.Expr]]):
        self.text = text
        self.names = names
        self.functions = functions
        self.choices = 0
        self.methods: dict[type, Callable[[Any], Value]] = {
            ast.Constant: self.number,
            ast.Name: self.name,
            ast.UnaryOp: self.signed,
            ast.BinOp: self.operation,
            ast.Call: self.call,
        }

    def refuse(self, node: ast.AST, what: str) -> NoReturn:
        refuse(self.text, getattr(node, "col_offset", 0), what)

    def source(self, node: ast.expr) -> str:
        return shown(self.text[node.col_offset : node.end_col_offset])

    def build(self, node: ast.expr) -> Value:
        method = self.methods.get(type(node))
        if method is None:
            self.refuse(node, f"{self.source(node)!r} is not part of the formula language")
        return self.checked(node, method(node))

    def checked(self, node: ast.expr, value: Value) -> Value:
        """The value, unless it is not a finite real number of bearable size."""
        expr = value.expr
        if value.rough is None and not expr.free_symbols:  # a closed number is left of something with symbols
            value = Value(expr, self.rough_left(node, expr), value.tower)
        if expr.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
            self.refuse(node, f"{self.source(node)!r} is not a finite number")
        if expr.has(sp.I) or (value.rough is not None and not ROUGH._is_real_type(value.rough)):
            self.refuse(node, f"{self.source(node)!r} is not a real number")
        if largest_bits(expr) > MAX_BITS:
            self.refuse(node, f"{self.source(node)!r} holds a number of more than {MAX_BITS} bits")
        if value.tower > MAX_TOWER:
            self.refuse(node, f"exponentials are nested more than {MAX_TOWER} deep in {self.source(node)!r}")
        return value

    def rough_left(self, node: ast.expr, expr: sp.Expr) -> Any:
        if expr.is_Rational:
            return _rough_rational(expr)
        number = expr.evalf(30)
        if not number.is_Float:
            self.refuse(node, f"{self.source(node)!r} is not a real number")
        return ROUGH.mpf(number._mpf_)

    # names and numbers

    def number(self, node: ast.Constant) -> Value:
        if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
            self.refuse(node, f"{self.source(node)!r} is not a number")
        exact = Fraction(self.text[node.col_offset : node.end_col_offset])
        number = sp.Rational(exact.numerator, exact.denominator)
        return Value(number, _rough_rational(number))

    def name(self, node: ast.Name) -> Value:
        name = node.id
        if self.names is not None and name in self.names:
            return Value(self.names[name])
        if name in CONSTANTS:
            return Value(*CONSTANTS[name])
        if name in REFUSED_NAMES:
            self.refuse(node, f"{name!r} cannot stand here: {REFUSED_NAMES[name]}")
        if name in FUNCTIONS or name in self.functions or name == "Piecewise":
            self.refuse(node, f"{name!r} is a function and needs its argument, as in {name}(x)")
        if self.names is not None:
            known = ", ".join(sorted(self.names)) or "none; this must be a number"
            self.refuse(node, f"the name {name!r} is not known here; known names: {known}")
        if keyword.iskeyword(name) or not name.isidentifier():
            self.refuse(node, f"{name!r} is a reserved word and cannot name a symbol")
        return Value(sp.Symbol(name, real=True))

    # arithmetic

    def signed(self, node: ast.UnaryOp) -> Value:
        if not isinstance(node.op, (ast.UAdd, ast.USub)):
            self.refuse(node, f"{self.source(node)!r} is not part of the formula language")
        value = self.build(node.operand)
        if isinstance(node.op, ast.UAdd):
            return value
        return Value(-value.expr, None if value.rough is None else -value.rough, value.tower)

    def operation(self, node: ast.BinOp) -> Value:
        if isinstance(node.op, (ast.Add, ast.Sub)):
            return self.chain(node, (ast.Add, ast.Sub), self.sum)
        if isinstance(node.op, (ast.Mult, ast.Div)):
            return self.chain(node, (ast.Mult, ast.Div), self.product)
        if isinstance(node.op, ast.Pow):
            return self.power(node)
        self.refuse(node, f"the operation in {self.source(node)!r} is not part of the formula language")

    def chain(self, node: ast.expr, kinds: tuple[type, ...], combine: Callable[..., Value]) -> Value:
        """Sums and products of many terms lean to the left; their spine is walked without recursion."""
        turned: list[tuple[ast.expr, bool]] = []
        top = node
        while isinstance(node, ast.BinOp) and isinstance(node.op, kinds):
            turned.append((node.right, isinstance(node.op, kinds[1])))
            node = node.left
        turned.append((node, False))
        return combine(top, [(part, self.build(part), inverse) for part, inverse in reversed(turned)])

    def sum(self, node: ast.expr, parts: list[tuple[ast.expr, Value, bool]]) -> Value:
        terms = [-v.expr if inverse else v.expr for _, v, inverse in parts]
        roughs = [-v.rough if inverse else v.rough for _, v, inverse in parts if v.rough is not None]
        result = sp.Add(*terms)
        if not all(t.is_Rational for t in terms if t.is_number) and cancel(roughs):
            self.refuse(node, f"the numbers in {self.source(node)!r} cancel; leave them out")
        closed = len(roughs) == len(parts)
        return Value(result, sum(roughs) if closed else None, max(v.tower for _, v, _ in parts))

    def product(self, node: ast.expr, parts: list[tuple[ast.expr, Value, bool]]) -> Value:
        for part, value, inverse in parts:
            if inverse and (value.expr == 0 or value.rough == 0):
                self.refuse(part, f"division by zero in {self.source(node)!r}")
        self.check_roots(node, [v.expr for _, v, _ in parts])
        result = sp.Mul(*(1 / v.expr if inverse else v.expr for _, v, inverse in parts))
        tower = max(v.tower for _, v, _ in parts)
        if any(v.rough is None for _, v, _ in parts):
            return Value(result, None, tower)
        rough = ROUGH.mpf(1)
        for _, value, inverse in parts:
            rough = rough / value.rough if inverse else rough * value.rough
        return Value(result, rough, tower)

    def power(self, node: ast.BinOp) -> Value:
        base, exponent = self.build(node.left), self.build(node.right)
        tower = max(base.tower, exponent.tower + (exponent.rough is None))
        if exponent.rough is None:
            if base.rough is not None and base.rough <= 0:
                self.refuse(node, f"the base of {self.source(node)!r} is not positive")
            return Value(base.expr**exponent.expr, None, tower)
        size = abs(exponent.rough)
        if size > MAX_EXPONENT or largest_exponent(base.expr) * size > MAX_EXPONENT:
            self.refuse(node, f"the exponent of {self.source(node)!r} is beyond {MAX_EXPONENT}")
        if size > 1 and largest_bits(base.expr) * size > MAX_BITS:
            self.refuse(node, f"{self.source(node)!r} would be a number of more than {MAX_BITS} bits")
        if exponent.expr.is_Rational:
            self.check_roots(node, [base.expr], int(exponent.expr.q))
        if base.rough == 0 and exponent.rough <= 0:
            self.refuse(node, f"{self.source(node)!r} is not a finite number")
        rough = None if base.rough is None else base.rough**exponent.rough
        return Value(base.expr**exponent.expr, rough, tower)

    def check_roots(self, node: ast.expr, bases: list[sp.Expr], denominator: int = 1) -> None:
        if root_cost(bases, denominator) > MAX_BITS:
            what = "takes a root of too high a degree of a rational number; write the exponent with fewer digits"
            self.refuse(node, f"{self.source(node)!r} {what}")

    # functions

    def call(self, node: ast.Call) -> Value:
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

    def apply(self, node: ast.Call, entry: Entry) -> Value:
        name = node.func.id  # type: ignore[attr-defined]
        low, high = entry.arguments
        if not low <= len(node.args) <= high:
            wanted = f"{low}" if low == high else f"{low} to {high}"
            self.refuse(node, f"{name} takes {wanted} argument{'s' * (high > 1)}, not {len(node.args)}")
        values = [self.build(a) for a in node.args]
        if entry.arguments == MANY:
            self.compare(node, values)
            self.choices += len(node.args)
            if self.choices > MAX_CHOICES:
                self.refuse(node, f"Max and Min have more than {MAX_CHOICES} arguments together")
        tower = max(v.tower for v in values) + (entry.fast and any(v.rough is None for v in values))
        roughs = [v.rough for v in values if v.rough is not None]
        if entry.largest is not None and any(abs(r) > entry.largest for r in roughs):
            self.refuse(node, f"the argument of {self.source(node)!r} is beyond {entry.largest}")
        if entry.build is sp.exp:
            self.check_exponential(node, values[0].expr)
        rough = None
        if len(roughs) == len(values):
            rough = self.rough_call(node, entry, roughs)
        return Value(self.made(node, entry.build, *(v.expr for v in values)), rough, tower)

    def check_exponential(self, node: ast.expr, argument: sp.Expr) -> None:
        """SymPy turns exp(r*log(b)) into b**r."""
        for term in sp.Add.make_args(argument):
            coefficient, rest = term.as_coeff_Mul()
            logs = [f.args[0] for f in sp.Mul.make_args(rest) if isinstance(f, sp.log)]
            self.check_roots(node, logs, int(coefficient.q))

    def made(self, node: ast.expr, build: Callable[..., Any], *parts: Any) -> Any:
        """What SymPy builds of the parts; it raises plain Python errors for what is not real."""
        try:
            return build(*parts)
        except (TypeError, ValueError, NotImplementedError) as error:
            self.refuse(node, f"{self.source(node)!r} cannot be built: {shown(str(error))}")

    def compare(self, node: ast.expr, values: list[Value]) -> None:
        """Closed numbers are compared by SymPy as it builds: they must be equal as written or plainly different."""
        for a, b in combinations(values, 2):
            if a.rough is not None and b.rough is not None and a.expr != b.expr and cancel([a.rough, -b.rough]):
                self.refuse(node, f"two numbers in {self.source(node)!r} cannot be told apart; write them the same way")

    def rough_call(self, node: ast.Call, entry: Entry, roughs: list[Any]) -> Any:
        try:
            return entry.rough(*roughs)
        except (ValueError, ZeroDivisionError, OverflowError):
            self.refuse(node, f"{self.source(node)!r} is not a finite number")

    def piecewise(self, node: ast.Call) -> Value:
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
        return Value(self.made(node, sp.Piecewise, *branches), None, tower)

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
        self.compare(node, [left, right])
        if left.expr.has(sp.Piecewise) or right.expr.has(sp.Piecewise):
            self.refuse(node, "a condition must not hold a Piecewise itself; put the cases one after the other")
        return self.made(node, relations[type(node.ops[0])], left.expr, right.expr)


def _not_rough(*_: Any) -> None:
    return None


def _rough_rational(number: sp.Rational) -> Any:
    return ROUGH.mpf(int(number.p)) / ROUGH.mpf(int(number.q))
