"""Checks by digits: two numerical routes agree, or the error of an asymptotic statement stays of its stated order.

Neither is a proof.  They refute wrong formulas reliably and share no code with the derivation if written well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import mpmath
import sympy as sp

from derive.errors import DomainError, InputError
from derive.evidence.check import Check
from derive.evidence.exact_checks import Sight
from derive.evidence.outcome import Verdict
from derive.evidence.points import Point, as_mpf, effective_points, exact_point, point_text, rhs_number

__all__ = ["decay", "digits"]

Route = Callable[[Point, int], Any]
Formula = Callable[[sp.Basic, Point, int], Any]
_GUARD = 15


def _remembered(route: Route) -> Callable[[Point, int], Any]:
    """The route with its values kept: the negative control asks for the same ones again and again."""
    known: dict[tuple[str, int], Any] = {}

    def value(point: Point, digits: int) -> Any:
        key = (point_text(point), digits)
        if key not in known:
            with mpmath.workdps(digits + _GUARD):
                known[key] = as_mpf(route(point, digits))
        return known[key]

    return value


def _formula_value(formula: Formula, statement: sp.Basic, point: Point, digits: int) -> Any:
    """The statement's own number, or ``None`` where the statement gives no real number (which makes it false there)."""
    try:
        return as_mpf(formula(statement, point, digits))
    except DomainError:
        return None


def _agreement(a: Any, b: Any, absolute: bool, most: int) -> int:
    """On how many digits two numbers agree, rounded down and capped at ``most``."""
    difference = abs(a - b)
    scale = mpmath.mpf(1) if absolute else max(abs(a), abs(b))
    if difference == 0:
        return most
    if scale == 0:
        return 0
    return max(0, min(most, int(mpmath.floor(-mpmath.log10(difference / scale)))))


def digits(
    name: str,
    reference: Route,
    points: Iterable[Mapping[sp.Symbol, Any]] = ({},),
    *,
    digits: int = 30,
    method: str,
    formula: Formula = rhs_number,
    absolute: bool = False,
    partial: bool = False,
) -> Check:
    """The statement's formula agrees with another numerical route to so many digits at every point.

    ``reference(point, digits)`` is the other route and must not use the statement: a quadrature, an iteration, a
    library function.  ``formula(statement, point, digits)`` evaluates the statement; by default its right-hand side.
    Both run with mpmath at ``digits + 15``.  Agreement is relative to the larger of the two, or absolute where the
    true value is 0.

    With ``partial=True`` the negative control asks only for those mistakes that change the value at one of the points:
    for a check of a limiting case, where some terms vanish.
    """
    places = effective_points(points)
    route = _remembered(reference)

    def verdict(statement: sp.Basic, point: Point) -> Verdict:
        with mpmath.workdps(digits + _GUARD):
            value = _formula_value(formula, statement, point, digits)
            if value is None:
                return Verdict(False, point_text(point), 0, reason="the formula gives no real number there")
            agreed = _agreement(value, route(point, digits), absolute, digits)
        return Verdict(agreed >= digits, point_text(point), agreed)

    def verdicts(statement: sp.Basic) -> Iterator[Verdict]:
        return (verdict(statement, point) for point in places)

    def differs(statement: sp.Basic, perturbed: sp.Basic) -> bool:
        with mpmath.workdps(digits + _GUARD):
            pairs = [[_formula_value(formula, s, p, digits) for s in (statement, perturbed)] for p in places]
            return any(b is None or _agreement(a, b, absolute, digits) < digits for a, b in pairs)

    return Check(name, "digits", method, verdicts, sees=differs if partial else None)


def _doubling(values: Sequence[Any], variable: sp.Symbol) -> list[sp.Expr]:
    exact = [exact_point({variable: v})[variable] for v in values]
    if len(exact) < 6:
        raise InputError(f"{len(exact)} values of {variable} are too few to see a trend; give at least 6")
    steps = [b / a for a, b in pairwise(exact)]
    if not (all(s >= 2 for s in steps) or all(0 < s <= sp.Rational(1, 2) for s in steps)):
        raise InputError(f"the values of {variable} must at least double (or halve) from each to the next: {exact}")
    return exact


@dataclass(frozen=True)
class _Ratio:
    """(f - main)/g at one value, and how much of it may be rounding of f."""

    value: Any
    noise: Any


def _settles(ratios: Sequence[_Ratio], limit: Any, factor: Any) -> list[bool]:
    """For each step of the second half: does the distance to the limit (or the increment) shrink by the factor?

    A distance that may be rounding counts as shrunk.
    """
    if limit is None:
        steps = [_Ratio(abs(b.value - a.value), a.noise + b.noise) for a, b in pairwise(ratios)]
    else:
        steps = [_Ratio(abs(r.value - limit), r.noise) for r in ratios]
    late = steps[len(steps) // 2 - 1 :]
    return [b.value <= factor * a.value or b.value <= b.noise for a, b in pairwise(late)]


def decay(
    name: str,
    reference: Route,
    variable: sp.Symbol,
    values: Sequence[Any],
    points: Iterable[Mapping[sp.Symbol, Any]] = ({},),
    *,
    error: sp.Expr,
    method: str,
    limit: Callable[[Point], sp.Expr] | None = None,
    smaller: Route | None = None,
    factor: Fraction = Fraction(9, 10),
    digits: int = 30,
    formula: Formula = rhs_number,
    sees: Sight | None = None,
) -> Check:
    r"""For :math:`f = \text{main} + O(g)`: the ratio :math:`(f - \text{main})/g` settles over many doublings.

    ``reference(point, digits)`` gives :math:`f` where ``point`` also sets ``variable``; ``values`` (at least six,
    each at least twice the one before, or at most half of it) lead towards the limit; ``error`` is :math:`g`.  Over
    the second half of the values each increment of the ratio has to be at most ``factor`` (below 1) times the one
    before.  A term larger than :math:`g` that is missing or wrong, even by a logarithm, leaves increments that do not
    shrink.  With ``limit(point)`` the distance from that value has to shrink instead, which also fixes the
    coefficient of :math:`g`.

    ``smaller(point, digits)`` is a sum of terms that are known to be of smaller order than :math:`g` (further terms of
    the expansion, say).  They are taken off first, so that the ratio settles early and small mistakes show; that they
    are smaller is itself checked, so they cannot hide an error.

    The check cannot see below :math:`g`, and the negative control takes that into account: a mistake is out of sight
    when its own effect, divided by :math:`g`, settles (or tends to 0, where a limit is given).  ``sees(statement,
    perturbed)`` replaces that rule.
    """
    if not 0 < factor < 1:
        raise InputError(f"factor = {factor} must lie strictly between 0 and 1")
    exact, shrink = _doubling(values, variable), sp.Rational(factor.numerator, factor.denominator)
    settings = effective_points(points)
    route = _remembered(reference)
    known = _remembered(smaller or (lambda point, digits: 0))

    def grid(point: Point) -> list[dict[sp.Symbol, sp.Expr]]:
        return [exact_point({**point, variable: v}) for v in exact]

    def over_error(point: Point, value: Any) -> _Ratio:
        scale = as_mpf(error.subs(point))
        return _Ratio(value / scale, abs(route(point, digits) / scale) * mpmath.mpf(10) ** (2 - digits))

    def ratios(statement: sp.Basic, setting: Point, quantity: Route) -> list[_Ratio] | None:
        """(quantity - main)/g along the values; ``None`` where the statement gives no real number somewhere."""
        found = []
        for point in grid(setting):
            main = _formula_value(formula, statement, point, digits)
            if main is None:
                return None
            found.append(over_error(point, quantity(point, digits) - main))
        return found

    def remainder(point: Point, digits: int) -> Any:
        return route(point, digits) - known(point, digits)

    def smaller_vanish(setting: Point) -> bool:
        """Whether the terms taken off are really of smaller order than g."""
        if smaller is None:
            return True
        return all(_settles([over_error(p, known(p, digits)) for p in grid(setting)], mpmath.mpf(0), as_mpf(shrink)))

    def verdicts(statement: sp.Basic) -> Iterator[Verdict]:
        for point in settings:
            with mpmath.workdps(digits + _GUARD):
                if not smaller_vanish(point):
                    raise InputError("the terms given as smaller are not of smaller order than the error term")
                found = ratios(statement, point, remainder)
                goal = None if limit is None else as_mpf(limit(point))
                steps = [False] if found is None else _settles(found, goal, as_mpf(shrink))
            for step in steps:
                yield Verdict(step, point_text(point))

    def differs(statement: sp.Basic, perturbed: sp.Basic) -> bool:
        """Whether the mistake's own effect, divided by g, fails to settle."""
        goal = None if limit is None else mpmath.mpf(0)
        with mpmath.workdps(digits + _GUARD):
            for point in settings:
                found = ratios(perturbed, point, lambda p, d: _formula_value(formula, statement, p, d))
                if found is None or not all(_settles(found, goal, as_mpf(shrink))):
                    return True
        return False

    return Check(name, "decay", method, verdicts, sees=sees or differs)
