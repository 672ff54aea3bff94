r"""Sums and products of a function of the state along the orbit.

The sum :math:`S_n = \sum_{i<n} g(x_i)` telescopes: with :math:`H(F(x)) - H(x) = g(x)`, solved by the same triangular
scheme as Abel's equation (:func:`derive.difference.formal.abel.telescope`; no integral, no sum over powers of n),

.. math:: S_n = H(x_n) + S, \qquad S = -H(x_0).

H has no constant term, which fixes S; where the series converges S is its sum.  H(x_n) is then written along the orbit
like x_n itself.  A product is the exponential of the sum of logarithms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from derive.difference.expansion import Expansion, fresh_orbit, observed
from derive.difference.formal.abel import LogSeries, telescope
from derive.difference.formal.formal import FormalOrbit, FormalRow, Solved
from derive.difference.formal.inversion import LogPowers
from derive.difference.frame import fresh_symbol
from derive.difference.near_point.series_function import SeriesFunction, as_expression
from derive.difference.series import powerseries as ps
from derive.errors import InputError

__all__ = ["OrbitProduct", "orbit_product", "orbit_sum", "sum_at", "sum_constant"]


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


def sum_constant(law: Any, x0: Any, digits: int = 30, params: Mapping[Any, Any] | None = None) -> sp.Float:
    """The constant S of a sum along the orbit of ``x0``; enclosures: :mod:`derive.difference.digits.sum_values`."""
    from derive.difference.digits.sum_values import sum_constant_value

    if hasattr(law, "sum_constant"):
        return law.sum_constant(x0, digits, params)
    return sum_constant_value(_summed(law), x0, digits=digits, params=params)


def sum_at(law: Any, n: int, x0: Any, digits: int = 30, params: Mapping[Any, Any] | None = None) -> sp.Float:
    """The sum over i = 0 .. n-1 at any depth n."""
    from derive.difference.digits.sum_values import value_of_sum

    if hasattr(law, "sum_constant"):
        return law.at(n, x0, digits, params)
    return value_of_sum(_summed(law), n, x0, digits=digits, params=params)


def _summed(law: Any) -> Expansion:
    if getattr(law, "constant", None) is None:
        raise InputError("this expansion is not a sum along the orbit; make one with law.sum(g)")
    return law
