r"""Sums along an orbit at any depth: digits, or an enclosure with its proof.

With :math:`H(F(x)) - H(x) = g(x)`, H a series in w without constant term (:func:`derive.difference.abel.telescope`),

.. math:: \sum_{i<n} g(x_i) = S + H(w_n), \qquad S = \sum_{i<m} g(x_i) - H_N(w_m) + \text{(what N leaves out)}.

S is computed like the constant c: m and N are planned, the first omitted terms of H estimate the error, rounding is
bounded by balls.  w_n comes from Abel's equation.  Both constants are remembered, so that further depths cost one
Newton solve.  Up to step m the sum is added up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.difference import powerseries as ps
from derive.difference.abel import LogSeries, telescope
from derive.difference.abel_constant import plan
from derive.difference.abel_depth import small_at_depth
from derive.difference.coefficients import Coefficients
from derive.difference.constants import checked_digits, recurrence_of, start_value
from derive.difference.depth import checked_index
from derive.difference.enclosure import Enclosure
from derive.difference.germ import Germ
from derive.difference.headed import HeadedFunction, has_heads
from derive.difference.local_map import limit_of
from derive.difference.magnitude import log10_size, log10_upper
from derive.difference.numbers_of import Numbers, Remembered, germ_maker, numbers_of
from derive.difference.numeric_map import next_terms
from derive.difference.orbit import Orbit
from derive.difference.series_function import SeriesFunction, expand_at
from derive.difference.steps import step_of_expression, step_of_series
from derive.errors import InputError, PrecisionError, UnsupportedError

__all__ = ["Summand", "sum_constant_value", "summand_of", "value_of_sum"]

_BITS_PER_DIGIT = math.log2(10)
_GUARD = 3.0


def value_of_sum(
    law: Any,
    n: int,
    x0: Any,
    digits: int = 30,
    certified: bool = False,
    params: Mapping[Any, Any] | None = None,
    g: Any = None,
) -> sp.Float | Enclosure:
    r"""The sum of g(x_i) over i = 0 .. n-1 for the orbit that starts at ``x0``, n of any size.

    ``law`` is the expansion of a sum (``Expansion.sum(g)``), or a recurrence together with ``g``, an expression in the
    state or a SeriesFunction.  Returns a SymPy Float with ``digits`` right digits (by estimate), or, with
    ``certified=True``, an Enclosure of relative radius below 10**-digits.  Errors as for
    :func:`~derive.difference.constants.constant_value`.

    >>> from derive.difference import Recurrence
    >>> x = sp.Symbol("x", positive=True)
    >>> value_of_sum(Recurrence(x, x / (1 + x), point=0), 10**12, 1, digits=20, g=x)
    28.208236780830581069
    """
    digits, n = checked_digits(digits), checked_index(n)
    start = start_value(x0)
    summand = summand_of(law, params, g, certified)
    if n == 0:
        return Enclosure.of("an empty sum", _zero(), ()) if certified else sp.S.Zero
    if certified:
        from derive.difference.certified_sums import enclosed_sum

        return enclosed_sum(summand, n, start, digits)
    from derive.numerics import arb_to_sympy

    return arb_to_sympy(_to_digits(summand, n, start, digits), digits)


def sum_constant_value(
    law: Any,
    x0: Any,
    digits: int = 30,
    certified: bool = False,
    params: Mapping[Any, Any] | None = None,
    g: Any = None,
) -> sp.Float | Enclosure:
    """The constant S of a sum along the orbit of ``x0``; arguments as for :func:`value_of_sum`."""
    digits, start = checked_digits(digits), start_value(x0)
    summand = summand_of(law, params, g, certified)
    if certified:
        from derive.difference.certified_sums import enclosed_sum_constant

        return enclosed_sum_constant(summand, start, digits)
    from derive.numerics import arb_to_sympy

    target = digits + _GUARD
    for _ in range(6):
        found = summand.constant(start, target)
        if found.log10_uncertainty <= log10_size(found.value) - digits - 1:
            return arb_to_sympy(found.value, digits)
        if target > 2 * digits + 10:
            return arb_to_sympy(found.value * 0, digits)
        target = min(target + max(3.0, digits + 3 - target - log10_size(found.value)), 2 * digits + 12.0)
    raise PrecisionError(f"the constant of the sum from x0 = {start} did not settle to {digits} digits; ask for fewer")


def _zero() -> Any:
    from flint import arb

    return arb(0)


@dataclass(frozen=True)
class SumConstant:
    """S: the ball bounds rounding, 10**log10_error estimates the truncation after w**order; ``steps`` is m."""

    value: Any
    log10_error: float
    steps: int
    order: int
    series: LogSeries

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
            self.value, _ = step_of_expression(g, x)
        self.constants, self.proofs = Remembered(), Remembered()
        self._series: dict[tuple[int, Any], LogSeries] = {}

    def rows(self, germ: Germ, order: int, bits: int) -> tuple[int, list[Any]]:
        """The Laurent coefficients of g through w**order; exact zeros as int 0."""
        try:
            start, rows = germ.taylor(order, bits)
        except UnsupportedError:
            return self._exact_rows(order, bits)
        return start, [0 if c.is_zero() else c for c in rows]

    def _exact_rows(self, order: int, bits: int) -> tuple[int, list[Any]]:
        """The same from exact coefficients, for functions that Taylor arithmetic does not know."""
        from flint import ctx

        table = Coefficients()
        found, _ = expand_at(table, self.g, self.x, self.what.chart, 1)
        if order >= found.start:
            found, _ = expand_at(table, self.g, self.x, self.what.chart, order + 1 - found.start)
        if found.growth or any(table.degree_in_log(c) for c in found.coefficients):
            raise UnsupportedError(f"{self.g} has no expansion in powers of the state along this orbit")
        with ctx.workprec(bits):
            values = table.values()
            rows = [c if isinstance(c, int) else table.number(c, values) for c in found.coefficients]
        return found.start, rows[: max(order + 1 - found.start, 0)]

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
        multiplier = what.multiplier(order + 2 * what.k + max(-start, 0), bits)
        with ctx.workprec(bits):
            return telescope(multiplier, rows, start, order)

    def partial(self, start: sp.Expr, n: int, bits: int) -> Any:
        """The ball of the sum of the first n values."""
        return self.numbers.orbit(start).sum(self.value, n, bits)

    def constant(self, start: sp.Expr, target: float) -> SumConstant:
        """S with an estimated absolute error below 10**-target, remembered."""
        digits = math.ceil(target)
        return self.constants.get_or_make((start, digits), lambda: self._constant(start, float(digits)))

    def _constant(self, start: sp.Expr, target: float) -> SumConstant:
        what, orbit = self.what, self.numbers.orbit(start)
        now = max(orbit.depth(), 0.0)
        order, depth = plan(target + 1, what.k, what.stride, what.cost, now)
        order += what.k
        depth = max(depth, what.flat_depth(target + 2), self._flat_depth(target + 2))
        extra = 0
        for _ in range(24):
            bits = -(-(int(max(target + 2 * max(depth, now), 15) * _BITS_PER_DIGIT) + 48 + extra) // 32) * 32
            series = self.series(order + 2 * what.stride + what.k, bits)
            found = self._evaluate(orbit, series, order, (what.log10_lead() - depth) / what.k, bits)
            if found.log10_uncertainty <= 0.01 - target:
                return found
            rounding = log10_upper(found.value - found.value.mid())
            if rounding > -target:
                extra += int(min(rounding + target, 3000.0) * _BITS_PER_DIGIT) + 32
            if found.log10_error > -target:
                depth += min(max((found.log10_error + target) * what.k / max(order, 1), 0.05), 1.0)
            if (10 ** min(depth, 300.0) - 10 ** min(now, 300.0)) * what.cost > 2e8:
                break
        raise PrecisionError(
            f"the sum along the orbit of x0 = {orbit.text} did not settle to {target:.0f} decimals; ask for fewer"
        )

    def _flat_depth(self, target: float) -> float:
        """log10 of the depth from which exponentially small parts of g are below 10**-target; -oo without them."""
        table, chart = Coefficients(), self.what.chart
        if self.g == 0:
            return -math.inf
        found, _ = expand_at(table, self.g, self.x, chart, 2)
        limit = limit_of(found, table, target)
        return -math.inf if limit is None else self.what.log10_lead() - self.what.k * limit

    def _evaluate(self, orbit: Orbit, series: LogSeries, order: int, log10_w: float, bits: int) -> SumConstant:
        from flint import ctx

        steps, x = orbit.until(log10_w, bits)
        total = self.partial(orbit.start, steps, bits)
        with ctx.workprec(bits):
            w = self.what.chart.to_w(x)
            value = total - series.value(w, order)
        return SumConstant(value, next_terms(series, order, log10_size(w)), steps, order, series)


def _to_digits(summand: Summand, n: int, start: sp.Expr, digits: int) -> Any:
    """The ball of the sum whose midpoint has the digits asked."""
    target = digits + _GUARD
    for _ in range(8):
        value, lost = _sum_at(summand, n, start, target)
        size = log10_size(value)
        if lost <= size - digits - 1:
            return value
        if target > 3 * digits + 40 + 2 * max(summand.numbers.orbit(start).depth(), 0.0):
            break
        target += max(3.0, digits + 3 - target - size if math.isfinite(size) else digits, lost + target)
    raise PrecisionError(f"the sum to n = {n} did not settle to {digits} digits; ask for fewer")


def _sum_at(summand: Summand, n: int, start: sp.Expr, target: float) -> tuple[Any, float]:
    """``(sum, log10 of its estimated absolute error)``, aiming at 10**-target."""
    from flint import ctx

    found = summand.constant(start, target)
    if n <= found.steps:
        bits = int((target + 10) * _BITS_PER_DIGIT) + 64
        value = summand.partial(start, n, bits)
        return value, log10_upper(value - value.mid())
    what, series, numbers = summand.what, found.series, summand.numbers
    level = max(math.log10(n), numbers.orbit(start).depth(), 0.0)
    slope = _slope(series, (what.log10_lead() - level) / what.k)  # log10 |w H'(w)|
    wanted = target + slope
    near = max(numbers.orbit(start).depth(), 2.0)  # where the need is greatest, unless g grows: the same for every n
    absolute = max(wanted - level, target + _slope(series, (what.log10_lead() - near) / what.k) - near, 5.0 - level)
    known = numbers.constant(start, absolute)
    if n <= known.steps or known.level > level:
        value = summand.partial(start, n, int((target + 10) * _BITS_PER_DIGIT) + 64)
        return value, log10_upper(value - value.mid())
    w, relative = small_at_depth(what, known, n, max(wanted, 5.0))
    with ctx.workprec(int((max(wanted, target) + 12) * _BITS_PER_DIGIT) + 64):
        value = found.value + series.value(w, found.order)
    return value, max(found.log10_uncertainty, relative + slope, log10_upper(value - value.mid()))


def _slope(series: LogSeries, log10_w: float) -> float:
    """log10 of the largest term of w H'(w)."""
    from flint import arb

    best = log10_upper(arb(series.log)) if not ps.is_zero(series.log) else -math.inf
    for i, a in enumerate(series.coefficients):
        j = series.start + i
        if j and not ps.is_zero(a):
            best = max(best, log10_upper(arb(a)) + math.log10(abs(j)) + j * log10_w)
    return max(best, -300.0)


def summand_of(law: Any, params: Mapping[Any, Any] | None, g: Any, certain: bool) -> Summand:
    """The summand of the expansion of a sum, or ``g``, along the law's recurrence at exact parameter values."""
    from derive.difference.series_function import as_expression

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

    values = {**dict(rec.params), **dict(params or {})}
    if isinstance(g, SeriesFunction):
        return Recurrence(rec.x, g, params=values).numeric().F
    # a map that contains g takes its parameters exactly as the recurrence does
    return Recurrence(rec.x, rec.x + g, params=values).numeric().F - rec.x
