r"""The straightening series t(w) in balls, and how far it reaches.

In the geometric class t is Schroeder's function, in the doubly geometric one Boettcher's up to a constant factor.  The
series converges; what is cut off is estimated by the root test on every coefficient, by the last two terms, and by what
the functional equation lacks at a point.  Rounding is bounded throughout.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sympy as sp

from derive.difference.classes.boettcher import boettcher_series
from derive.difference.classes.schroeder import schroeder_series
from derive.difference.classes.small_step import small_step
from derive.difference.formal.sparse_abel import window_of
from derive.difference.near_point.germ import Germ
from derive.difference.near_point.series_function import SeriesFunction
from derive.difference.near_point.small_variable import SmallVariable
from derive.difference.orbits.numeric_map import vanishes
from derive.difference.recurrence import Recurrence
from derive.difference.series import powerseries as ps
from derive.difference.series.magnitude import log10_size, log10_upper
from derive.errors import UnsupportedError

__all__ = ["Straight", "StraightMap", "inverse_at", "log10_omitted"]


@dataclass(frozen=True)
class Straight:
    """The straightening series t(w) = w * (1 + ...) at one precision, and its inverse."""

    forward: list[Any]
    bits: int

    @cached_property
    def backward(self) -> list[Any]:
        """The coefficients of w(t)."""
        from flint import ctx

        with ctx.workprec(self.bits):
            return ps.revert(self.forward, len(self.forward))


def _log10_radius(series: list[Any]) -> float:
    """log10 of a radius of convergence by the root test on every coefficient; infinite for a linear series."""
    rows = ((j, c) for j, c in enumerate(series) if j > 1 and not ps.is_zero(c))
    return min((-log10_upper(c) / (j - 1) for j, c in rows), default=math.inf)


def log10_omitted(series: list[Any], log10_w: float) -> float:
    """log10 of the first omitted term as the root test sees it: in a series with gaps the last terms may vanish."""
    radius = _log10_radius(series)
    return log10_w + (len(series) - 3) * (log10_w - radius) if math.isfinite(radius) else -math.inf


def inverse_at(series: list[Any], t: Any) -> Any:
    """The small w with series(w) = t, with the radius that t brings: Newton's method from w = t."""
    from flint import arb, ctx

    slopes, middle = ps.derivative(series), t.mid()
    w = middle
    for _ in range(60):
        step = ((ps.evaluate(series, w) - middle) / ps.evaluate(slopes, w)).mid()
        w = (w - step).mid()
        if step == 0 or log10_upper(step) < max(log10_upper(t - middle), log10_size(w) - 0.28 * ctx.prec):
            break
    residual = ps.evaluate(series, w) - t
    return w + arb(0, 1) * 2 * abs(residual / ps.evaluate(slopes, w)).upper()


@dataclass
class StraightMap:
    """One map at exact parameter values; ``degree`` is 1 in the geometric class."""

    recurrence: Recurrence
    chart: SmallVariable
    degree: int
    _straight: dict[tuple[int, int], Straight] = field(default_factory=dict, repr=False)
    _reach: int | None = field(default=None, repr=False)

    # the series

    def _step_series(self, size: int, bits: int) -> list[Any]:
        """The map in w as balls, ``size`` coefficients."""
        from flint import ctx

        local = self.recurrence.local_map()
        local.chart = self.chart
        exact = self._from_germ(size, bits)
        if exact is not None:
            return exact
        step, table, _ = small_step(local, size)
        with ctx.workprec(bits):
            values = table.values()
            return [c if isinstance(c, int) else table.number(c, values) for c in step]

    def _from_germ(self, size: int, bits: int) -> list[Any] | None:
        """By Taylor arithmetic in balls; None where the map has none."""
        F = self.recurrence.F
        if isinstance(F, SeriesFunction):
            return None
        moved = F if self.chart.at_infinity else F - self.chart.point
        power = self.chart.power
        first = self.degree * power
        try:
            start, rows = Germ(moved, self.recurrence.x, self.chart).taylor(size + first + abs(power), bits)
        except UnsupportedError:
            return None
        rows = rows[max(first - start, 0) :]
        from flint import ctx

        with ctx.workprec(bits):
            head = rows[0] * self.chart.side
            monic = [1, *(0 if ps.is_zero(c) else c * self.chart.side / head for c in rows[1:])]
            body = ps.power(monic, sp.Rational(1, power), size)
            front = head if abs(power) == 1 else head.root(abs(power))
            front = front if power > 0 else 1 / front
            return [0] * self.degree + [c * front for c in body][: size - self.degree]

    def straight(self, size: int, bits: int) -> Straight:
        """The straightening series to ``size`` coefficients."""
        from flint import ctx

        if (size, bits) not in self._straight:
            with ctx.workprec(bits):
                step = self._step_series(size + self.degree, bits)
                if self.degree == 1:
                    forward = schroeder_series(ps.truncate(step, size), size)
                else:
                    forward = [0, *ps.exp(boettcher_series(step, size), size)][:size]
                self._straight[size, bits] = Straight(forward, bits)
        return self._straight[size, bits]

    def multiplier(self) -> Any:
        """The leading coefficient of the map in w, as a ball at the current precision."""
        from flint import ctx

        return self._step_series(self.degree + 2, int(ctx.prec))[self.degree]

    # its reach

    def log10_defect(self, series: list[Any], w: Any, bits: int) -> float:
        """log10 of what the functional equation lacks at w, as an error of t; -oo where rounding hides it.

        The map itself is asked, not its coefficients: a term beyond the order of the series shows here.
        """
        w = w.mid()
        image, lead = self.w_of_image(w, bits), self.multiplier()
        t, after = ps.evaluate(series[:-2], w), ps.evaluate(series[:-2], image)
        gap = after / lead - t if self.degree == 1 else t * (after / (lead * t**self.degree) - 1)
        return -math.inf if not gap.is_finite() or gap.contains(0) else log10_size(gap) + 0.5

    def size(self, digits: int) -> int:
        """How many coefficients make series and iteration about equally dear."""
        from flint import ctx

        if self.degree > 1:
            return self._window() + 16 + digits // 10
        with ctx.workprec(64):
            rate = -log10_size(self.multiplier())
        return self._window() + 12 + min(int((6 * digits / max(rate, 1e-9)) ** (1 / 3)), 4 * digits + 28)

    def _window(self) -> int:
        """How many exponents beyond the usual ones a series needs on a fine lattice, to show its first terms."""
        root = self.chart.root
        if root == 1:
            return 0
        if self._reach is None:
            rows = self._step_series(self.degree + 3 * root + 2, 128)
            support = [i - self.degree for i, c in enumerate(rows) if i > self.degree and not vanishes(c)]
            self._reach = window_of([2 * support[0], *(i + support[0] for i in support)], support[0]) if support else 0
        return self._reach

    def goal(self, series: list[Any], digits: int) -> float:
        """log10 of the w at which the last two terms are below 10**-(digits + 2) relative to w."""
        rows = [(j, c) for j, c in list(enumerate(series))[-2:] if not ps.is_zero(c) and j > 1]
        bounds = [(-digits - 2 - log10_upper(c)) / (j - 1) for j, c in rows]
        radius = _log10_radius(series)
        if math.isfinite(radius):
            bounds.append(radius - (digits + 2) / (len(series) - 3))
        elif self.degree > 1:
            radius = 0.0
        flat = self._flat_limit(digits + 3.0)
        return min([*bounds, radius - 0.3, *([] if flat is None else [flat])])

    def _flat_limit(self, digits: float) -> float | None:
        """log10 of the w below which exponentially small parts, which the series leaves out, do not count."""
        local = self.recurrence.local_map()
        local.chart = self.chart
        return local.flat_limit(digits)

    # the variables

    def step(self, x: Any, bits: int) -> Any:
        """F on a ball."""
        return self.recurrence.map_ball(x, bits)

    def to_w(self, x: Any) -> Any:
        """w, signed where x may lie on both sides; None at the point itself."""
        from flint import arb

        gap = self.chart.gap(x)
        if gap.is_zero() and not self.chart.at_infinity:
            return None
        if self.chart.root > 1 or self.degree > 1:
            return self.chart.to_w(x) if gap > 0 else arb.nan()
        return 1 / gap if self.chart.at_infinity else gap

    def w_of_image(self, w: Any, bits: int) -> Any:
        """One step of the map, in w."""
        return self.to_w(self.step(self.from_w(w), bits))

    def from_w(self, w: Any) -> Any:
        """x from w, signed in the geometric class."""
        if self.chart.root > 1 or self.degree > 1:
            return self.chart.to_x(w)
        return self.chart.gap_to_x(1 / w if self.chart.at_infinity else w)
