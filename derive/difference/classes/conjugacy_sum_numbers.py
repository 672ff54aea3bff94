r"""Digits of sums along geometric and doubly geometric orbits: the constant S, and the sum at any depth.

The orbit is iterated and added up until the series of H converges fast; S is what remains.  The tail of H is estimated
by its last terms and by the root test on all of them; rounding is bounded.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.difference.arguments import checked_digits, checked_index, start_value
from derive.difference.classes.conjugacy_numbers import ConjugacyNumbers
from derive.difference.classes.conjugacy_reading import approach
from derive.difference.classes.conjugacy_sums import along_t, telescoped
from derive.difference.classes.straight_map import StraightMap
from derive.difference.digits.exact_rows import exact_rows
from derive.difference.driven.numeric_fibre import left_out
from derive.difference.near_point.germ import Germ
from derive.difference.near_point.series_function import SeriesFunction, expand_at
from derive.difference.orbits.steps import step_of_expression, step_of_series
from derive.difference.recurrence import Recurrence, bind_parameters
from derive.difference.remembered import Remembered
from derive.difference.series import powerseries as ps
from derive.difference.series.coefficients import Coefficients
from derive.difference.series.magnitude import log10_size, log10_upper
from derive.errors import DomainError, PrecisionError, UnsupportedError

__all__ = ["SumNumbers", "sum_numbers"]

_BITS_PER_DIGIT = math.log2(10)
_CLOSER = 0.5
_EXTRA_TERMS = 12


@dataclass(frozen=True)
class _Parts:
    """g along the straightened orbit: its mean, the coefficient of log t, and those of H."""

    mean: Any
    slope: Any
    h: Mapping[int, Any]

    def value(self, t: Any) -> tuple[Any, Any]:
        """H(t) and an estimate of what it leaves out; the last two coefficients serve the estimate."""
        low, high = min([1, *self.h]), max([1, *self.h])
        sizes = [abs(self.h[i] * t**i) if i in self.h else t * 0 for i in range(low, high + 1)]
        total = sum((c * t**i for i, c in self.h.items() if i <= high - 2), t * 0)
        return total, left_out(sizes, 2)


@dataclass(frozen=True)
class _Read:
    """S, with what is needed to go on from there: m, t_m (its size and logarithm), and the error of H at t_m."""

    S: Any
    steps: int
    t: Any
    parts: _Parts
    log10_error: float
    bits: int


class SumNumbers:
    """One summand along the orbits of one map at exact parameter values."""

    def __init__(self, what: StraightMap, g: sp.Expr | SeriesFunction) -> None:
        self.what, self.g, self.x = what, g, what.recurrence.x
        own = step_of_series(g, False) if isinstance(g, SeriesFunction) else step_of_expression(g, self.x, False)[0]
        self.summand = own
        self._known = Remembered()

    def constant(self, x0: Any, digits: int) -> sp.Float:
        """S with ``digits`` right digits; 0 where it vanishes to twice as many decimals."""
        from derive.numerics import arb_to_sympy

        digits, start = checked_digits(digits), start_value(x0)
        target = digits + 3.0
        for _ in range(6):
            found = self._read(start, target)
            if _uncertainty(found.S, found.log10_error) <= log10_size(found.S) - digits - 0.5:
                return arb_to_sympy(found.S, digits)
            if target > 2 * digits + 10:
                return arb_to_sympy(found.S * 0, digits)
            size = log10_size(found.S)
            target = min(target + max(3.0, digits + 3 - target - size), 2 * digits + 12.0)
        raise PrecisionError(f"the constant of the sum from x0 = {start} did not settle to {digits} digits")

    def at(self, n: Any, x0: Any, digits: int) -> sp.Float:
        """The sum of the first n values with ``digits`` right digits."""
        from derive.numerics import arb_to_sympy

        n, digits, start = checked_index(n), checked_digits(digits), start_value(x0)
        if n == 0:
            return sp.S.Zero
        target = digits + 3.0
        for _ in range(8):
            value, error = self._sum(n, start, target)
            lost = _uncertainty(value, error) - log10_size(value)
            if lost <= -digits - 0.5:
                return arb_to_sympy(value, digits)
            target += max(3.0, min(lost + digits + 3, 1300.0)) if math.isfinite(lost) else digits
        raise PrecisionError(f"the sum to n = {n} from x0 = {start} did not settle to {digits} digits; ask for fewer")

    # inside

    def _sum(self, n: int, start: sp.Expr, target: float) -> tuple[Any, float]:
        found = self._read(start, target)
        if n <= found.steps:
            return self._added_up(start, n, found.bits)[0], -math.inf
        numbers = ConjugacyNumbers(self.what)
        with _precision(found.bits + 2 * numbers.exponent_bits(n)):
            t = self._t_at(found, n)
            value, rest = found.parts.value(t)
            total = found.S + found.parts.mean * n + value
            if not isinstance(found.parts.slope, int):
                total = total + found.parts.slope * self._logarithms(found.t, found.steps, n)
            return total, max(found.log10_error, log10_upper(rest))

    def _read(self, start: sp.Expr, target: float) -> _Read:
        digits = math.ceil(target)
        return self._known.get_or_make((start, digits), lambda: self._reading(start, digits))

    def _reading(self, start: sp.Expr, digits: int) -> _Read:
        what, closer, extra = self.what, 0.0, 0
        for _ in range(12):
            bits = int(digits * _BITS_PER_DIGIT * 1.1) + 128 + extra
            size = what.size(digits) + _EXTRA_TERMS
            parts = self._parts(size, bits)
            series = what.straight(size, bits).forward
            goal = min(what.goal(series, digits), 0.0) - closer
            steps, w = approach(what, start, goal, bits + int(-goal * _BITS_PER_DIGIT * abs(what.chart.power)))
            if w is None:
                raise DomainError(f"the orbit of x0 = {start} falls onto the point after {steps} steps; add it up")
            with _precision(bits):
                t = ps.evaluate(series[:-2], w)
                value, rest = parts.value(t)
                total, _ = self._added_up(start, steps, bits)
                S = total - parts.mean * steps - value
                if not isinstance(parts.slope, int):
                    S = S - parts.slope * self._logarithms(t, steps, steps)
                error = max(log10_upper(rest), what.log10_defect(series, w, bits), self._defect(parts, series, w, bits))
                rounding = log10_upper(S - S.mid())
            if error <= -digits and rounding <= -digits:
                return _Read(S, steps, t, parts, error, bits)
            if error > -digits:
                closer = 2 * closer + _CLOSER
            if rounding > -digits:
                extra += int(min(rounding + digits, 3000.0) * _BITS_PER_DIGIT) + 32
        raise PrecisionError(
            f"the sum of {self.g} along the orbit of x0 = {start} did not settle; ask for fewer digits"
        )

    def _defect(self, parts: _Parts, series: list[Any], w: Any, bits: int) -> float:
        """log10 of H(F) - H - g at w, by the map and the summand themselves; -oo where rounding hides it."""
        w = w.mid()
        image = self.what.w_of_image(w, bits)
        t, after = ps.evaluate(series[:-2], w), ps.evaluate(series[:-2], image)
        gap = parts.value(after)[0] - parts.value(t)[0] + parts.mean - self.summand(self.what.from_w(w))
        if not isinstance(parts.slope, int):
            gap = gap + parts.slope * abs(t).log()
        return -math.inf if not gap.is_finite() or gap.contains(0) else log10_size(gap) + 0.5

    def _parts(self, size: int, bits: int) -> _Parts:
        straight = self.what.straight(size, bits)
        start, rows, slope = self._rows(size - 1, bits)
        with _precision(bits):
            gamma = along_t(rows, start, slope, straight.backward)
            mean = gamma.pop(0, 0)
            return _Parts(mean, slope, telescoped(gamma, self.what.multiplier(), self.what.degree, self.g))

    def _rows(self, order: int, bits: int) -> tuple[int, list[Any], Any]:
        """The Laurent coefficients of g in w, and that of log w."""
        if not isinstance(self.g, SeriesFunction):
            try:
                start, rows = Germ(self.g, self.x, self.what.chart).taylor(order, bits)
                return start, [0 if c.is_zero() else c for c in rows], 0
            except UnsupportedError:
                pass
        return exact_rows(self.g, self.x, self.what.chart, order, bits)

    def _added_up(self, start: sp.Expr, n: int, bits: int) -> tuple[Any, Any]:
        """The ball of the sum of the first n values, and x_n."""
        from flint import arb

        from derive.numerics import to_arb

        for attempt in range(8):
            with _precision(bits << attempt):
                x, total = to_arb(start), arb(0)
                for m in range(n):
                    total = total + self.summand(x)
                    if not total.is_finite() and x.is_exact():
                        raise DomainError(f"the summand {self.g} has no finite value at x_{m} of the orbit of {start}")
                    x = self.what.step(x, bits << attempt)
                if n == 0 or total.is_zero() or total.rel_accuracy_bits() > 0.9 * bits:
                    return total, x
        raise PrecisionError(f"the sum of the first {n} values from x0 = {start} could not be followed")

    def _t_at(self, found: _Read, n: int) -> Any:
        head, d = self.what.multiplier(), self.what.degree
        if d == 1:
            return found.t * head ** (n - found.steps)
        shift = head.log() / (d - 1)
        return ((found.t.log() + shift) * d ** (n - found.steps) - shift).exp()

    def _logarithms(self, t: Any, m: int, n: int) -> Any:
        """The sum of log t_i over i = 0 .. n-1, from t = t_m."""
        from flint import arb

        if not t > 0:
            raise UnsupportedError("the logarithm of the distance is not real where the orbit changes sides")
        head, d = self.what.multiplier(), self.what.degree
        if d == 1:
            return t.log() * n + head.log() * (arb(n) * (n - 1) / 2 - arb(m) * n)
        shift = head.log() / (d - 1)
        return (t.log() + shift) / arb(d) ** m * (arb(d) ** n - 1) / (d - 1) - shift * n


def sum_numbers(recurrence: Recurrence, g: sp.Expr | SeriesFunction, params: Mapping[Any, Any] | None) -> SumNumbers:
    """The numbers of a summand at given parameter values."""
    what = ConjugacyNumbers.of(recurrence, params).what
    values = recurrence.values(params)
    g = bind_parameters(g, values) if isinstance(g, SeriesFunction) else g.subs(values)
    return _made.get_or_make((what.recurrence, g), lambda: SumNumbers(_refined(what, g), g))


_made = Remembered(32)


def _refined(what: StraightMap, g: sp.Expr | SeriesFunction) -> StraightMap:
    """The map in the root of the small variable that g needs."""
    _, chart = expand_at(Coefficients(), g, what.recurrence.x, what.chart, 4)
    return what if chart.root == what.chart.root else StraightMap(what.recurrence, chart, what.degree)


def _uncertainty(value: Any, log10_error: float) -> float:
    return max(log10_error, log10_upper(value - value.mid()))


def _precision(bits: int) -> Any:
    from flint import ctx

    return ctx.workprec(bits)
