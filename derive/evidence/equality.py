"""Whether two SymPy expressions are equal, with the way it was found out.

First a witness is sought: fixed rational points at which both expressions are evaluated to 40 digits.  A difference
there settles the matter.  Otherwise the difference is reduced to zero by a ladder of exact transformations, from
equality of the trees to SymPy's ``simplify``.  Agreement of digits alone never counts as equality.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import mpmath
import sympy as sp
from sympy.core.function import AppliedUndef

from derive.errors import DeriveError
from derive.evidence.points import as_mpf, point_text

__all__ = ["Comparison", "compare", "sample_points"]

_DIGITS = 40
_TOLERANCE = mpmath.mpf(10) ** -25


@dataclass(frozen=True)
class Comparison:
    """``equal`` is ``True``, ``False`` or ``None`` (not settled); ``how`` names what settled it.

    ``agrees`` says that every sample point at which both sides could be evaluated gave the same 25 digits; it is no
    proof, and it is ``False`` where no point could be evaluated.
    """

    equal: bool | None
    how: str
    agrees: bool = False


def _entries(expr: sp.Basic) -> list[sp.Basic]:
    return list(expr) if isinstance(expr, (sp.Tuple, sp.MatrixBase)) else [expr]


def _named(expr: sp.Basic, heads: set[sp.Basic]) -> sp.Basic:
    """The expression with the given function values as symbols; arguments that expand to the same count as the same."""
    canonical = {f: f.func(*(sp.expand(a) for a in f.args)) for f in heads}
    order = sorted(set(canonical.values()), key=sp.default_sort_key)
    names = {f: sp.Symbol(f"_{i}_{f.func.__name__}", real=True) for i, f in enumerate(order)}
    return expr.xreplace({f: names[canonical[f]] for f in heads})


def _opaque(expr: sp.Basic) -> set[sp.Basic]:
    """The function values that have no number even where all their symbols have one."""
    point = next(sample_points(expr.free_symbols))
    return {f for f in expr.atoms(sp.Function) if f.subs(point).evalf(15).atoms(sp.Function)}


def _sample(symbol: sp.Symbol, i: int, k: int) -> sp.Expr:
    """The k-th sample value of the i-th symbol: below 1 for even k, above for odd; negative where that is allowed."""
    a, b = sp.prime(2 * (i + k) + 5), sp.prime(2 * (i + k) + 9)
    value = sp.Rational(a, b) if k % 2 == 0 else sp.Rational(b, a) + i
    value = sp.Integer(k + i + 2) if symbol.is_integer else value
    turned = symbol.is_nonpositive or (symbol.is_nonnegative is None and k == 3)
    return -value if turned else value


def sample_points(symbols: set[sp.Symbol], count: int = 4) -> Iterator[dict[sp.Symbol, sp.Expr]]:
    """Fixed rational points, alternately inside and outside (0, 1), that respect integer and sign assumptions."""
    ordered = sorted(symbols, key=sp.default_sort_key)
    for k in range(count):
        yield {s: _sample(s, i, k) for i, s in enumerate(ordered)}


def _numbers(a: sp.Basic, b: sp.Basic, point: dict[sp.Symbol, sp.Expr]) -> tuple[mpmath.mpc, mpmath.mpc] | None:
    """Both expressions at a point, or ``None`` where one of them has no finite numerical value."""

    def number(expr: sp.Basic) -> mpmath.mpc:
        value = expr.subs(point).evalf(_DIGITS)
        return mpmath.mpc(*(as_mpf(part) for part in value.as_real_imag()))

    try:
        return number(a), number(b)
    except (DeriveError, ValueError, TypeError, ArithmeticError, AttributeError, NotImplementedError):
        return None


def _witness(a: sp.Basic, b: sp.Basic) -> tuple[str | None, int]:
    """A point at which the two differ (in words), and at how many points they could be compared until then."""
    compared = 0
    for point in sample_points(a.free_symbols | b.free_symbols):
        with mpmath.workdps(_DIGITS):
            values = _numbers(a, b, point)
            if values is None:
                continue
            compared += 1
            if abs(values[0] - values[1]) > _TOLERANCE * max(abs(values[0]), abs(values[1])):
                return point_text(point) or "the one point there is", compared
    return None, compared


def _plain_witness(pair: sp.Tuple) -> tuple[sp.Tuple, str | None, bool]:
    """The pair without undefined functions, a point of difference, and whether every compared point agreed."""
    pair = _named(pair, pair.atoms(AppliedUndef))
    where, compared = _witness(*pair)
    if not compared:  # functions of our own that stand for something unspecified have no numbers: name them, too
        pair = _named(pair, _opaque(pair))
        where, compared = _witness(*pair)
    return pair, where, where is None and compared > 0


def _exponential_fraction(difference: sp.Expr) -> sp.Expr:
    return sp.cancel(sp.together(sp.expand(difference.rewrite(sp.exp), power_exp=True)))


#: From cheap to dear.  Each maps a difference to an equivalent expression.
_LADDER: tuple[tuple[str, Callable[[sp.Expr], sp.Expr]], ...] = (
    ("expansion of the difference to 0", sp.expand),
    ("the difference over a common denominator is 0", lambda d: sp.cancel(sp.together(d))),
    ("rewriting with exponentials and expanding gives 0", lambda d: sp.expand(d.rewrite(sp.exp))),
    ("rewriting with exponentials over a common denominator gives 0", _exponential_fraction),
    ("SymPy simplify of the difference to 0", sp.simplify),
    ("SymPy gammasimp of the difference to 0", lambda d: sp.simplify(sp.gammasimp(d))),
    ("radical simplification of the difference to 0", lambda d: sp.simplify(sp.radsimp(sp.powdenest(d, force=False)))),
)


def _reduce(difference: sp.Expr) -> str | None:
    for how, step in _LADDER:
        try:
            if step(difference) == 0:
                return how
        except (NotImplementedError, ValueError, TypeError, sp.PolynomialError):
            continue
    return None


def _compare_one(a: sp.Basic, b: sp.Basic) -> Comparison:
    if a == b:
        return Comparison(True, "the expressions are the same", True)
    if not (isinstance(a, sp.Expr) and isinstance(b, sp.Expr)):
        return Comparison(False, "different objects that are not numbers")
    (plain_a, plain_b), where, agrees = _plain_witness(sp.Tuple(a, b))
    if where is not None:
        return Comparison(False, f"the two sides differ at {where}")
    how = _reduce(plain_a - plain_b)
    if how is not None:
        return Comparison(True, how, True)
    return Comparison(None, "no transformation of the difference gave 0", agrees)


def compare(a: sp.Basic, b: sp.Basic) -> Comparison:
    """Whether ``a`` equals ``b``; tuples and matrices are compared entry by entry.

    ``True`` is exact.  ``False`` comes with a point of difference found with 40 digits.  ``None`` is neither.

    >>> x = sp.Symbol("x", positive=True)
    >>> compare((x + 1)**2, x**2 + 2*x + 1).equal
    True
    >>> compare(sp.sin(x)**2, (1 - sp.cos(2*x))/2).equal
    True
    >>> compare(x, sp.Rational(65, 64)*x).equal
    False
    """
    rows_a, rows_b = _entries(a), _entries(b)
    if len(rows_a) != len(rows_b):
        return Comparison(False, f"{len(rows_a)} entries against {len(rows_b)}")
    found = [_compare_one(x, y) for x, y in zip(rows_a, rows_b, strict=True)]
    for answer in (False, None):
        for c in found:
            if c.equal is answer:
                return c
    return Comparison(True, "; ".join(dict.fromkeys(c.how for c in found)), True)
