r"""A constant read off: iterate until the straightening series converges fast, and evaluate it there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.difference.classes.straight_map import Straight, StraightMap, log10_omitted
from derive.difference.near_point.series_function import SeriesFunction
from derive.difference.series import powerseries as ps
from derive.difference.series.magnitude import log10_size, log10_upper, shown
from derive.errors import DomainError, PrecisionError

__all__ = ["Read", "approach", "read"]

_BITS_PER_DIGIT = math.log2(10)
_PATIENCE = 200_000
_CHECK = 512
_EXACT_STEPS = 6
_NEAR = 1e-3  # a start counts as being where it is
_TINY = 1e-6
_SHORT = 60  # operations of a state that may be simplified to see whether it is the point
_FAR = 1_000_000  # bits of a state that will not come back
_FOLLOWED = 20  # right bits of a state that is still followed
_MOST_BITS = 200_000  # of an orbit that wanders before it is attracted


@dataclass(frozen=True)
class Read:
    """A constant read off after m steps: t of the start (log of it in the doubly geometric class).

    ``truncated`` says whether the error is that of the series cut off rather than that of rounding, ``on_the_point``
    whether the orbit falls onto the fixed point itself.
    """

    value: Any
    steps: int
    log10_error: float
    straight: Straight
    truncated: bool = False
    on_the_point: bool = False


def read(what: StraightMap, start: sp.Expr, digits: int) -> Read:
    """The straightened start with a relative error (of its logarithm, if doubly geometric) below 10**-digits."""
    extra, closer = 0, 0.0
    for _ in range(10):
        found = _read(what, start, digits, extra, closer)
        if found.log10_error <= -digits:
            return found
        if found.truncated:
            closer = 2 * closer + 0.5
            continue
        extra += max(20, int(min(found.log10_error + digits, 10 * digits) * _BITS_PER_DIGIT) + 10)
    raise PrecisionError(
        f"the constant of {what.recurrence} from x0 = {start} came out with error 1e{found.log10_error:.0f}; "
        "ask for fewer digits"
    )


def _read(what: StraightMap, start: sp.Expr, digits: int, extra: int, closer: float) -> Read:
    from flint import ctx

    size = what.size(digits)
    bits = int(digits * _BITS_PER_DIGIT * 1.1) + 96 + extra
    straight = what.straight(size, bits)
    series, degree = straight.forward, what.degree
    goal = min(what.goal(series, digits), _here(what, start)) - closer
    steps, w = approach(what, start, goal, bits - int(goal * _BITS_PER_DIGIT * abs(what.chart.power)))
    with ctx.workprec(bits):
        if w is None:
            return Read(0, steps, -math.inf, straight, on_the_point=True)
        t, lead = ps.evaluate(series[:-2], w), what.multiplier()
        left_out = max(
            *(log10_upper(c * w**j) for j, c in list(enumerate(series))[-2:]),
            log10_omitted(series, log10_upper(w)),
            what.log10_defect(series, w, bits),
        )
        rounding = log10_upper(t - t.mid())
        error = max(left_out, rounding) - log10_size(t)
        if degree == 1:
            return Read(t / lead**steps, steps, error, straight, left_out > rounding)
        level = (t.log() + lead.log() / (degree - 1)) / degree**steps
        error -= steps * math.log10(degree) + min(log10_size(level), 0)
        return Read(level, steps, error, straight, left_out > rounding)


def _here(what: StraightMap, start: sp.Expr) -> float:
    """log10 of w at the start."""
    from flint import ctx

    from derive.numerics import to_arb

    with ctx.workprec(128):
        w = what.to_w(to_arb(start))
        return log10_upper(w) + _NEAR if w is not None and w.is_finite() and not w.contains(0) else math.inf


class _LostPrecision(Exception):
    """The ball of the state has become too wide to follow."""


def approach(what: StraightMap, start: sp.Expr, goal: float, bits: int) -> tuple[int, Any]:
    """``(m, w_m)`` with |w_m| below 10**goal; w is None where the orbit falls onto the point.

    An orbit that wanders before it is attracted is begun again with more bits.
    """
    while True:
        try:
            return _approach(what, start, goal, bits)
        except _LostPrecision:
            if bits > _MOST_BITS:
                raise PrecisionError(
                    f"the orbit of x0 = {start} under {what.recurrence} is so irregular that {bits} bits do not "
                    "suffice to follow it; start closer to the point"
                ) from None
            bits *= 2


def _approach(what: StraightMap, start: sp.Expr, goal: float, bits: int) -> tuple[int, Any]:
    from flint import arb, ctx

    from derive.numerics import to_arb

    chart = what.chart
    with ctx.workprec(bits):
        edge, far = arb(10) ** arb(goal), arb(2) ** _FAR
        x, before = to_arb(start), None
        for m in range(_PATIENCE):
            w = what.to_w(x)
            if w is None or (abs(w) < _TINY and w.contains(0) and _lands(what, start, m)):
                return m, None
            if w.is_finite() and abs(w) < edge:
                return m, w
            if _is_lost(x, chart.gap(x)):
                raise _LostPrecision
            if m % _CHECK == _CHECK - 1 and before is not None and (x - before).contains(0):
                break
            if not x.is_finite() or (abs(x) < 1 / far and x != 0 if chart.at_infinity else abs(x) > far):
                break
            before, x = x, what.step(x, bits)
    if not x.is_finite() and before is not None:
        raise DomainError(
            f"the orbit of x0 = {start} leaves the domain of {what.recurrence}: x_{m - 1} = "
            f"{shown(before)} has no real image; choose another start"
        )
    if m == _PATIENCE - 1 and w.is_finite() and before is not None and abs(what.to_w(x)) < abs(w):
        raise PrecisionError(
            f"the orbit of x0 = {start} under {what.recurrence} is still at {shown(x)} after {m + 1} "
            "steps: the multiplier is too close to 1 for the series; start closer to the point"
        )
    raise DomainError(
        f"the orbit of x0 = {start} under {what.recurrence} does not come close to the point: "
        f"x_{m} = {shown(x)}; choose another start"
    )


def _is_lost(x: Any, gap: Any) -> bool:
    """Whether a state has become a wide ball; one around the point itself is none while it is small."""
    if x.is_exact() or not x.is_finite():
        return False
    return bool(gap.rad() > _TINY) if gap.contains(0) else bool(x.rel_accuracy_bits() < _FOLLOWED)


def _lands(what: StraightMap, start: sp.Expr, m: int) -> bool:
    """Whether x_m is the fixed point exactly; decided for the first steps only."""
    F, x = what.recurrence.F, start
    if isinstance(F, SeriesFunction) or m > _EXACT_STEPS:
        return False
    for _ in range(m):
        x = F.subs(what.recurrence.x, x)
        if x.count_ops() > _SHORT:
            return False
        x = sp.simplify(x)
    return not what.chart.at_infinity and bool(sp.simplify(x - what.chart.point) == 0)
