r"""Sums and products along the orbits of the geometric and the doubly geometric class.

Let t be the straightened distance, :math:`t_n = t_0\mu^n` or :math:`t_n = a^{-1/(d-1)}\beta_0^{\,d^n}`, and
:math:`g = \bar g + q \log t + \sum_{i \ne 0} \gamma_i t^i` along the orbit.  The sum telescopes,

.. math:: \sum_{i<n} g(x_i) = S + \bar g\,n + q \sum_{i<n} \log t_i + H(t_n), \qquad H = \sum_{i \ne 0} h_i t^i,

with :math:`h_i = \gamma_i/(\mu^i - 1)` in the geometric class (i < 0 as well: terms that grow), and
:math:`h_i = a^{i/d} h_{i/d} - \gamma_i` in the doubly geometric one (:math:`h_{i/d} = 0` where d does not divide i).
The sum of the logarithms is elementary.  H vanishes with t, so that S is the sum itself where :math:`\bar g = q = 0`;
H converges like the series of the state.  A product is the exponential of the sum of logarithms.

Source: the first is Koenigs's iteration of :math:`H(F) - H = g` term by term; Kuczma, Choczewski, Ger, chapter 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import sympy as sp

from derive.difference.classes.boettcher import boettcher_series
from derive.difference.classes.conjugacy import Conjugacy, Straightened
from derive.difference.classes.schroeder import schroeder_series
from derive.difference.classes.small_step import readable, small_step
from derive.difference.digits.exact_rows import expand_through, split_logarithm
from derive.difference.frame import fresh_symbol, with_error
from derive.difference.near_point.series_function import SeriesFunction, as_expression
from derive.difference.series import powerseries as ps
from derive.difference.series.coefficients import LOG_W
from derive.difference.series.laurent import Element
from derive.errors import InputError, UnsupportedError

__all__ = ["ConjugacyProduct", "ConjugacySum", "orbit_product", "orbit_sum", "telescoped"]

_MOST_ZEROS = 24


@dataclass(frozen=True)
class ConjugacySum:
    """A sum along the orbit: ``constant`` S, ``drift`` what grows like n or the sum of logarithms, ``law`` is H.

    ``terms`` are those of H in n, ``error`` is the O-term.
    """

    law: Conjugacy
    g: sp.Expr | SeriesFunction
    constant: sp.Symbol
    drift: sp.Expr

    @property
    def n(self) -> sp.Symbol:
        """The symbol of the index."""
        return self.law.n

    @property
    def c(self) -> sp.Symbol:
        """The symbol of the orbit's constant."""
        return self.law.c

    @property
    def terms(self) -> list[sp.Expr]:
        """The terms of H(t_n) that were asked for, in n."""
        return self.law.terms

    @cached_property
    def expr(self) -> sp.Expr:
        """The sum in n, c and S."""
        return sp.Add(self.constant, self.drift, *self.terms)

    @property
    def error(self) -> sp.Expr:
        """The O-term; 0 where the series has ended."""
        return self.law.error

    def sum_constant(self, x0: Any, digits: int = 30, params: Mapping[Any, Any] | None = None) -> sp.Float:
        """S for the orbit of ``x0``, with ``digits`` right digits (truncation by estimate)."""
        from derive.difference.classes.conjugacy_sum_numbers import sum_numbers

        return sum_numbers(self.law.recurrence, self.g, params).constant(x0, digits)

    def at(self, n: Any, x0: Any, digits: int = 30, params: Mapping[Any, Any] | None = None) -> sp.Float:
        """The sum over i = 0 .. n-1 for the orbit of ``x0`` at any depth n, with ``digits`` right digits."""
        from derive.difference.classes.conjugacy_sum_numbers import sum_numbers

        return sum_numbers(self.law.recurrence, self.g, params).at(n, x0, digits)

    def __repr__(self) -> str:
        return with_error(str(self.expr), self.error)

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {with_error(sp.latex(self.expr), self.error, sp.latex)}$"


@dataclass(frozen=True)
class ConjugacyProduct:
    """A product along the orbit: ``amplitude`` K times exp(``log.drift``) times a factor that tends to 1."""

    log: ConjugacySum
    amplitude: sp.Symbol
    factor: Conjugacy

    @property
    def leading(self) -> sp.Expr:
        """The part that grows or decays."""
        return self.amplitude * sp.exp(self.log.drift)

    @cached_property
    def expr(self) -> sp.Expr:
        """The product in n, c and K."""
        return self.leading * sp.Add(*self.factor.terms)

    def __repr__(self) -> str:
        return f"{self.leading}*({self.factor!r})"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {sp.latex(self.expr)}$"


def orbit_sum(law: Conjugacy, g: Any, terms: int) -> ConjugacySum:
    """The expansion of the sum of g(x_i) over i = 0 .. n-1.

    >>> from derive.difference import Recurrence
    >>> x = sp.Symbol("x", positive=True)
    >>> total = orbit_sum(Recurrence(x, x / 2 + x**2 / 2, point=0).asymptotics(), x, 2)
    >>> total
    S - 2*c/2**n + 8*c**2/(3*2**(2*n)) + O(exp(-3*n*log(2)), (n, oo))
    >>> total.sum_constant("1/2", digits=20)
    1.4959097943013705189
    """
    g = g if isinstance(g, SeriesFunction) else as_expression(g, "g", law.recurrence.x)
    found = _Telescoped(law, g, terms)
    constant = fresh_symbol("S", law.recurrence.parameters | {law.recurrence.x, law.n, law.c, law.z}, real=True)
    return ConjugacySum(_written(law, found, found.h, terms), g, constant, found.drift())


def orbit_product(law: Conjugacy, g: Any, terms: int) -> ConjugacyProduct:
    """The expansion of the product of g(x_i) over i = 0 .. n-1, g > 0 along the orbit.

    >>> from derive.difference import Recurrence
    >>> x = sp.Symbol("x", positive=True)
    >>> orbit_product(Recurrence(x, x / 2, point=0).asymptotics(), 1 + x, 2)  # q-factorials
    K*(1 - 2*c/2**n + O(exp(-2*n*log(2)), (n, oo)))
    """
    g = g if isinstance(g, SeriesFunction) else as_expression(g, "g", law.recurrence.x)
    if isinstance(g, SeriesFunction):
        raise InputError("the product of a SeriesFunction: give the sum of its logarithm instead")
    log = orbit_sum(law, sp.log(g), terms)
    found = _Telescoped(law, sp.log(g), terms)
    if any(i < 0 for i in found.h):
        raise UnsupportedError(f"the logarithm of {g} grows like a power of the state; give its sum instead")
    size = max(found.h, default=0) + 1
    body = ps.exp([0, *(found.h.get(i, 0) for i in range(1, size))], size)
    rows = {i: c for i, c in enumerate(body) if not ps.is_zero(c)}
    amplitude = fresh_symbol("K", law.recurrence.parameters | {law.recurrence.x, law.n, law.c, law.z}, positive=True)
    return ConjugacyProduct(log, amplitude, _written(law, found, rows, terms))


def _written(law: Conjugacy, found: _Telescoped, rows: Mapping[int, Any], terms: int) -> Conjugacy:
    """Coefficients of powers of t as an expansion."""
    power = found.local.chart.power
    kept = [readable(found.expr(rows[i])) * law.z ** sp.Rational(i, power) for i in sorted(rows)][: terms + 1]
    return replace(
        law, offset=sp.S.Zero, asked=terms, straighten=lambda: Straightened(tuple(kept), lambda: sp.Add(*kept))
    )


class _Telescoped:
    """The coefficients of H, of the mean and of the logarithm, exactly; ``terms`` + 1 of H where there are as many."""

    def __init__(self, law: Conjugacy, g: sp.Expr | SeriesFunction, terms: int) -> None:
        self.law = law
        self.local = law.recurrence.local_map()
        self.degree = 1 if law.kind != "superattracting" else int(law.recurrence.classify().order)
        size = terms + 4
        while True:
            step, start, rows, self.slope = self._expansions(g, size)
            straight = (
                schroeder_series(ps.truncate(step, size), size)
                if self.degree == 1
                else [0, *ps.exp(boettcher_series(step, size), size)][:size]
            )
            gamma = along_t(rows, start, self.slope, ps.revert(straight, size))
            self.mean = gamma.pop(0, 0)
            self.h = telescoped(gamma, step[self.degree], self.degree, g)
            if len(self.h) > terms or size > terms + _MOST_ZEROS:
                break
            size += terms + 3

    def _expansions(self, g: sp.Expr | SeriesFunction, size: int) -> tuple[list[Any], int, list[Any], Any]:
        """The map and g in w over one ring: w' = step, g from w**start on, and its coefficient of log w."""
        local = self.local
        local.table.run(lambda: local.table.convert(LOG_W))
        for _ in range(20):
            ring, chart = local.table.ring, local.chart
            step, *_ = small_step(local, size + self.degree)
            found, local.chart = expand_through(local.table, g, self.law.recurrence.x, local.chart, size - 1)
            if local.table.ring is ring and local.chart == chart:
                rows, slope = split_logarithm(local.table, found, g)
                return step, found.start, rows[: max(size - found.start, 0)], slope
        raise UnsupportedError("the coefficients bring in ever more constants; simplify the map")

    def expr(self, element: Any) -> sp.Expr:
        """A coefficient as an expression."""
        return self.local.table.expr(element)

    def drift(self) -> sp.Expr:
        """The part that grows like n, and the sum of the logarithms."""
        law, power = self.law, self.local.chart.power
        mean, slope = readable(self.expr(self.mean)) * law.n, readable(self.expr(self.slope))
        if slope == 0:
            return mean
        lead = law.recurrence.classify().leading
        if lead.is_negative:
            raise UnsupportedError("the logarithm of the distance has no expansion where the orbit changes sides")
        if self.degree == 1:
            logs = sp.log(law.recurrence.chart.side * law.c) * law.n + sp.log(lead) * law.n * (law.n - 1) / 2
        else:
            d = sp.Integer(self.degree)
            logs = (sp.log(law.c) * (d**law.n - 1) - law.n * sp.log(lead)) / (d - 1)
        return mean + slope * logs / power


def along_t(rows: list[Any], start: int, slope: Any, inverse: list[Any]) -> dict[int, Any]:
    """The coefficients of g in t, its logarithm left out, from those in w and from w(t)."""
    unit, size = inverse[1:], len(inverse) - 1
    found: dict[int, Any] = {}
    powers = ps.powers(unit, start, start + max(len(rows) - 1, 0), size)
    for j, c in enumerate(rows, start=start):
        if ps.is_zero(c):
            continue
        for i, p in enumerate(powers[j][: max(size + 1 - j, 0)] if j > 0 else powers[j]):
            if not ps.is_zero(p) and i + j <= start + size - 1:
                found[i + j] = found.get(i + j, 0) + p * c
    if not ps.is_zero(slope):
        for i, p in enumerate(ps.log(unit, size)):
            if not ps.is_zero(p):
                found[i] = found.get(i, 0) + p * slope
    last = min(size - 1, start + size - 1)
    return {i: c for i, c in found.items() if i <= last and not ps.is_zero(c)}


def telescoped(gamma: Mapping[int, Any], head: Any, degree: int, g: Any) -> dict[int, Any]:
    """The coefficients of H for t' = head t**degree."""
    if degree == 1:
        return {i: _reduced(c / (head**i - 1)) for i, c in gamma.items()}
    if any(i < 0 for i in gamma):
        raise UnsupportedError(
            f"the sum of {g} grows doubly exponentially, with its last term: add up the last few terms, x_(n-1), "
            "x_(n-2), ..., which give every digit"
        )
    found: dict[int, Any] = {}
    for i in range(1, max(gamma, default=0) + 1):
        before = found.get(i // degree, 0) if i % degree == 0 else 0
        h = (before * head ** (i // degree) if not ps.is_zero(before) else 0) - gamma.get(i, 0)
        if not ps.is_zero(h):
            found[i] = h
    return found


def _reduced(c: Any) -> Any:
    return c.reduced() if isinstance(c, Element) else c
