r"""Sums and products of a function of the state along the orbit.

The sum :math:`S_n = \sum_{i<n} g(x_i)` telescopes: with :math:`H(F(x)) - H(x) = g(x)`, solved by the same triangular
scheme as Abel's equation (:func:`derive.difference.abel.telescope`; no integral, no sum over powers of n),

.. math:: S_n = H(x_n) + S, \qquad S = -H(x_0).

H has no constant term, which fixes S; where the series converges S is its sum.  H(x_n) is then written along the orbit
like x_n itself.  A product is the exponential of the sum of logarithms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from derive.difference import powerseries as ps
from derive.difference.abel import LogSeries, telescope
from derive.difference.expansion import Expansion, fresh_orbit, observed
from derive.difference.formal import FormalOrbit, FormalRow, Solved
from derive.difference.frame import fresh_symbol
from derive.difference.germ import Germ
from derive.difference.inversion import LogPowers
from derive.difference.series_function import SeriesFunction, as_expression, series_function
from derive.difference.small_variable import SmallVariable
from derive.errors import InputError, PrecisionError, UnsupportedError

__all__ = ["OrbitProduct", "orbit_product", "orbit_sum"]


def orbit_sum(law: Expansion, g: Any, terms: int) -> Expansion:
    r"""The expansion of :math:`\sum_{i<n} g(x_i)`; ``constant`` is the symbol of its constant S.

    ``g`` is an expression in the state, text, a number or a SeriesFunction.  Digits: :func:`sum_constant`.

    >>> from derive.difference import Recurrence
    >>> x = sp.Symbol("x", positive=True)
    >>> law = Recurrence(x, x / (1 + x), point=0).asymptotics()
    >>> law.sum(x**2, terms=2).expr
    S + c/n**2 - 1/n - 1/(2*n**2)
    """
    g = _function(g, law)
    orbit = fresh_orbit(law.recurrence)
    orbit.prepare(g)
    start = orbit.first_exponent(g) - orbit.k if g != 0 else 0
    constant = fresh_symbol("S", _used(law), real=True)
    series = lambda order, solved: _telescoped(orbit, g, order, solved)  # noqa: E731
    return replace(observed(law.recurrence, orbit, series, start, terms, law.frame, constant), image=g)


def _function(g: Any, law: Expansion) -> Any:
    return g if isinstance(g, SeriesFunction) else as_expression(g, "g", law.recurrence.x)


def _used(law: Expansion) -> set[sp.Symbol]:
    return law.recurrence.parameters | {law.recurrence.x, law.n, law.c, law.Y}


def _telescoped(orbit: FormalOrbit, g: Any, order: int, solved: Solved) -> LogSeries:
    """H through w^order."""
    if g == 0:
        return LogSeries(0, (0,) * (order + 1))
    rows = orbit.expand(g, order + orbit.k)
    return telescope(solved.multiplier.coefficients, rows.coefficients, rows.start, order)


@dataclass(frozen=True)
class OrbitProduct:
    r"""A product along the orbit, :math:`\prod_{i<n} g(x_i) = K\, e^{S(\theta)}\,(\ldots)`.

    ``log`` is the expansion of its logarithm, whose constant is log K; ``rows`` are the powers of theta of the factor
    that tends to 1, polynomials in Y.
    """

    log: Expansion
    amplitude: sp.Symbol
    rows: tuple[FormalRow, ...]

    @property
    def leading(self) -> sp.Expr:
        """The part that grows or decays: K exp(negative powers of theta) n^power."""
        law = self.log
        growing = [law.frame.classical(r.exponent, r.coefficients) for r in law.rows if r.exponent <= 0]
        return self.amplitude * sp.exp(sp.Add(*growing)) * law.frame.power(law.log_theta)

    @property
    def expr(self) -> sp.Expr:
        """The product in n and log n, with the number of correction terms asked for."""
        tail = [self.log.frame.classical(r.exponent, r.coefficients) for r in self.rows[: self.log.asked]]
        return self.leading * sp.Add(*tail)


def orbit_product(law: Expansion, g: Any, terms: int) -> OrbitProduct:
    r"""The expansion of :math:`\prod_{i<n} g(x_i)`, g > 0 near the fixed point.

    >>> from derive.difference import Recurrence
    >>> x = sp.Symbol("x", positive=True)
    >>> law = Recurrence(x, x / (1 + x), point=0).asymptotics()
    >>> law.product(1 / (1 + x), terms=2).expr
    K*(-c/n + 1)/n
    """
    g = _function(g, law)
    if isinstance(g, SeriesFunction):
        raise InputError("the product of a SeriesFunction: give the sum of its logarithm instead")
    log = orbit_sum(law, sp.log(g), terms)
    orbit = log.orbit
    assert orbit is not None
    amplitude = fresh_symbol("K", _used(law), positive=True)
    summand = sp.log(g)
    start = orbit.first_exponent(summand) - orbit.k
    reach = max(log.reach, terms + 2)
    found = orbit.observe(lambda order, solved: _telescoped(orbit, summand, order, solved), start, reach)
    body = ps.exp([0, *(_tail(found, i) for i in range(1, reach + 1))], reach + 1)
    rows = [FormalRow(i, orbit.in_Y(p)) for i, p in enumerate(body) if not ps.is_zero(p)]
    return OrbitProduct(replace(log, asked=terms), amplitude, tuple(rows[: terms + 2]))


def _tail(found: LogPowers, exponent: int) -> Any:
    place = exponent - found.start
    return found.coefficients[place] if 0 <= place < len(found.coefficients) else 0


def sum_constant(law: Expansion, x0: Any, digits: int = 30, params: Mapping[Any, Any] | None = None) -> sp.Float:
    r"""The constant S of a sum along the orbit of ``x0``, with ``digits`` right digits by estimate.

    :math:`S = \sum_{i<m} g(x_i) - H_N(w_m)`; m and N are planned like those of the constant c, and the first omitted
    terms of H estimate the error.
    """
    from derive.numerics import arb_to_sympy

    return arb_to_sympy(_NumericSum(law, x0, params).constant(digits)[0], digits)


def sum_at(law: Expansion, n: int, x0: Any, digits: int = 30, params: Mapping[Any, Any] | None = None) -> sp.Float:
    """The sum over i = 0 .. n-1 at any depth n."""
    from derive.numerics import arb_to_sympy

    return arb_to_sympy(_NumericSum(law, x0, params).at(n, digits), digits)


class _NumericSum:
    """Partial sums in balls and the telescoped series with numeric coefficients."""

    def __init__(self, law: Expansion, x0: Any, params: Mapping[Any, Any] | None) -> None:
        from derive.difference.constants import start_value
        from derive.difference.numbers_of import numbers_of

        if law.constant is None:
            raise InputError("this expansion is not a sum along the orbit")
        self.law, self.start = law, start_value(x0)
        self.params = {**law.recurrence.params, **dict(params or {})}
        self.numbers = numbers_of(law.recurrence, params)
        self.g = law.image if isinstance(law.image, SeriesFunction) else law.image.subs(self.params)
        self.orbit = fresh_orbit(law.recurrence.numeric(params))
        if not isinstance(self.g, SeriesFunction) or self.g != 0:
            self.orbit.prepare(self.g)

    def _series(self, order: int, bits: int) -> LogSeries:
        """H through w**order in numbers: by Taylor arithmetic in balls, else from exact coefficients."""
        from flint import ctx

        chart, what = self.orbit.local.chart, self.numbers.what
        if chart == what.chart:
            try:
                start, rows = self._germ(order + what.k, chart).taylor(order + what.k, bits)
            except UnsupportedError:
                pass
            else:
                with ctx.workprec(bits):
                    multiplier = what.multiplier(order + 2 * what.k + max(-start, 0), bits)
                    return telescope(multiplier, [0 if c.is_zero() else c for c in rows], start, order)
        solved = self.orbit.solve(order + 2 * self.orbit.k + 40)
        exact = _telescoped(self.orbit, self.g, order, solved)
        with ctx.workprec(bits):
            values = self._values()
            return exact.map(lambda c: c if isinstance(c, int) else self.orbit.table.number(c, values))

    def _germ(self, order: int, chart: SmallVariable) -> Germ:
        """The summand in the small variable, what is known by its series cut behind w**order."""
        x, terms = self.law.recurrence.x, -(-order // chart.root) + 2
        g = self.g.terms(terms).xreplace({self.g.variable: x}) if isinstance(self.g, SeriesFunction) else self.g
        heads = [node for node in sp.preorder_traversal(g) if hasattr(node, "large_argument_terms")]
        return Germ(g.xreplace({head: series_function(head, x).terms(terms) for head in heads}), x, chart)

    def _values(self) -> list[Any]:
        from flint import arb

        table = self.orbit.table
        given = {self.orbit.Y: sp.Integer(0)}
        return table.values(given) if table.generators else [arb(0)]

    def constant(self, digits: int) -> tuple[Any, Any, int, LogSeries]:
        """``(S, x_m, m, series)``."""
        from flint import ctx

        from derive.difference.abel_constant import plan
        from derive.difference.magnitude import log10_size, log10_upper
        from derive.difference.numeric_map import next_terms

        what = self.numbers.what
        scale = self.orbit.local.chart.root // what.chart.root
        target = digits + 4.0
        order, depth = plan(target, what.k, what.stride, what.cost)
        steps = int(10**depth) + 10
        for _ in range(12):
            bits = int(digits * 3.33) + 96
            total, x = self._partial(steps, bits)
            series = self._series((order + 2) * scale, bits)
            w = self._w(x, bits)
            with ctx.workprec(bits):
                value = total - series.value(w, order * scale)
                rounding = log10_upper(value - value.mid())
            lost = max(next_terms(series, order * scale, log10_size(w)), rounding)
            if lost <= max(log10_size(value), -1.0) - digits - 1:
                return value, x, steps, series
            steps = 2 * steps
        raise PrecisionError(f"the constant of the sum from x0 = {self.start} did not settle to {digits} digits")

    def _w(self, x: Any, bits: int) -> Any:
        from flint import ctx

        with ctx.workprec(bits):
            gap = self.orbit.local.chart.gap(x)
            w = gap.root(self.orbit.local.chart.root) if self.orbit.local.chart.root > 1 else gap
            return 1 / w if self.orbit.local.chart.at_infinity else w

    def _partial(self, steps: int, bits: int) -> tuple[Any, Any]:
        """The sum of the first ``steps`` values and the state after them, by midpoints with guard bits."""
        from flint import arb, ctx

        from derive.numerics import to_arb

        with ctx.workprec(bits + steps.bit_length() + 32):
            x, total = to_arb(self.start).mid(), arb(0)
            for _ in range(steps):
                total += self._value(x, bits)
                x = self.numbers.what.step(x).mid()
            return total, x

    def _value(self, x: Any, bits: int) -> Any:
        if isinstance(self.g, SeriesFunction):
            if self.g.ball is None:
                raise UnsupportedError("the summand is known by its series only; give SeriesFunction(ball=...)")
            return self.g.ball(x, bits, self.params)
        from derive.numerics import compile_ball, to_arb

        return compile_ball(self.g, [self.law.recurrence.x])(x) if self.g.free_symbols else to_arb(self.g)

    def at(self, n: int, digits: int) -> Any:
        """The sum at depth n."""
        from flint import ctx

        from derive.difference.depth import value_at
        from derive.numerics import to_arb

        guard = digits + 6 + len(str(n))
        value, _, steps, series = self.constant(guard)
        if n <= steps:
            return self._partial(n, int(guard * 3.33) + 64)[0]
        x = value_at(self.law.recurrence, n, self.start, digits=guard + len(str(n)), params=self.params)
        bits = int((guard + len(str(n))) * 3.33) + 64
        with ctx.workprec(bits):
            return value + series.value(self._w(to_arb(x), bits))
