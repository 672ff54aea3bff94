r"""A driven state at exact parameter values: its coefficients as numbers, its values, and the digits they need."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.difference.driven.formal_fibre import FormalFibre, Function
from derive.difference.driven.matching import Amplitude, DrivenNumbers
from derive.difference.near_point.series_function import SeriesFunction
from derive.difference.near_point.small_variable import SmallVariable
from derive.difference.series import powerseries as ps
from derive.difference.series.coefficients import LOG_W
from derive.difference.series.magnitude import log10_upper
from derive.errors import InputError, PrecisionError, UnsupportedError

if TYPE_CHECKING:
    from derive.difference.driven.triangular_numbers import TriangularNumbers

__all__ = ["AtValues"]

_ITERABLE = 10**6


class AtValues:
    """Everything at one set of exact parameter values."""

    def __init__(self, engine: TriangularNumbers, values: dict[sp.Symbol, sp.Expr]) -> None:
        from derive.difference.digits.numbers_of import numbers_of

        self.engine, self.values = engine, values
        self._lows: dict[int, tuple[int, int]] = {}
        self.limit = engine.limit.subs(values)
        self.driver = engine.driver.numeric(values)
        also = engine.also.subs(values) if isinstance(engine.also, sp.Expr) else engine.also
        self.formal = FormalFibre(self.driver, self._coefficient, also=also)
        fibre, _ = self.formal.solve([1, 1] if engine.linear else [2, 1])
        what = numbers_of(self.driver).what
        self.refine = self.formal.root // what.chart.root
        self.chart = SmallVariable(what.chart.point, what.chart.side, self.formal.root)
        self.kappa, rational = fibre.kappa, _rational(fibre.b)
        flat = fibre.start < 0 or not ps.is_zero(fibre.mu - 1)
        self.beyond_all_orders = flat and engine.coefficient(0) != 0
        multiplier = self._multiplier(what)
        self.driven = DrivenNumbers(
            f"the state driven by {self.driver}",
            multiplier,
            self._numbers,
            lambda x, eta, digits: engine.step(x, eta, digits, values),
            self.chart.to_w,
            self.formal.k,
            float(-self.formal.k * multiplier(self.formal.k, 64)[self.formal.k]),
            self._exponent(fibre.b),
            flat or engine.linear,
            engine.linear,
            rational if fibre.kappa == self.formal.k else None,
            engine.step_cost,
        )

    def _exponent(self, b: Any) -> float:
        """b as a float."""
        from flint import ctx

        with ctx.workprec(64):
            return float(self.formal.table.number(b, self.formal.table.values({LOG_W: 0, self.formal.orbit.Y: 0})))

    def deviation(self, e0: sp.Expr) -> sp.Expr:
        """The start as a deviation from the limit."""
        return e0 - self.limit

    def iterated(self, n: int, start: tuple[sp.Expr, sp.Expr], digits: int) -> Any:
        """The state after n steps of plain iteration."""
        from flint import ctx

        from derive.numerics import to_arb

        with ctx.workprec(int(3.33 * digits) + 90):
            eta = self.driven.iterate(start[0], self.deviation(start[1]), n, digits)
            return to_arb(self.limit) + eta

    def forced(self, n: int, start: tuple[sp.Expr, sp.Expr], digits: int) -> Any:
        """The state at depth n where the amplitude does not matter; by iteration where it still does."""
        from flint import ctx

        from derive.difference.digits.depth import value_at
        from derive.numerics import to_arb

        x = value_at(self.driver, n, start[0], digits=digits + 8)
        with ctx.workprec(int(3.33 * digits) + 96):
            w = self.chart.to_w(to_arb(x))
            value, error = self.driven.forced_only(start[0], self.deviation(start[1]), w, n, digits)
            whole = to_arb(self.limit) + value
            if log10_upper(error) < log10_upper(whole) - digits:
                return whole
        if n > _ITERABLE:
            raise PrecisionError(f"the state at n = {n} could not be had to {digits} digits; ask for fewer")
        return self.iterated(n, start, digits)

    def digits_of_amplitude(self, n: int, start: tuple[sp.Expr, sp.Expr], digits: int) -> int:
        """How many digits of C the state at depth n needs: fewer where the forced part or the limit dominates."""
        from flint import ctx

        from derive.difference.digits.depth import value_at
        from derive.numerics import to_arb

        with ctx.workprec(128):
            w = self.chart.to_w(to_arb(value_at(self.driver, n, start[0], digits=15)))
            part, eta = self.driven.share(start[0], self.deviation(start[1]), w, n, digits + 8)
            whole = abs(to_arb(self.limit)).max(eta)
            excess = log10_upper(part) - log10_upper(whole)
        return max(2, min(digits + 2, math.ceil(digits + excess) + 2)) if excess > -math.inf else 2

    def at(self, n: int, x0: sp.Expr, found: Amplitude, digits: int) -> tuple[Any, Any]:
        """The state at depth n and its error, as balls."""
        from flint import arb, ctx

        from derive.difference.digits.depth import value_at
        from derive.numerics import to_arb

        bits = int(3.33 * digits) + 96
        w_digits = digits + 8
        x = value_at(self.driver, n, x0, digits=w_digits)
        with ctx.workprec(max(bits, found.numbers.bits)):
            w = self.chart.to_w(to_arb(x))
            value, error = self.driven.value(found, w, n)
            return to_arb(self.limit) + value, error + value.rad() + abs(value) * arb(10) ** (5 - w_digits)

    def _coefficient(self, j: int) -> Function | None:
        function = self.engine.coefficient(j)
        if function is None or not self.values:
            return function
        if isinstance(function, SeriesFunction):
            from derive.difference.recurrence import bind_parameters

            return bind_parameters(function, self.values)
        return function.subs(self.values)

    def _multiplier(self, what: Any) -> Callable[[int, int], list[Any]]:
        def multiplier(order: int, bits: int) -> list[Any]:
            if self.refine == 1:
                return what.multiplier(order, bits)
            rows = what.multiplier(order // self.refine + 1, bits)
            spread = [0] * (order + 1)
            for i, c in enumerate(rows):
                if i * self.refine <= order:
                    spread[i * self.refine] = c
            return ps.power(spread, Fraction(1, self.refine), order + 1)

        return multiplier

    def _numbers(self, powers: int, order: int, bits: int) -> list[list[Any]]:
        powers = 1 if self.engine.linear else powers
        if self.engine.numbers is not None:
            count = -(-order // self.formal.root) + 1
            given = self.engine.numbers(powers, count, bits, self.values)
            return [self._list(row, order, j) for j, row in enumerate(given)]
        for _ in range(30):
            ring = self.formal.table.ring
            rows = self.formal.coefficients(powers, order)
            if self.formal.table.ring is ring:
                break
        table = self.formal.table
        values = table.values({LOG_W: 0, self.formal.orbit.Y: 0})
        return [[c if isinstance(c, int) else table.number(c, values) for c in row] for row in rows]

    def _list(self, row: Mapping[Any, Any], order: int, j: int) -> list[Any]:
        """Coefficients by powers of w from ``{exponent of x: number}``; what vanishes exactly is left exactly zero."""
        from derive.numerics import to_arb

        out: list[Any] = [0] * (order + 1)
        for exponent, c in row.items():
            if c == 0:
                continue
            place = sp.Rational(exponent) * self.chart.power
            if not place.is_Integer:
                raise InputError(f"the exponent {exponent} of x is not a multiple of 1/{self.chart.root}")
            if 0 <= place <= order:
                out[int(place)] = to_arb(c)
        begin, first = self._lows[j] if j in self._lows else self._lows.setdefault(j, self._first(j))
        if begin:
            out[0] = 1
        for i in range(begin, min(first, len(out))):
            if not ps.is_zero(out[i]) and not out[i].contains(0):
                raise UnsupportedError(
                    f"the coefficient of the power {j} of the state starts at order {i} in the small variable, where "
                    f"the exact expressions start at {first}: the nonlinearity rules the approach, or the two differ"
                )
            out[i] = 0
        return out

    def _first(self, j: int) -> tuple[int, int]:
        """Where zeros of m_j begin and end, exactly: powers known to vanish must not come in as balls around zero.

        From the power 3 of the state on only what the solver demands is known: no terms before the linear part's order.
        """
        if j > 2:
            return 0, self.kappa
        rows = self.formal.coefficients(max(j, 1), 3 * self.formal.k)[j]
        begin = 1 if j == 1 and ps.is_zero(rows[0] - 1) else 0
        return begin, next((i for i in range(begin, len(rows)) if not ps.is_zero(rows[i])), len(rows))


def _rational(b: Any) -> int | None:
    """b as an int when it is exactly one."""
    from derive.difference.series.laurent import Element, as_fmpq

    number = b.rational() if isinstance(b, Element) else as_fmpq(b)
    return int(number.p) if number is not None and number.q == 1 else None
