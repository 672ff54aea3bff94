r"""One function g along the orbits of one map, and what was computed for it: its telescoped series and constants."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from derive.difference.digits.constants import recurrence_of
from derive.difference.digits.exact_rows import exact_rows
from derive.difference.digits.numbers_of import Numbers, germ_maker, numbers_of
from derive.difference.formal.abel import LogSeries
from derive.difference.near_point.germ import Germ
from derive.difference.near_point.headed import HeadedFunction, has_heads
from derive.difference.near_point.local_map import limit_of
from derive.difference.near_point.series_function import SeriesFunction, expand_at
from derive.difference.orbits.abel_constant import LARGEST_WORK, along_the_flow, plan, refined, settle
from derive.difference.orbits.numeric_map import next_terms
from derive.difference.orbits.orbit import Orbit
from derive.difference.orbits.steps import step_of_expression, step_of_series
from derive.difference.remembered import Remembered
from derive.difference.series.coefficients import Coefficients
from derive.difference.series.magnitude import log10_size, log10_upper
from derive.errors import InputError, PrecisionError, UnsupportedError

__all__ = ["SumConstant", "Summand", "summand_of"]

_BITS_PER_DIGIT = math.log2(10)


@dataclass(frozen=True)
class SumConstant:
    """S: the ball bounds rounding, 10**log10_error estimates the truncation after w**order; ``steps`` is m.

    From A = 10**``level`` on the series is that accurate (-oo where S was read off at x_m itself).
    """

    value: Any
    log10_error: float
    steps: int
    order: int
    series: LogSeries
    level: float = -math.inf

    def after(self, passed: Any, log10_error: float, level: float) -> SumConstant:
        """The same where H was evaluated further along the flow, at which it has grown by ``passed``."""
        return replace(self, value=self.value + passed, log10_error=max(self.log10_error, log10_error), level=level)

    @property
    def log10_uncertainty(self) -> float:
        """log10 of truncation estimate and rounding bound together."""
        return max(self.log10_error, log10_upper(self.value - self.value.mid()))


class Summand:
    """g along the orbits of one map, with what was computed for it."""

    def __init__(self, numbers: Numbers, g: sp.Expr | SeriesFunction, x: sp.Symbol) -> None:
        self.numbers, self.what, self.g, self.x = numbers, numbers.what, g, x
        self.function = HeadedFunction(g, x) if has_heads(g, x) else g
        self.germ = germ_maker(self.function, x, self.what.chart)
        if isinstance(g, SeriesFunction):
            self.value = step_of_series(g, numbers.certain)
        else:
            self.value, _ = step_of_expression(g, x, numbers.certain)
        self.constants, self.proofs = Remembered(), Remembered()
        self._series: dict[tuple[int, Any], LogSeries] = {}

    def rows(self, germ: Germ, order: int, bits: int) -> tuple[int, list[Any]]:
        """The Laurent coefficients of g through w**order; exact zeros as int 0."""
        try:
            start, rows = germ.taylor(order, bits)
        except UnsupportedError:
            start, rows, slope = exact_rows(self.g, self.x, self.what.chart, order, bits)
            if not isinstance(slope, int):
                raise UnsupportedError(f"{self.g} has no expansion in powers of the state along this orbit") from None
            return start, rows
        return start, [0 if c.is_zero() else c for c in rows]

    def series(self, order: int, bits: int) -> LogSeries:
        """H through w**order (at least)."""
        known = self._series.get((bits, None))
        if known is None or known.order < order:
            kept = -(-(order + self.what.k) // self.what.chart.root) + 2
            known = self.telescoped(self.germ(kept), self.what, order, bits)
            self._series[bits, None] = known
        return known

    def telescoped(self, germ: Germ, what: Any, order: int, bits: int) -> LogSeries:
        """H of the germ of g along a map."""
        from flint import ctx

        start, rows = self.rows(germ, order + what.k, bits)
        with ctx.workprec(bits):
            return what.telescoped(rows, start, order, bits)

    def partial(self, start: sp.Expr, n: int, bits: int) -> Any:
        """The ball of the sum of the first n values."""
        return self.numbers.orbit(start).sum(self.value, n, bits)

    def constant(self, start: sp.Expr, target: float) -> SumConstant:
        """S with an estimated absolute error below 10**-target, remembered."""
        digits = math.ceil(target)
        return self.constants.get_or_make((start, digits), lambda: self._constant(start, float(digits)))

    def _constant(self, start: sp.Expr, target: float) -> SumConstant:
        orbit = self.numbers.orbit(start)
        found, settled = refined(lambda aim, extra: self._attempt(orbit, aim, extra), target)
        if settled:
            return found
        raise PrecisionError(
            f"the sum of {self.g} along the orbit of x0 = {orbit.text} came out with error "
            f"1e{found.log10_uncertainty:.0f}, not 1e{-target:.0f}; ask for fewer digits"
        )

    def _attempt(self, orbit: Orbit, target: float, extra: int) -> SumConstant:
        from flint import ctx

        what, now = self.what, max(orbit.depth(), 0.0)
        order, depth = plan(target + 1, what.k, what.stride, what.cost, now)
        bits = -(-(int(max(target + 2 * max(depth, now), 15) * _BITS_PER_DIGIT) + 48 + extra) // 32) * 32
        order, needed, series = settle(what, self.series, order + what.k, depth, target, bits)
        needed = max(needed, what.flat_depth(target + 2), self._flat_depth(target + 2))
        steps, log10_w = 10 ** min(needed, 300.0) - 10 ** min(now, 300.0), (what.log10_lead() - needed) / what.k
        if now < needed:
            flowed = along_the_flow(what, orbit, log10_w, steps, target, bits, self.value)
            if flowed is not None:
                m, x, (_, passed), error = flowed
                with ctx.workprec(bits):
                    return self._evaluate(orbit, series, order, m, x, bits).after(passed, error, needed)
        if steps * what.cost > 2 * LARGEST_WORK:
            raise PrecisionError(
                f"{target:.0f} decimals of the sum of {self.g} along the orbit of x0 = {orbit.text} need about "
                f"{steps:.0e} steps; ask for fewer digits, or start closer to the fixed point"
            )
        m, x = orbit.until(log10_w, bits)
        return self._evaluate(orbit, series, order, m, x, bits)

    def _flat_depth(self, target: float) -> float:
        """log10 of the depth from which exponentially small parts of g are below 10**-target; -oo without them."""
        table, chart = Coefficients(), self.what.chart
        if self.g == 0:
            return -math.inf
        found, _ = expand_at(table, self.g, self.x, chart, 2)
        limit = limit_of(found, table, target)
        return -math.inf if limit is None else self.what.log10_lead() - self.what.k * limit

    def _evaluate(self, orbit: Orbit, series: LogSeries, order: int, steps: int, x: Any, bits: int) -> SumConstant:
        """The sum of ``steps`` values less H_N(x)."""
        from flint import ctx

        total = self.partial(orbit.start, steps, bits)
        with ctx.workprec(bits):
            w = self.what.chart.to_w(x)
            value = total - series.value(w, order)
            error = max(next_terms(series, order, log10_size(w)), self._summed_defect(series, order, x))
        return SumConstant(value, error, steps, order, series)

    def _summed_defect(self, series: LogSeries, order: int, x: Any) -> float:
        """log10 of the sum of H_N(F) - H_N - g along the orbit from x on, judged by x; -oo where rounding hides it."""
        what, x = self.what, x.mid()
        w, image = what.chart.to_w(x), what.chart.to_w(what.step(x))
        defect = series.value(image, order) - series.value(w, order) - self.value(x)
        if not defect.is_finite() or defect.contains(0):
            return -math.inf
        return log10_size(defect) + what.scale(w) + math.log10(what.k / max(order, 1))


def summand_of(law: Any, params: Mapping[Any, Any] | None, g: Any, certain: bool) -> Summand:
    """The summand of the expansion of a sum, or ``g``, along the law's recurrence at exact parameter values."""
    from derive.difference.near_point.series_function import as_expression

    rec = recurrence_of(law)
    g = getattr(law, "image", None) if g is None else g
    if g is None:
        raise InputError("give the summand: the expansion of a sum, or g, an expression in the state")
    g = g if isinstance(g, SeriesFunction) else as_expression(g, "g")
    numbers = numbers_of(rec, params, certain)
    if g not in numbers.summands:
        at_values = _at_values(rec, g, params)
        _, chart = expand_at(Coefficients(), at_values, rec.x, numbers.what.chart, 4)
        refine = chart.root // numbers.what.chart.root
        finer = numbers if refine == 1 else numbers_of(rec, params, certain, refine)
        numbers.summands[g] = Summand(finer, at_values, rec.x)
    return numbers.summands[g]


def _at_values(rec: Any, g: sp.Expr | SeriesFunction, params: Mapping[Any, Any] | None) -> sp.Expr | SeriesFunction:
    """The summand with every parameter replaced by its exact value."""
    from derive.difference.recurrence import Recurrence

    values = rec.values(params)
    if isinstance(g, SeriesFunction):
        return Recurrence(rec.x, g, params=values).numeric().F
    values = dict(Recurrence(rec.x, rec.x + 1, params=values).params)
    unknown = g.free_symbols - set(values) - {rec.x}
    if unknown:
        names = ", ".join(sorted(s.name for s in unknown))
        raise InputError(f"digits need a value for {names}; give params={{symbol: value}}")
    return g.subs(values)
