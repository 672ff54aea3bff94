r"""From thousands of layers to any depth: the layer map as a flow in logarithms.

Far along the orbit the map is the time-one flow of a vector field: for any quantity f along the orbit

.. math:: \frac{df}{dn} = \log(1+\Delta) f = \Delta f - \tfrac12\Delta^2 f + \dots, \qquad
          \sum_{i<n} f_i = \int \frac{\log(1+\Delta)}{\Delta} f\,dn .

The differences of :math:`\log P` fall like powers of 1/n, so a dozen of them give thirty digits after some thousand
layers, whatever the degree; resonances play no part.  The layer number and sums are integrals over :math:`u = \log P`
(Chebyshev panels); the correlation solves an equation :math:`d\eta/du = \psi(u, \eta)` (extrapolated midpoint rule of
Gragg, Bulirsch and Stoer).  Errors are estimates, from the decay of the coefficients and of the extrapolation.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import Any

from flint import arb, ctx

from derive.errors import PrecisionError

__all__ = ["NotSlow", "Panels", "extrapolated", "velocities"]

_MOST_DIFFERENCES = 26


class NotSlow(Exception):
    """The orbit is not yet slow enough for the digits asked for."""


def velocities(orbit: Any, digits: float) -> list[Any]:
    """d/dn of each coordinate of the states that ``orbit`` yields, at the first of them.

    Differences are added until they fall below 10**-digits of the first coordinate's.  Raises :class:`NotSlow`.
    """
    orbit = iter(orbit)
    rows = [[x] for x in next(orbit)]
    totals, small, before, earlier = [x * 0 for (x,) in rows], None, math.inf, math.inf
    for j, state in enumerate(islice(orbit, _MOST_DIFFERENCES), start=1):
        size = -math.inf
        for k, new in enumerate(state):
            row = rows[k]
            for i, entry in enumerate(row):
                row[i], new = new, new - entry
            row.append(new)
            term = new / (j if j % 2 else -j)
            totals[k] += term
            size = max(size, _log10(term))
        small = _log10(rows[0][1]) - digits if small is None else small
        if max(size, before) < small:
            return [t.mid() for t in totals]
        if j > 4 and size > max(before, earlier) - 0.2:  # one difference may vanish by chance
            break
        before, earlier = size, before
    raise NotSlow


def mean_over_step(values: list[Any]) -> Any:
    """The density whose integral over n is the sum of the sequence: f - Delta f/2 + Delta^2 f/3 - ..."""
    row, total = list(values), values[0] * 0
    for j in range(len(values)):
        total += row[0] / (j + 1 if j % 2 == 0 else -j - 1)
        row = [b - a for a, b in pairwise(row)]
    return total.mid()


def _log10(x: Any) -> float:
    if x.is_zero():
        return -math.inf
    mantissa, exponent = x.mid().man_exp()
    return (int(mantissa).bit_length() + int(exponent)) * math.log10(2) if int(mantissa) else -math.inf


@dataclass
class Panels:
    """Integrals over z of densities dn/dz, dS/dz, ... from a start on, panel by panel; n increases with z.

    ``density(z)`` returns the list.  Panels are kept, so that further depths cost little.
    """

    density: Callable[[Any], list[Any]]
    begin: Any
    totals: list[Any]
    digits: float
    bits: int
    width: float = 1.0
    made: list[tuple[Any, Any, list[Any], list[list[Any]]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.count = int(1.1 * self.digits) + 10
        with ctx.workprec(self.bits):
            self.rows = [
                [(arb(j * (2 * i + 1)) / (2 * self.count)).cos_pi() for i in range(self.count)]
                for j in range(self.count)
            ]

    def at(self, n: int) -> tuple[Any, list[Any]]:
        """z where the layer number is n, and the integrals up to there."""
        with ctx.workprec(self.bits):
            while not self.made or not self._end()[1][0] >= n:
                self._extend()
            z, half, totals, series = next(p for p in self.made if self._after(p)[0] >= n)
            return self._inside(n, z, half, totals, series)

    def _end(self) -> tuple[Any, list[Any]]:
        if not self.made:
            return self.begin, self.totals
        z, half, _, _ = self.made[-1]
        return (z + 2 * half).mid(), self._after(self.made[-1])

    def _after(self, panel: Any) -> list[Any]:
        _, half, totals, series = panel
        return [(t + half * sum(s, arb(0))).mid() for t, s in zip(totals, series, strict=True)]

    def _extend(self) -> None:
        z, totals = self._end()
        for _ in range(60):
            half = (arb(self.width) / 2).mid()
            values = [self.density(((z + half) + half * t).mid()) for t in self.rows[1]]
            found = [self._integrated(column) for column in zip(*values, strict=True)]
            if all(good for _, good in found):
                self.made.append((z, half, totals, [series for series, _ in found]))
                self.width *= 1.3
                return
            self.width *= 0.6
        raise PrecisionError("the flow could not be integrated: its panels do not settle; ask for fewer digits")

    def _integrated(self, values: Any) -> tuple[list[Any], bool]:
        """The integral from -1 as Chebyshev coefficients, and whether those of the values have died out."""
        n = self.count
        c = [(sum((v * u for v, u in zip(values, row, strict=True)), arb(0)) * 2 / n).mid() for row in self.rows]
        c[0] = c[0] / 2
        size = max(_log10(x) for x in c)
        good = max(_log10(x) for x in c[-4:]) < size - self.digits
        c += [arb(0), arb(0)]
        out = [arb(0)] * (n + 1)
        for j in range(1, n + 1):
            before = 2 * c[0] if j == 1 else c[j - 1]
            out[j] = ((before - c[j + 1]) / (2 * j)).mid() if j + 1 < len(c) else (before / (2 * j)).mid()
        out[0] = -sum(((-1) ** j * out[j] for j in range(1, n + 1)), arb(0)).mid()
        return out, good

    def _inside(self, n: int, z: Any, half: Any, totals: list[Any], series: list[list[Any]]) -> tuple[Any, list[Any]]:
        """Bisection, then the secant rule, on the polynomial for the layer number."""
        number = lambda t: totals[0] + half * clenshaw(series[0], t) - n  # noqa: E731
        low, high = arb(-1), arb(1)
        f_low, f_high = number(low), number(high)
        for _ in range(400):
            t = (low - f_low * (high - low) / (f_high - f_low)).mid()
            width = high - low
            f = number(t)
            if _log10(f) < math.log10(n) - self.digits - 3 or _log10(width) < -self.digits - 3:
                break
            middle = ((low + high) / 2).mid()
            low, high, f_low, f_high = (t, high, f, f_high) if f < 0 else (low, t, f_low, f)
            if (high - low) > width / 2:
                f = number(middle)
                low, high, f_low, f_high = (middle, high, f, f_high) if f < 0 else (low, middle, f_low, f)
        where = [(total + half * clenshaw(s, t)).mid() for total, s in zip(totals, series, strict=True)]
        return (z + half * (1 + t)).mid(), where


def clenshaw(c: list[Any], t: Any) -> Any:
    """The Chebyshev sum at t."""
    b1, b2 = arb(0), arb(0)
    for a in reversed(c[1:]):
        b1, b2 = (2 * t * b1 - b2 + a).mid(), b1
    return (t * b1 - b2 + c[0]).mid()


def extrapolated(slope: Callable[[Any, Any], Any], u: Any, eta: Any, end: Any, digits: float, bits: int) -> Any:
    """eta at ``end`` for d eta/du = slope(u, eta), absolute error near 10**-digits per unit (estimate)."""
    step, columns = 0.5, max(6, int(digits / 2.6) + 2)
    with ctx.workprec(bits):
        while not u >= end:
            h = arb(step).mid() if u + step < end else (end - u).mid()
            found = _one_step(slope, u, eta, h, digits, columns)
            if found is None:
                step *= 0.5
                if step < 1e-4:
                    raise PrecisionError("the correlation could not be followed along the flow; ask for fewer digits")
                continue
            eta, used = found
            u = (u + h).mid()
            step *= 1.6 if used < 0.6 * columns else 1.2 if used < 0.85 * columns else 0.9
        return eta


def _one_step(slope: Any, u: Any, eta: Any, h: Any, digits: float, columns: int) -> tuple[Any, int] | None:
    """Midpoint rules with 2, 4, 6, ... steps, extrapolated in the square of the step."""
    first = slope(u, eta)
    table: list[Any] = []
    for k in range(1, columns + 1):
        n = 2 * k
        small = h / n
        before, now = eta, (eta + small * first).mid()
        for i in range(1, n):
            before, now = now, (before + 2 * small * slope((u + i * small).mid(), now)).mid()
        row = [((now + before + small * slope((u + h).mid(), now)) / 2).mid()]
        for j, old in enumerate(table, start=1):
            ratio = arb(k * k) / ((k - j) * (k - j))
            row.append((row[-1] + (row[-1] - old) / (ratio - 1)).mid())
        if k > 2 and max(_log10(row[-1] - row[-2]), _log10(row[-1] - table[-1])) < -digits:
            return row[-1], k
        table = row
    return None
