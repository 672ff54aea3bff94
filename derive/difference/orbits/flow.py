r"""Far starts of a map close to the identity: integrate instead of iterating.

Where :math:`F(x) - x` is small against the scale on which F varies, millions of steps may lead from the start to where
the Abel series is accurate.  Between, the map is the time-one flow of a vector field,

.. math:: v = \log(1 + \Delta)\,x = \Delta x - \tfrac12 \Delta^2 x + \tfrac13 \Delta^3 x - \dots,
          \qquad A(x_b) - A(x_a) = \int_{x_a}^{x_b} \frac{dx}{v(x)},

with the forward differences :math:`\Delta^j x` of x, F(x), F(F(x)), ...  Each difference is smaller than the one before
by about F' - 1, so that a handful gives many digits.  The series for v is asymptotic, like that of A; its first omitted
term estimates the error.  The integral is taken in the logarithm of the distance from the fixed point (of x, at
infinity) by Clenshaw and Curtis's rule on panels.

Sums of a function g along the orbit are found on the way: with :math:`H(F) - H = g`, so :math:`\Delta H = g`,

.. math:: \frac{dH}{dn} = \frac{\log(1 + \Delta)}{\Delta}\,g = g - \tfrac12 \Delta g + \tfrac13 \Delta^2 g - \dots,
          \qquad H(x_b) - H(x_a) = \int_{x_a}^{x_b} \frac{dH}{dn}\,\frac{dx}{v(x)} .

Source: the vector field is Ecalle's formal infinitesimal generator; :math:`\log(1 + \Delta) = d/dn` is Gregory's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from derive.difference.orbits.numeric_map import NumericMap
from derive.difference.series.magnitude import log10_size, log10_upper

__all__ = ["Blocked", "NotSlow", "along", "slowness", "state_on_flow", "steps_ahead"]

_MOST_DIFFERENCES = 40


class NotSlow(Exception):
    """The map is not close enough to the identity here."""


class Blocked(NotSlow):
    """The path does not lead to the fixed point, wherever it is begun."""


def slowness(what: NumericMap, x: Any, bits: int) -> float:
    """log10 of the second difference over the first, about log10 |F' - 1|; 1 where there is none."""
    from flint import ctx

    with ctx.workprec(max(bits, 128)):
        y = what.step(x.mid())
        first, second = y - x.mid(), what.step(y.mid()) - y
        if not (first.is_finite() and second.is_finite()):
            return 1.0
        return min(log10_size(second - first) - log10_size(first), 1.0)


def steps_ahead(what: NumericMap, x: Any) -> float:
    """log10 of about how many steps it takes to change the distance from the point by its own size."""
    from flint import ctx

    with ctx.workprec(128):
        gap, ahead = what.chart.gap(x.mid()), what.chart.gap(what.step(x.mid()))
        if not ahead.is_finite() or (ahead - gap).contains(0):
            return 0.0
        return log10_size(gap) - log10_size(ahead - gap)


def along(
    what: NumericMap, x: Any, last: Any, target: float, bits: int, g: Callable[[Any], Any] | None = None
) -> tuple[list[Any], float]:
    """``([A(x_b) - A(x)], log10 of the estimated error)`` for the x_b whose gap is ``last``, aiming at 10**-target.

    Where g is given, H(x_b) - H(x) is added to the list, H(F) - H = g.  Raises NotSlow where the map is not slow, or
    does not move towards the fixed point, all the way.
    """
    from flint import arb, ctx

    with ctx.workprec(bits):
        gap = what.chart.gap(x.mid())
        size = max(what.scale_of_gap(last), log10_size(gap) * -what.k / what.chart.power, 0.0)
        digits = target + size
        if g is not None:
            digits += max(0.0, *(log10_upper(g(y)) for y in (x.mid(), what.chart.gap_to_x(last).mid())))
        field = _Field(what, digits, bits, logarithmic=bool(gap > 0), g=g)
        rule = _Rule(int(1.3 * digits) + 10)
        start, end = field.coordinate(gap), field.coordinate(last)
        count = max(1, math.ceil(abs(float((end - start).mid()))))
        pieces = list(pairwise(start + (end - start) * i / count for i in range(count + 1)))[::-1]
        totals, panels = [arb(0)] * (1 if g is None else 2), 0
        while pieces:
            a, b = pieces.pop()
            panels += 1
            parts, accurate = rule.integrate(field, a, b, target + math.log10(count + 1))
            if accurate and not parts[0] > 0:
                raise Blocked("the map does not move towards the fixed point everywhere between")
            if accurate:
                totals = [total + part for total, part in zip(totals, parts, strict=True)]
                continue
            if panels > 20 * count + 100:
                raise Blocked("too many panels")
            pieces += [((a + b) / 2, b), (a, (a + b) / 2)]
        return totals, max(-target, *(log10_upper(total - total.mid()) for total in totals))


def state_on_flow(what: NumericMap, n: int, start: Any, known: Any, digits: int) -> Any:
    """x_n with A(x_n) = n + c, for a level at which the Abel series of the constant ``known`` is not yet accurate.

    Newton's method in the coordinate of :class:`_Field`: A by integration to a point at which the series holds, its
    slope from the vector field.  ``start`` is an iterate at or before x.
    """
    from flint import arb, ctx

    bits = known.bits * 2 + 64
    log10_w = (what.log10_lead() - known.level) / what.k
    with ctx.workprec(bits):
        level, gap = known.value.mid() + n, what.chart.gap(start.mid())
        field = _Field(what, digits + 3, bits, logarithmic=bool(gap > 0))
        last = arb(10) ** arb(log10_w * what.chart.power)
        near, far, end = field.coordinate(gap).mid(), field.coordinate(last).mid(), what.chart.gap_to_x(last)
        u = ((near + far) / 2).mid()
        for _ in range(60):
            (passed,), _ = along(what, field.state(u), last, digits + 3, bits)
            missing = level - known.series.value(what.chart.to_w(end), known.order) + passed
            near, far = (u, far) if missing > 0 else (near, u)
            new = (u + missing / field(u)[0]).mid()
            if not min(near, far) < new < max(near, far):
                new = ((near + far) / 2).mid()
            if log10_upper(new - u) < -digits - 2 or missing.contains(0):
                return field.state(new)
            u = new
    raise NotSlow("Newton's method on the flow did not settle")


class _Field:
    """u -> dA/du, and dH/du where g is given, in a coordinate u of the gap.

    u is the gap's logarithm, or asinh of the gap for a path that starts behind 0.
    """

    def __init__(
        self, what: NumericMap, digits: float, bits: int, logarithmic: bool, g: Callable[[Any], Any] | None = None
    ) -> None:
        self.what, self.digits, self.bits, self.logarithmic, self.g = what, digits, bits, logarithmic, g
        if not (logarithmic or what.chart.at_infinity):
            raise NotSlow("the start lies on the other side of the fixed point")

    def coordinate(self, gap: Any) -> Any:
        """u of a gap."""
        return gap.log() if self.logarithmic else gap.asinh()

    def state(self, u: Any) -> Any:
        """x of a coordinate, a point."""
        return self.what.chart.gap_to_x((u.exp() if self.logarithmic else u.sinh()).mid()).mid()

    def __call__(self, u: Any) -> list[Any]:
        u = u.mid()
        slope = u.exp() if self.logarithmic else u.cosh()
        orbit = [self.state(u)]
        speed = slope * self.what.chart.side / self._by_differences(orbit, lambda x: x, 1)
        return [speed] if self.g is None else [speed, speed * self._by_differences(orbit, self.g, 0)]

    def _by_differences(self, orbit: list[Any], function: Callable[[Any], Any], first: int) -> Any:
        """log(1 + Delta) of the identity (``first`` = 1), or log(1 + Delta)/Delta of g (0), to the digits asked.

        ``orbit`` is a start with its images so far; more are added as they are needed.
        """
        x = orbit[0]
        row: list[Any] = []
        sizes, total = [math.inf, math.inf], x * 0
        for j in range(_MOST_DIFFERENCES):
            if j == len(orbit):
                orbit.append(self.what.step(orbit[-1]).mid())
            new = function(orbit[j])
            for i, entry in enumerate(row):
                row[i], new = new, new - entry
            row.append(new)
            if j < first:
                continue
            place = j + 1 - first
            term = new / (place if place % 2 else -place)
            total = total + term
            size = log10_size(term)
            sizes.append(size)
            largest = max(sizes[2:])  # g may vanish at the start itself
            if max(sizes[-2:]) < largest - self.digits or (largest == -math.inf and len(sizes) > 6):
                return total
            if not new.is_finite() or size > max(sizes[-3:-1]) - 0.3:  # one difference may vanish by chance
                break
        raise NotSlow("the differences do not decrease fast enough")


class _Rule:
    """Clenshaw and Curtis's rule with an estimate from the decay of the Chebyshev coefficients."""

    def __init__(self, nodes: int) -> None:
        from flint import arb

        self.n = nodes
        angles = [arb(2 * i + 1) / (2 * nodes) for i in range(nodes)]
        self.rows = [[(u * j).cos_pi() for u in angles] for j in range(nodes)]

    def integrate(self, field: _Field, a: Any, b: Any, target: float) -> tuple[list[Any], bool]:
        """``(integrals, whether their errors are estimated below 10**-target)``."""
        half, middle = (b - a) / 2, (a + b) / 2
        columns = list(zip(*(field(middle + half * u) for u in self.rows[1]), strict=True))
        found = [self._integral(values, half) for values in columns]
        return [total for total, _ in found], all(tail < -target for _, tail in found)

    def _integral(self, values: Sequence[Any], half: Any) -> tuple[Any, float]:
        """The integral, and log10 of the largest of the last coefficients."""
        total, tail = half * 0, -math.inf
        for j, row in enumerate(self.rows):
            if j % 2 and j < self.n - 4:
                continue
            c = sum((v * u for v, u in zip(values, row, strict=True)), half * 0) * 2 / self.n
            if j % 2 == 0:
                total = total + c * (1 if j == 0 else 2) / (1 - j * j) * half
            if j >= self.n - 4:
                tail = max(tail, log10_upper(c * half))
        return total, tail
