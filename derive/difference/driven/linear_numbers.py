r"""Digits for a driven linear equation: the amplitude K of a start, and e_n at any depth.

After m steps from :math:`(x_0, e_0)`, :math:`K = (e_m - E_N(w_m)) / h_N(w_m)`.  What is left out of :math:`E_N` is
divided by h, so m and N are chosen such that the next terms of E, relative to h, are below the digits asked; orbits run
on midpoints with guard bits.  The results are estimates of calibrated kind, not enclosures.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sympy as sp
from flint import arb, ctx

from derive.difference.arguments import checked_digits, checked_index, start_value
from derive.difference.driven.formal_linear import FormalLinear
from derive.difference.formal.abel import LogSeries
from derive.difference.near_point.local_map import limit_of
from derive.difference.near_point.series_function import SeriesFunction
from derive.difference.series import powerseries as ps
from derive.difference.series.logarithms import Logarithms, LogPolynomial
from derive.difference.series.magnitude import log10_upper
from derive.errors import DomainError, PrecisionError, UnsupportedError

if TYPE_CHECKING:
    from derive.difference.driven.linear import LinearSolution

__all__ = ["NumericLinear"]

_LARGEST_STEPS = 3 * 10**5


def _next_terms(series: LogSeries, order: int, log10_w: float) -> float:
    """log10 of the largest known term after ``order``; balls around zero do not count, as they may be zeros."""
    sizes = [
        log10_upper(c) + j * log10_w
        for j, c in enumerate(series.coefficients, start=series.start)
        if j > order and not ps.is_zero(c) and not c.contains(0)
    ]
    return max(sizes, default=-float("inf"))


class NumericLinear:
    """One driven equation at exact parameter values."""

    def __init__(self, law: LinearSolution, params: Mapping[Any, Any] | None) -> None:
        from derive.difference.digits.numbers_of import numbers_of

        self.law = law
        self.values = law.recurrence.values(params)
        self.driver = law.recurrence.numeric(params)
        self.what = numbers_of(law.recurrence, params).what
        self.m, self.r = (self._fixed(f) for f in (law.multiplier, law.forcing))
        self.formal = FormalLinear(self.driver, self.m, self.r)

    def _fixed(self, function: Any) -> Any:
        if isinstance(function, SeriesFunction):
            from derive.difference.recurrence import bind_parameters

            return bind_parameters(function, self.values)
        return function.subs(self.values)

    # series with numbers for coefficients

    def _series(self, size: int, bits: int) -> tuple[list[LogSeries], LogSeries, Any, int]:
        """E by powers of log w, log h, mu and the exponent after which E is cut."""
        beyond = self._beyond(size)
        exact = self.formal.expansions(size + beyond)
        table = self.formal.table
        with ctx.workprec(bits):
            values = table.values()
            zero = lambda c: (isinstance(c, int) and c == 0) or ps.is_zero(c)  # noqa: E731
            balls = exact.map(lambda c: 0 if zero(c) else 1 if isinstance(c, int) else table.number(c, values))
            found = balls.solve(size + beyond, Logarithms(), lambda j, _: exact.resonant(j))
            parts = [c.coefficients if isinstance(c, LogPolynomial) else (c,) for c in found.particular.coefficients]
            rows = [
                LogSeries(found.particular.start, tuple(part[t] if t < len(part) else 0 for part in parts))
                for t in range(max(map(len, parts), default=1))
            ]
            return rows, found.log_h, found.mu, found.particular.start + size - 1

    def _beyond(self, size: int) -> int:
        """How many exponents show the size of what is left out: two, on a fine lattice a whole window."""
        finer = max(self.formal.orbit.k // self.what.k, 1)
        window = self.what.window(max(size, 0) // finer) * finer
        return window if self.formal.orbit.k > 3 * self.what.stride * finer else 2

    def _w(self, x: Any) -> Any:
        chart = self.formal.orbit.local.chart
        gap = chart.gap(x)
        w = gap.root(chart.root) if chart.root > 1 else gap
        return 1 / w if chart.at_infinity else w

    def _parts(self, series: Any, x: Any, index: int) -> tuple[Any, Any, float]:
        """E(w), h(w) and log10 of the estimated error of E."""
        rows, log_h, mu, cut = series
        w = self._w(x)
        log, log10_w = w.log(), log10_upper(w)
        total, lost = arb(0), -float("inf")
        for t, row in enumerate(rows):
            total += row.value(w, cut) * log**t
            lost = max(lost, _next_terms(row, cut, log10_w) + t * log10_upper(log))
        h = log_h.value(w, cut).exp() * (mu**index if mu != 1 else 1)
        relative = _next_terms(log_h, min(cut, log_h.order - self._beyond(cut)), log10_w)
        return total, h, max(lost, relative + log10_upper(h))

    # the orbit

    def _run(self, x: Any, e: Any, steps: int) -> tuple[Any, Any]:
        for _ in range(steps):
            e = (self._value(self.m, x) * e + self._value(self.r, x)).mid()
            x = self.what.step(x).mid()
        return x, e

    def _value(self, function: Any, x: Any) -> Any:
        if isinstance(function, SeriesFunction):
            if function.ball is None:
                raise UnsupportedError("m or r is known by its series only; give SeriesFunction(ball=...) for digits")
            return function.ball(x, ctx.prec, {})
        from derive.numerics import compile_ball, to_arb

        return compile_ball(function, [self.driver.x])(x) if function.free_symbols else to_arb(function)

    def _flat_limit(self, target: float) -> float | None:
        """log10 of the w below which the exponentially small parts of F, m and r are under 10**-target."""
        local = self.formal.orbit.local
        limits = [local.flat_limit(target)]
        for function in (self.m, self.r):
            if function != 0:
                limits.append(limit_of(local.expand(function, 2), local.table, target))
        return min((limit for limit in limits if limit is not None), default=None)

    def _solve(self, x0: Any, e0: Any, digits: int) -> tuple[Any, float, int, Any]:
        """The best ``(K, log10 of its estimated absolute error, steps, series)`` found."""
        from derive.numerics import to_arb

        start, other = start_value(x0), start_value(e0, "e0")
        size = max(int(0.9 * digits * self.formal.orbit.k), 8) + 4 * self.formal.orbit.k
        bits = int(digits * 3.33) + 160
        for _ in range(4):
            with ctx.workprec(2 * bits):
                series = self._series(size, 2 * bits)
                x, e, m = to_arb(start), to_arb(other), 0
                best, limit = None, self._flat_limit(digits + 4.0)
                while m <= _LARGEST_STEPS:
                    ahead = max(8, m // 3)
                    x, e = self._run(x, e, ahead)
                    m += ahead
                    if not (x.is_finite() and e.is_finite()):
                        raise DomainError(
                            f"the orbit of (x0, e0) = ({x0}, {e0}) leaves the domain of the maps within {m} steps; "
                            "choose another start"
                        )
                    if limit is not None and log10_upper(self._w(x)) > limit:
                        continue  # exponentially small parts, which no series shows, still matter
                    total, h, lost = self._parts(series, x, m)
                    value = (e - total) / h
                    error = lost - log10_upper(h)
                    if best is None or error < best[1]:
                        best = (value, error, m, series)
                    if error <= -digits - 1 + min(log10_upper(value), 0):
                        return value, error, m, series
                    if best is not None and error > best[1] + 3:
                        break
            size = int(1.6 * size)
        if best is None:
            raise PrecisionError(f"the start ({x0}, {e0}) does not come close enough to the limit; choose another one")
        return best

    def amplitude(self, x0: Any, e0: Any, digits: int) -> sp.Float:
        """K for the start."""
        from derive.numerics import arb_to_sympy

        digits = checked_digits(digits)
        value, error, *_ = self._solve(x0, e0, digits)
        if error > min(log10_upper(value), 0) - digits - 0.5:
            raise PrecisionError(
                f"the amplitude of (x0, e0) = ({x0}, {e0}) came out with error 1e{error:.0f}; ask for fewer digits "
                "(where h decays exponentially it is hidden behind the divergence of the particular series)"
            )
        return arb_to_sympy(value, digits)

    def at(self, n: int, x0: Any, e0: Any, digits: int) -> sp.Float:
        """e_n."""
        from derive.difference.digits.depth import value_at
        from derive.numerics import arb_to_sympy, to_arb

        n, digits = checked_index(n), checked_digits(digits)
        K, error, m, series = self._solve(x0, e0, digits + 4)
        with ctx.workprec(int(digits * 3.33) + 200):
            if n <= m:
                x, e = self._run(to_arb(start_value(x0)), to_arb(start_value(e0, "e0")), n)
                return arb_to_sympy(e, digits)
            x = to_arb(value_at(self.driver, n, x0, digits=digits + 10 + len(str(n))))
            total, h, lost = self._parts(series, x, n)
            value = total + K * h
            if max(lost, error + log10_upper(h)) > log10_upper(value) - digits:
                raise PrecisionError(f"e_{n} did not come out to {digits} digits; ask for fewer")
            return arb_to_sympy(value, digits)
