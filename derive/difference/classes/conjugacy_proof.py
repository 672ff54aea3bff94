r"""Enclosures of the constant in the geometric and the doubly geometric class.

**Geometric.**  Let :math:`w' = g(w)` be analytic for :math:`|w| \le \rho` with :math:`g(0) = 0`, :math:`g'(0) = \mu`,
and
:math:`S = \sup_{|w|=\rho} |g| < \rho`.  Schwarz's lemma gives :math:`|g(w)| \le \kappa |w|`, :math:`\kappa = S/\rho`.
Let
:math:`\sigma_N` be Schroeder's series cut after :math:`w^N`.  Its defect :math:`D = \sigma_N(g) - \mu\sigma_N` vanishes
to order N + 1 by construction of the coefficients, so :math:`|D(w)| \le B (|w|/\rho)^{N+1}` with
:math:`B = \sum_j |s_j| (S^j + |\mu| \rho^j)`; and since :math:`\sigma = \lim \mu^{-m} \sigma_N(g^m)`,

.. math:: |\sigma(w) - \sigma_N(w)| \le \frac{B\,(|w|/\rho)^{N+1}}{|\mu| - \kappa^{N+1}} \qquad (\kappa^{N+1} < |\mu|).

**Doubly geometric.**  Let :math:`g = a w^d u(w)` with u analytic and :math:`|u^{\pm1} - 1| \le \delta < 1` on the disc,
and
:math:`|a| \rho^{d-1} \le 1 - \delta`, so that g maps the disc into itself.  The defect
:math:`D = S_N - (\log u + S_N(g))/d` vanishes to order N + 1, :math:`|D(w)| \le B (|w|/\rho)^{N+1}` with
:math:`B = (1 + 1/d) \sum_j |s_j| \rho^j - \log(1-\delta)/d`, and :math:`|S - S_N| \le B (|w|/\rho)^{N+1}/(1 - 1/d)`.

Every hypothesis is checked with balls on the circle; analyticity inside is proved by
:class:`~derive.difference.near_point.germ.Germ`. The orbit up to :math:`w_m` is enclosed from the exact start.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.difference.near_point.germ import Germ, Inconclusive
from derive.difference.near_point.series_function import SeriesFunction
from derive.difference.proofs.disc import _cover, _Failed
from derive.difference.proofs.enclosure import Condition, Enclosure
from derive.difference.series import powerseries as ps
from derive.difference.series.magnitude import log10_size, log10_upper
from derive.errors import CertificationError, UnsupportedError

if TYPE_CHECKING:
    from derive.difference.classes.conjugacy_numbers import ConjugacyNumbers

__all__ = ["prove_constant"]

_LOW_BITS = 96
_BITS_PER_DIGIT = math.log2(10)


def prove_constant(numbers: ConjugacyNumbers, start: sp.Expr, digits: int) -> Enclosure:
    """The constant in a ball of relative radius below 10**-digits, with the conditions that were shown."""
    rec = numbers.recurrence
    if isinstance(rec.F, SeriesFunction):
        raise CertificationError(f"{rec} is known by a series only; constants of this class need F as an expression")
    if numbers.chart.root > 1:
        raise CertificationError(f"{rec} has fractional powers at the point; substitute a power of the variable first")
    disc = _geometric_disc(numbers) if numbers.degree == 1 else _power_disc(numbers)
    extra = 4
    for _ in range(8):
        ball, margin, steps, size = _attempt(numbers, disc, start, digits + extra)
        lost = log10_upper(ball - ball.mid()) - log10_size(ball)
        if lost < -digits:
            return Enclosure.of(
                f"c(x0 = {start}) of {rec}", ball, (*disc.conditions, *_orbit_conditions(margin, steps, size))
            )
        extra += int(min(lost + digits, 10 * digits)) + 3
    raise CertificationError(f"the constant from x0 = {start} was enclosed in {ball.str(6)} only; ask for fewer digits")


class _Disc:
    """A radius, what bounds the map there, and the conditions shown."""

    def __init__(self, radius: Any, bound: Any, conditions: tuple[Condition, ...]) -> None:
        self.radius, self.bound, self.conditions = radius, bound, conditions


def _germ(numbers: ConjugacyNumbers) -> Germ:
    F = numbers.recurrence.F
    moved = F if numbers.chart.at_infinity else F - numbers.chart.point
    return Germ(moved, numbers.recurrence.x, numbers.chart)


def _radii(numbers: ConjugacyNumbers) -> list[Any]:
    from flint import arb

    series = numbers.straight(16, 128).forward
    scale = min((-log10_upper(c) / (j - 1) for j, c in enumerate(series) if j > 1 and not ps.is_zero(c)), default=0.0)
    start = round(scale * math.log2(10))
    return [arb(2) ** i for i in range(start + 2, start - 40, -1)]


def circle_sup(germ: Germ, radius: Any, size_of: Callable[[Any, Any], Any], wanted: Any) -> Any:
    """The supremum of ``size_of(value, z)`` over the circle if it is proved to be below ``wanted``, else None."""
    from flint import acb

    try:
        (sample,) = germ.on_circle([acb(radius)])
        if not size_of(sample, acb(radius)) < wanted:
            return None
        return _cover(germ, radius, size_of, wanted)[0]
    except (_Failed, Inconclusive, CertificationError, UnsupportedError):
        return None


def _geometric_disc(numbers: ConjugacyNumbers) -> _Disc:
    """|g| <= S < rho on the circle: g is w' itself, or 1/w' at infinity."""
    from flint import ctx

    germ = _germ(numbers)
    with ctx.workprec(_LOW_BITS):
        mu = abs(numbers.multiplier()).upper()
        goal = (1 + mu) / 2
        for radius in _radii(numbers):
            if numbers.chart.at_infinity:
                # |F(1/z)| >= 1/(goal rho): through z F(z) close to its value at 0, which has no zero then
                lead = 1 / numbers.multiplier()
                sup = circle_sup(germ, radius, lambda v, z: abs(v * z / lead - 1), (1 - mu / goal).lower())  # noqa: B023
                bound = None if sup is None else (mu * radius / (1 - sup)).upper()
            else:
                bound = circle_sup(germ, radius, lambda v, z: abs(v), (goal * radius).lower())
            if bound is not None and bound < goal * radius * 1.001:
                kappa = (bound / radius).upper()
                said = Condition(
                    f"the map is analytic for |w| <= {radius.str(5, radius=False)} and |w'| <= kappa |w|, kappa < 1",
                    f"kappa <= {kappa.str(8, radius=False)}",
                )
                return _Disc(radius, bound, (said,))
    raise CertificationError(f"no disc was found on which {numbers.recurrence} is proved to contract")


def _power_disc(numbers: ConjugacyNumbers) -> _Disc:
    """|u**(+-1) - 1| <= delta and a rho**(d-1) <= 1 - delta."""
    from flint import ctx

    germ, chart, d = _germ(numbers), numbers.chart, numbers.degree
    with ctx.workprec(_LOW_BITS):
        a = numbers.multiplier()

        def distance(v: Any, z: Any) -> Any:
            ratio = v * chart.side * a * z**d if chart.at_infinity else v * chart.side / (a * z**d)
            return abs(ratio - 1)

        for radius in _radii(numbers):
            delta = circle_sup(germ, radius, distance, 0.6)
            if delta is not None and (abs(a) * radius ** (d - 1)).upper() < 1 - delta:
                said = Condition(
                    f"w' = a w**{d} u(w) with u analytic and |u - 1| or |1/u - 1| <= delta for "
                    f"|w| <= {radius.str(5, radius=False)}, a disc mapped into itself",
                    f"delta <= {delta.str(8, radius=False)}",
                )
                return _Disc(radius, delta, (said,))
    raise CertificationError(f"no disc was found on which {numbers.recurrence} is proved to be close to a power")


def _attempt(numbers: ConjugacyNumbers, disc: _Disc, start: sp.Expr, digits: int) -> tuple[Any, Any, int, int]:
    """``(ball of c, bound of the truncation, steps, N)``."""
    from flint import arb, ctx

    size = 24 + digits // 3
    bits = int(1.2 * digits * _BITS_PER_DIGIT) + 160
    straight = numbers.straight(size + 1, bits)
    goal = log10_size(disc.radius) - (digits + 3) / size
    steps, w = numbers._approach(start, goal, bits)
    if w is None:
        return arb(0), arb(0), steps, size
    with ctx.workprec(bits):
        mu, d = numbers.multiplier(), numbers.degree
        if d == 1:
            margin = _geometric_margin(straight.forward, disc, mu, abs(w))
            t = ps.evaluate(straight.forward, w) + margin * arb(0, 1)
            return numbers.normalised(t / mu**steps), margin, steps, size
        series = [0 if ps.is_zero(c) else c for c in ps.log(straight.forward[1:], size)]
        margin = _power_margin(series, disc, d, abs(w))
        level = w.log() + mu.log() / (d - 1) + ps.evaluate(series, w) + margin * arb(0, 1)
        return numbers.normalised(level / d**steps), margin, steps, size


def _geometric_margin(series: list[Any], disc: _Disc, mu: Any, w: Any) -> Any:
    order = len(series)  # N + 1
    total = sum((abs(c) * (disc.bound**j + abs(mu) * disc.radius**j) for j, c in enumerate(series)), mu * 0)
    gap = abs(mu) - (disc.bound / disc.radius) ** order
    if not gap > 0 or not w < disc.radius:
        raise CertificationError("the series is too short, or the orbit not close enough, for the bound to hold")
    return (total * (w / disc.radius) ** order / gap).upper()


def _power_margin(series: list[Any], disc: _Disc, d: int, w: Any) -> Any:
    order = len(series)
    total = sum((abs(c) * disc.radius**j for j, c in enumerate(series)), w * 0) * (d + 1) / d
    total = total - (1 - disc.bound).log() / d
    if not w < disc.radius:
        raise CertificationError("the orbit has not come close enough for the bound to hold")
    return (total * (w / disc.radius) ** order * d / (d - 1)).upper()


def _orbit_conditions(margin: Any, steps: int, size: int) -> tuple[Condition, ...]:
    return (
        Condition(f"the orbit is enclosed for {steps} steps and lies inside the disc then", f"w_{steps} in a ball"),
        Condition(
            f"the series cut after w**{size} differs from the function by at most E there", f"E <= {margin.str(4)}"
        ),
    )
