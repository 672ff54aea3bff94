r"""The expansion of x_n for n -> oo, with its constant, its error term, and what is derived from it.

An :class:`Expansion` is the finite sum

.. math:: x_n = x_* + \sum_i P_i(Y)\, \theta^{e_i}, \qquad \theta = (n/a)^{-1/k}, \qquad
          Y = c + \tfrac{b}{k} \log (n/a),

with polynomials :math:`P_i`; :math:`a = a_{-k}` and b are the leading and the logarithmic coefficient of the Abel
function, and :math:`c = A(x_0)` is the one free constant.  ``shifted`` prints it in Y, ``expr`` in n and log n.  Two
more terms than asked are computed: the larger of them estimates the error.

Sums along the orbit have the same form with one more constant and perhaps a term in :math:`\log\theta`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import comb
from typing import Any

import sympy as sp

from derive.difference.abel import LogSeries
from derive.difference.formal import FormalOrbit, FormalRow
from derive.difference.recurrence import Recurrence
from derive.errors import InputError, PrecisionError

__all__ = ["Expansion", "solve_parabolic"]


@dataclass(frozen=True)
class Expansion:
    """An asymptotic expansion along the orbits of a parabolic recurrence; see the module docstring.

    ``rows`` are the powers of theta with their polynomials in Y, two more than ``asked`` where they exist; ``reach`` is
    the largest exponent of theta that was computed.
    """

    recurrence: Recurrence
    n: sp.Symbol
    c: sp.Symbol
    Y: sp.Symbol
    k: int
    root: int
    scale: sp.Expr
    log_coefficient: sp.Expr
    rows: tuple[FormalRow, ...]
    asked: int
    reach: int
    offset: sp.Expr = sp.S.Zero
    log_theta: sp.Expr = sp.S.Zero
    constant: sp.Symbol | None = None
    summand: Any = None
    orbit: FormalOrbit | None = field(default=None, repr=False, compare=False)

    # pieces

    @property
    def theta(self) -> sp.Expr:
        """The small scale, (n/a)^(-1/k)."""
        return (self.scale / self.n) ** sp.Rational(1, self.k)

    @property
    def Y_value(self) -> sp.Expr:
        """What Y stands for: c + (b/k) log(n/a)."""
        return self.c + self.log_coefficient / self.k * sp.log(self.n / self.scale)

    @cached_property
    def abel(self) -> sp.Expr:
        """The Abel function A(x) without constant term, through the orders that matter for the terms asked."""
        assert self.orbit is not None
        last = self.rows[min(self.asked, len(self.rows)) - 1].exponent - self.rows[0].exponent - self.k
        series = self.orbit.solve(max(last + self.k, self.k)).abel.truncate(max(last, 0))
        return _in_state(self.orbit, series, self.recurrence.x)

    @cached_property
    def shifted_terms(self) -> list[sp.Expr]:
        """The terms asked for, in n and Y."""
        return [self._power(r) * _polynomial(r.coefficients, self.Y) for r in self.rows[: self.asked]]

    @cached_property
    def terms(self) -> list[sp.Expr]:
        """The terms asked for, each a sum of n^a (log n)^b; the fixed point is not among them."""
        return [self._classical(r) for r in self.rows[: self.asked]]

    @cached_property
    def omitted(self) -> list[sp.Expr]:
        """The next two nonzero terms, computed but not asked for: the larger estimates the error."""
        return [self._classical(r) for r in self.rows[self.asked : self.asked + 2]]

    @cached_property
    def shifted(self) -> sp.Expr:
        """The expansion in n and Y."""
        log = self.log_theta * sp.log(self.scale / self.n) / self.k
        return sp.Add(self.offset, *self.shifted_terms, log, self.constant or 0)

    @cached_property
    def expr(self) -> sp.Expr:
        """The expansion in n, log n and c."""
        log = -self.log_theta / self.k * (sp.log(self.n) + sp.log(1 / self.scale))
        return sp.Add(self.offset, *self.terms, log, self.constant or 0)

    @cached_property
    def error(self) -> sp.Expr:
        """The O-term: of the first omitted nonzero term (of the next power of theta where none was found)."""
        if len(self.rows) > self.asked:
            row = self.rows[self.asked]
            exponent, degree = row.exponent, len(row.coefficients) - 1
        else:
            exponent, degree = self.reach + 1, 0
        power = self.n ** sp.Rational(-exponent, self.k)
        logs = sp.log(self.n) ** degree if self.log_coefficient != 0 else 1
        return sp.Order(power * logs, (self.n, sp.oo))

    def _power(self, row: FormalRow) -> sp.Expr:
        e = sp.Rational(row.exponent, self.k)
        return self.scale**e * self.n ** (-e)

    def _classical(self, row: FormalRow) -> sp.Expr:
        """One row with Y = C + beta log n put in."""
        power, beta = self._power(row), self.log_coefficient / self.k
        constant = self.c + beta * sp.log(1 / self.scale)
        if beta == 0:
            return power * _polynomial(row.coefficients, constant)
        log, p = sp.log(self.n), row.coefficients
        parts = []
        for i in range(len(p)):
            inner = [p[j] * comb(j, i) * constant ** (j - i) for j in range(i, len(p)) if p[j] != 0]
            parts.append(power * log**i * beta**i * sp.Add(*inner))
        return sp.Add(*parts)

    # derived expansions

    def affine(self, scale: Any, offset: Any = 0) -> Expansion:
        """The expansion of ``scale * x_n + offset``."""
        scale, offset = _constant(scale, "scale", self.n), _constant(offset, "offset", self.n)
        rows = tuple(FormalRow(r.exponent, tuple(scale * p for p in r.coefficients)) for r in self.rows)
        constant = self.constant
        if constant is not None:
            raise InputError("an affine image of a sum: scale the summand instead")
        return replace(
            self, rows=rows, offset=sp.expand(scale * self.offset + offset), log_theta=scale * self.log_theta
        )

    def shift_index(self, by: Any) -> Expansion:
        """The expansion of x_{n + by}, with the same constant c = A(x_0)."""
        by = _constant(by, "by", self.n)
        rows = tuple(FormalRow(r.exponent, _taylor_shift(r.coefficients, by)) for r in self.rows)
        return replace(self, rows=rows)

    def apply(self, function: Any, terms: int | None = None) -> Expansion:
        """The expansion of ``function(x_n)`` for an expression (or SeriesFunction) in the state."""
        from derive.difference.series_function import SeriesFunction, as_expression

        if not isinstance(function, SeriesFunction):
            function = as_expression(function, "function")
        orbit = _fresh(self.recurrence)
        orbit.prepare(function)
        start = orbit.expand(function, -(10**6)).start if function else 0
        return _expansion(
            self.recurrence, orbit, lambda order, _: orbit.expand(function, order), start, terms or self.asked, self
        )

    def sum(self, g: Any, terms: int | None = None) -> Expansion:
        """The sum of g(x_k) over k = 0 .. n-1, with its own constant; see :mod:`derive.difference.orbit_sums`."""
        from derive.difference.orbit_sums import orbit_sum

        return orbit_sum(self, g, terms or self.asked)

    def product(self, g: Any, terms: int | None = None) -> Any:
        """The product of g(x_k) over k = 0 .. n-1; see :mod:`derive.difference.orbit_sums`."""
        from derive.difference.orbit_sums import orbit_product

        return orbit_product(self, g, terms or self.asked)

    # numbers

    def evaluate(
        self, n: Any, c: Any, digits: int = 15, params: Mapping[Any, Any] | None = None, terms: int | None = None
    ) -> tuple[Any, Any]:
        """``(value, error estimate)`` of the truncated expansion at index n for a given constant c, as mpmath numbers.

        The estimate is the larger of the next two terms in absolute value; it is an estimate, not a bound.
        """
        import mpmath

        from derive.numerics import compile_mp, to_mpf

        count = self.asked if terms is None else terms
        if count > len(self.rows) - 2 and count > self.asked:
            raise PrecisionError(f"only {self.asked} terms were asked for; ask asymptotics(terms={count})")
        values = {**self.recurrence.params, **dict(params or {})}
        with mpmath.mp.workdps(digits + 10):
            at = {**values, self.n: n, self.c: c}
            if self.constant is not None and self.constant not in at:
                raise InputError(f"give the constant of the sum: params={{{self.constant}: value}}")
            sizes = []
            total = to_mpf(sp.sympify(self.offset).subs(values)) if self.offset != 0 else mpmath.mpf(0)
            symbols = list(at)
            numbers = [to_mpf(v) for v in at.values()]
            for r in self.rows[: count + 2]:
                sizes.append(compile_mp(self._classical(r), symbols)(*numbers))
            log = -self.log_theta / self.k * (sp.log(self.n) + sp.log(1 / self.scale)) + (self.constant or 0)
            total += mpmath.fsum(sizes[:count]) + compile_mp(log, symbols)(*numbers)
            rest = [abs(s) for s in sizes[count:]]
            return +total, max(rest, default=mpmath.mpf(0))

    # display

    def __repr__(self) -> str:
        return f"{self.expr} + {self.error}"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {sp.latex(self.expr)} + {sp.latex(self.error)}$"


def solve_parabolic(recurrence: Recurrence, terms: int) -> Expansion:
    """The expansion of the orbits of a parabolic recurrence."""
    orbit = _fresh(recurrence)
    start = orbit.local.chart.power
    return _expansion(recurrence, orbit, lambda order, _: orbit.state(order), start, terms, None)


def _fresh(recurrence: Recurrence) -> FormalOrbit:
    return FormalOrbit(recurrence.local_map())


def _expansion(
    recurrence: Recurrence,
    orbit: FormalOrbit,
    series: Any,
    start: int,
    terms: int,
    like: Expansion | None,
    constant: sp.Symbol | None = None,
) -> Expansion:
    """Rows of an observable, two more than ``terms``, wrapped up."""
    rows, log_theta, reach = orbit.rows(series, start, terms + 2)
    chart = orbit.local.chart
    solved = orbit.solve(orbit.k)
    used = recurrence.parameters | {recurrence.x}
    n, c, Y = (like.n, like.c, like.Y) if like else _names(used)
    offset = sp.Integer(0) if like or chart.at_infinity else chart.point
    return Expansion(
        recurrence,
        n,
        c,
        Y,
        orbit.k,
        chart.root,
        orbit.table.expr(solved.abel.coefficients[0]),
        orbit.table.expr(orbit.solve(2 * orbit.k).abel.log),
        tuple(rows),
        terms,
        reach,
        offset,
        log_theta,
        constant,
        orbit=orbit,
    )


def _names(used: set[sp.Symbol]) -> tuple[sp.Symbol, sp.Symbol, sp.Symbol]:
    """Symbols for n, c and Y that no parameter uses."""
    taken = {s.name for s in used}

    def pick(name: str, **assumptions: bool) -> sp.Symbol:
        while name in taken:
            name += "_0" if not name.endswith("_0") else "0"
        return sp.Symbol(name, **assumptions)

    return pick("n", positive=True), pick("c", real=True), pick("Y", real=True)


def _polynomial(coefficients: tuple[sp.Expr, ...], y: sp.Expr) -> sp.Expr:
    return sp.Add(*(p * y**j for j, p in enumerate(coefficients) if p != 0))


def _taylor_shift(p: tuple[sp.Expr, ...], by: sp.Expr) -> tuple[sp.Expr, ...]:
    """The coefficients of p(Y + by)."""
    return tuple(
        sp.expand(sp.Add(*(p[j] * comb(j, i) * by ** (j - i) for j in range(i, len(p))))) for i in range(len(p))
    )


def _constant(value: Any, name: str, n: sp.Symbol) -> sp.Expr:
    from derive.difference.series_function import as_expression

    expr = as_expression(value, name)
    if n in expr.free_symbols:
        raise InputError(f"{name} = {expr} must not depend on the index {n}")
    return expr


def _in_state(orbit: FormalOrbit, series: LogSeries, x: sp.Symbol) -> sp.Expr:
    """A series in w as an expression in the state."""
    chart, table = orbit.local.chart, orbit.table
    gap = chart.side * x if chart.at_infinity else chart.side * (x - chart.point)
    power = sp.Rational(1, chart.power)
    rows = [table.expr(a) * gap ** (power * (series.start + i)) for i, a in enumerate(series.coefficients) if a != 0]
    log = table.expr(series.log) * power * sp.log(gap) if series.log != 0 else 0
    return sp.Add(*rows, log)
