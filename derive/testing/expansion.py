"""A formula has the expansion that is claimed, term by term."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import mpmath
import sympy as sp

from derive.errors import InputError
from derive.evidence.points import as_mpf
from derive.numerics.exact import exact_number
from derive.testing.sides import GUARD, Agreement, evaluated, number_at, side_of

__all__ = ["assert_expansion"]

_ROUNDING = mpmath.mpf(10) ** -25
_MOST_DIGITS = 20_000
_PLACE_DIGITS = 200  # places are numbers of this precision: at an exact 10^64 SymPy would work out a factorial


def assert_expansion(
    f: Any,
    expansion: Any,
    at: Any = sp.oo,
    *,
    side: str = "+",
    params: Mapping[Any, Any] | None = None,
    points: Sequence[Any] | None = None,
) -> Agreement:
    r"""Assert that ``f = expansion + o(last term)`` as the variable tends to ``at``.

    ``f`` is a SymPy expression, text, or a function of one ``mpf``; ``expansion`` is a sum of terms in one variable, of
    which the smallest counts as the last.  A SymPy ``O(g)`` in it asks instead that the remainder over g stays bounded.
    ``params`` gives values to other symbols.  By default the variable runs through 10^4, 10^8, ..., 10^64 (or the same
    distances from a finite point, from above or, with ``side="-"``, from below), so that logarithms have time to act;
    ``points`` replaces these where f is dear.

    For every k the first k terms are tested: the remainder over the next term has to approach 1, and over the last term
    0.  AssertionError names the first term that is wrong and prints the ratios.

    >>> x = sp.Symbol("x", positive=True)
    >>> assert_expansion(sp.sqrt(x**2 + x), x + sp.Rational(1, 2) - 1 / (8 * x))
    Agreement(points=5, digits=30)
    >>> assert_expansion(sp.sqrt(x**2 + x), x + sp.Rational(1, 2) - 1 / (7 * x))
    Traceback (most recent call last):
      ...
    AssertionError: the term -1/(7*x) is not right: f minus what stands before it, divided by it, does not tend to 1
      x = 10000.0: 0.8749562527342
      x = 1.0e+8: 0.874999995625
      x = 1.0e+16: 0.875
      x = 1.0e+32: 0.875
      x = 1.0e+64: 0.875
    """
    claimed = side_of(expansion)
    if not isinstance(claimed, sp.Expr):
        raise InputError("the expansion has to be a formula, not a function")
    target = side_of(f)
    values = {str(k): exact_number(v, str(k)) for k, v in (params or {}).items()}
    claimed = claimed.subs({s: values[s.name] for s in claimed.free_symbols if s.name in values})
    x = _variable(claimed, target, values)
    if isinstance(target, sp.Expr):
        target = target.subs({s: values.get(s.name, x if s.name == x.name else s) for s in target.free_symbols})
    orders = [o.expr for o in claimed.atoms(sp.Order)]
    places = [sp.N(p, _PLACE_DIGITS) for p in _approach(at, side, points)]
    terms = _by_size(claimed.removeO(), x, places)
    for k, term in enumerate(terms):
        ratios = _ratios(target, terms[:k], term, x, places)
        if not _tends(ratios, 1):
            _refuse(
                f"the term {term} is not right: f minus what stands before it, divided by it,", 1, x, places, ratios
            )
    bound = orders[0] if orders else terms[-1] if terms else sp.Integer(1)
    ratios = _ratios(target, terms, bound, x, places)
    if orders:
        if not _bounded(ratios):
            _refuse(f"the remainder divided by {bound}", None, x, places, ratios)
    elif not _tends(ratios, 0):
        _refuse(f"the remainder divided by the last term {bound}", 0, x, places, ratios)
    return Agreement(len(places), 30, tuple(f"{x} = {_place(p)}" for p in places))


def _variable(claimed: sp.Expr, target: Any, values: Mapping[str, sp.Expr]) -> sp.Symbol:
    free = {s for s in claimed.free_symbols if s.name not in values}
    if not free and isinstance(target, sp.Expr):
        free = {s for s in target.free_symbols if s.name not in values}
    if len(free) != 1:
        names = ", ".join(sorted(s.name for s in free)) or "none"
        raise InputError(f"an expansion has one variable, here: {names}; give the others values in params=")
    return free.pop()


def _approach(at: Any, side: str, points: Sequence[Any] | None) -> list[sp.Expr]:
    if side not in ("+", "-"):
        raise InputError(f"side = {side!r} is not '+' or '-'")
    if points is not None:
        listed = [exact_number(p, "points") for p in points]
        if len(listed) < 4:
            raise InputError(f"{len(listed)} points are too few to see a trend; give at least 4")
        return listed
    powers = [sp.Integer(10) ** (2**k) for k in range(2, 7)]
    if at is sp.oo:
        return powers
    if at is -sp.oo:
        return [-p for p in powers]
    centre = exact_number(at, "at")
    return [centre + (1 / p if side == "+" else -1 / p) for p in powers]


def _by_size(expansion: sp.Expr, x: sp.Symbol, places: Sequence[sp.Expr]) -> list[sp.Expr]:
    """The terms, largest first near the limit; terms of the same order are put together."""

    def size(term: sp.Expr, place: sp.Expr) -> Any:
        with mpmath.workdps(30):
            return abs(evaluated(term, 30, {x: place}))

    found: list[sp.Expr] = []
    terms = [t for t in sp.Add.make_args(expansion) if t != 0]
    for term in sorted(terms, key=lambda t: -size(t, places[-1])):
        if found and size(found[-1], places[-1]) * size(term, places[-2]) <= mpmath.mpf(11) / 10 * (
            size(found[-1], places[-2]) * size(term, places[-1])
        ):
            found[-1] += term
        else:
            found.append(term)
    return found


def _ratios(
    target: Any, before: Sequence[sp.Expr], term: sp.Expr, x: sp.Symbol, places: Sequence[sp.Expr]
) -> list[Any]:
    """(f - sum(before))/term along the points, with as many digits as the cancellation needs."""
    found = []
    for place in places:
        with mpmath.workdps(30):
            sizes = [abs(evaluated(t, 20, {x: place})) for t in (*before, term)]
        if sizes[-1] == 0:
            raise InputError(f"the term {term} vanishes at {x} = {_place(place)}; choose other points")
        lost = int(mpmath.log10(max(sizes) / sizes[-1])) + 1
        digits = 40 + lost + _reach(place, places)
        if digits > _MOST_DIGITS:
            raise InputError(f"at {x} = {_place(place)} the terms differ by {lost} orders; choose nearer points=")
        with mpmath.workdps(digits + GUARD):
            value = number_at(target, {x: place}, digits, far=True)
            if value is None:
                raise InputError(f"f has no number at {x} = {_place(place)}; choose points= where it has")
            rest = value - sum(evaluated(t, digits, {x: place}) for t in before)
            found.append(rest / evaluated(term, digits, {x: place}))
    return found


def _reach(place: sp.Float, places: Sequence[sp.Expr]) -> int:
    """Digits that f may lose within itself, as log(1 + x) does near 0 and sqrt(x^2 + 1) - x far out."""
    gaps = [abs(place), *(abs(place - p) for p in places if p != place)]
    return 3 * max(int(abs(mpmath.log10(as_mpf(g)))) for g in gaps if g != 0)


def _tends(ratios: Sequence[Any], limit: int) -> bool:
    """Does the distance from the limit shrink by a tenth at least in every step of the second half?"""
    gaps = [abs(r - limit) for r in ratios]
    late = gaps[len(gaps) // 2 - 1 :]
    return all(b <= mpmath.mpf(9) / 10 * a or b < _ROUNDING for a, b in pairwise(late))


def _bounded(ratios: Sequence[Any]) -> bool:
    """Do the increments of the ratio's size shrink, or the sizes themselves?"""
    sizes = [abs(r) for r in ratios][len(ratios) // 2 - 1 :]
    return all(b <= mpmath.mpf(11) / 10 * a or b < _ROUNDING for a, b in pairwise(sizes))


def _refuse(what: str, limit: int | None, x: sp.Symbol, places: Sequence[sp.Expr], ratios: Sequence[Any]) -> None:
    goal = "is not bounded" if limit is None else f"does not tend to {limit}"
    rows = "\n".join(f"  {x} = {_place(p)}: {mpmath.nstr(r, 13)}" for p, r in zip(places, ratios, strict=True))
    raise AssertionError(f"{what} {goal}\n{rows}")


def _place(place: sp.Float) -> str:
    return mpmath.nstr(as_mpf(place), 6)
