r"""Linear equations driven by the state: e' = m(x) e + r(x) along the orbits of a parabolic recurrence.

The general solution is :math:`e_n = E(x_n) + K\,h(x_n)`, with the *particular* solution :math:`E(F) = m E + r` as a
series in the small variable w and the *homogeneous* one :math:`h(F) = m h`.

*Particular.*  The unknown coefficient of :math:`w^j` enters with the leading factor :math:`j M_k - m_k` (or
:math:`-m_s` where m - 1 begins at :math:`w^s`, s < k; or :math:`1 - m_0` where that is not zero).  Where the factor
vanishes exactly, j is *resonant* and the coefficient becomes a polynomial in :math:`\log w` of one degree more
(:mod:`derive.difference.driven.chain`).  With a symbolic exponent the factors stay as denominators, and the parameter
values at which one of them vanishes are reported (:meth:`LinearSolution.resonant_values`): there a logarithm appears.

*Homogeneous.*  :math:`\log h` telescopes :math:`\log m`: :math:`h = \mu^n e^{S(\theta)}\,\theta^{b} (1 + \dots)`, with
b the coefficient of :math:`\log w` in log h, so that :math:`h \sim n^{-\delta}`, :math:`\delta = b/k`; S is present
only where m - 1 begins below :math:`w^k` (a stretched exponential), :math:`\mu = m_0` only where that is not 1.

Unlike a transseries (:mod:`derive.difference.driven.triangular`) the two parts are kept apart, so that nothing needs to
be known about the size of a symbolic exponent; and the particular solution may grow.
Source: de Bruijn, *Asymptotic Methods in Analysis*, chapter 8; the resonance rule is that of Frobenius.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import sympy as sp

from derive.difference.arguments import checked_terms
from derive.difference.driven.formal_linear import FormalLinear, LinearRow
from derive.difference.driven.transseries import sum_with_estimate
from derive.difference.expansion import Expansion
from derive.difference.frame import Frame, Framed, fresh_symbol, polynomial
from derive.difference.near_point.series_function import SeriesFunction, as_expression
from derive.difference.recurrence import Recurrence
from derive.errors import InputError

__all__ = ["LinearSolution", "linear"]

Function: TypeAlias = sp.Expr | SeriesFunction


@dataclass(frozen=True)
class LinearSolution(Framed):
    """The solution of a driven linear equation; see the module docstring.

    ``particular`` and ``homogeneous`` are rows of theta with polynomials in Y and log theta, two more than ``asked``
    where they exist; those of the homogeneous part are the factor that tends to 1.  ``exponent`` is delta in
    h ~ n^(-delta), ``decay`` the factor mu^n exp(S) (1 in the ordinary case).  ``logarithms`` lists the exponents of w
    at which a resonance put a logarithm, ``conditions`` the expressions in the parameters that must not vanish.
    """

    recurrence: Recurrence
    multiplier: Function
    forcing: Function
    frame: Frame
    K: sp.Symbol
    particular: tuple[LinearRow, ...]
    homogeneous: tuple[LinearRow, ...]
    asked: int
    exponent: sp.Expr
    decay: sp.Expr
    logarithms: tuple[int, ...]
    conditions: tuple[sp.Expr, ...]
    root: int = 1
    formal: FormalLinear | None = field(default=None, repr=False, compare=False)

    @cached_property
    def particular_terms(self) -> list[sp.Expr]:
        """The terms of the particular solution in n and log n."""
        return [self._term(r) for r in self.particular[: self.asked]]

    @cached_property
    def homogeneous_terms(self) -> list[sp.Expr]:
        """The terms of the homogeneous solution without its amplitude K, in n and log n."""
        front = self.decay * self.n ** (-self.exponent) * self.frame.scale**self.exponent
        return [front * self._term(r) for r in self.homogeneous[: self.asked]]

    @cached_property
    def expr(self) -> sp.Expr:
        """Both parts: the particular solution plus K times the homogeneous one."""
        return sp.Add(*self.particular_terms, *(self.K * t for t in self.homogeneous_terms))

    @cached_property
    def error(self) -> tuple[sp.Expr, sp.Expr]:
        """The O-terms of the particular and of the homogeneous part."""
        orders = []
        for rows in (self.particular, self.homogeneous):
            row = rows[self.asked] if len(rows) > self.asked else None
            orders.append(
                sp.Integer(0)
                if row is None
                else self.frame.order(row.exponent, row.degree(self.frame.log_coefficient != 0))
            )
        exact, relative = orders
        if relative != 0:
            size = relative.args[0] * self.decay * self.n ** (-self.exponent)
            relative = sp.Order(size, (self.n, sp.oo)) if not self.exponent.free_symbols and self.decay == 1 else size
        return exact, relative

    def resonant_values(self, symbol: sp.Symbol) -> tuple[sp.Expr, ...]:
        """The values of a parameter at which a coefficient computed here has a pole: a logarithm appears there."""
        found: set[sp.Expr] = set()
        for condition in self.conditions:
            if condition.has(symbol):
                found |= set(sp.solve(condition, symbol))
        return tuple(sorted(found, key=sp.default_sort_key))

    def _term(self, row: LinearRow) -> sp.Expr:
        """One row in n and log n."""
        log = self.frame.log_theta
        parts = [
            self.frame.classical(row.exponent, p) if t == 0 else self._with_log(row.exponent, p) * log**t
            for t, p in enumerate(row.by_log)
        ]
        return sp.Add(*parts)

    def _with_log(self, exponent: int, coefficients: tuple[sp.Expr, ...]) -> sp.Expr:
        return self.frame.power(exponent) * polynomial(coefficients, self.frame.Y_value)

    # digits

    def amplitude(self, x0: Any, e0: Any, digits: int = 30, params: Mapping[Any, Any] | None = None) -> sp.Float:
        """The amplitude K for the start (x0, e0) at index 0, by estimate."""
        from derive.difference.driven.linear_numbers import NumericLinear

        return NumericLinear(self, params).amplitude(x0, e0, digits)

    def at(self, n: int, x0: Any, e0: Any, digits: int = 30, params: Mapping[Any, Any] | None = None) -> sp.Float:
        """The value e_n at any depth for the start (x0, e0) at index 0, by estimate."""
        from derive.difference.driven.linear_numbers import NumericLinear

        return NumericLinear(self, params).at(n, x0, e0, digits)

    def evaluate(
        self, n: Any, c: Any, K: Any, digits: int = 15, params: Mapping[Any, Any] | None = None
    ) -> tuple[Any, Any]:
        """``(value, error estimate)`` of the terms asked for, for given constants; an estimate, not a bound.

        The larger of the next two terms of the particular solution plus that of the homogeneous one.
        """
        values = {self.n: n, self.c: c, self.K: K, **self.recurrence.values(params)}
        front = self.K * self.decay * self.n ** (-self.exponent) * self.frame.scale**self.exponent
        value, particular = sum_with_estimate(
            self.expr, [self._term(r) for r in self.particular[self.asked :]], values, digits
        )
        _, homogeneous = sum_with_estimate(
            sp.S.Zero, [front * self._term(r) for r in self.homogeneous[self.asked :]], values, digits
        )
        return value, particular + homogeneous

    def __repr__(self) -> str:
        return str(self.expr) if self.error == (0, 0) else f"{self.expr} + O-terms {self.error}"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {sp.latex(self.expr)} + \cdots$"


def linear(law: Any, multiplier: Any, forcing: Any = 0, terms: int | None = None) -> LinearSolution:
    r"""The solution of :math:`e_{n+1} = m(x_n)\,e_n + r(x_n)` along the orbits of ``law``.

    ``law`` is the Expansion of a parabolic recurrence, or the Recurrence; ``multiplier`` (m) and ``forcing`` (r) are
    expressions in its state, text, numbers or SeriesFunctions; ``terms`` counts the nonzero powers of the small scale
    in each part.

    Raises UnsupportedError where m grows, or tends to 0 or to a negative number, along the orbit.

    >>> x = sp.Symbol("x", positive=True)
    >>> d = sp.Symbol("d", positive=True)
    >>> s = linear(Recurrence(x, x + 1), 1 - d / x, 1 / x**2, terms=1)
    >>> s.particular_terms, s.homogeneous_terms, s.resonant_values(d)
    ([1/(n*(d - 1))], [n**(-d)], (1,))
    >>> linear(Recurrence(x, x + 1), 1 - 1 / x, 1 / x**2, terms=1).particular_terms
    [log(n)/n]
    """
    recurrence, frame, asked = _driver(law)
    terms = asked if terms is None else checked_terms(terms)
    m, r = (_function(f, name, recurrence.x) for f, name in ((multiplier, "multiplier"), (forcing, "forcing")))
    formal = FormalLinear(recurrence, m, r)
    found = formal.rows(terms + 2)
    K = fresh_symbol("K", recurrence.parameters | {recurrence.x, frame.n, frame.c, frame.Y}, real=True)
    frame = formal.frame(frame)
    return LinearSolution(
        recurrence,
        m,
        r,
        frame,
        K,
        found.particular,
        found.homogeneous,
        terms,
        found.exponent / frame.k,
        _decay(found, frame),
        found.logarithms,
        found.conditions,
        formal.root,
        formal,
    )


def _driver(law: Any) -> tuple[Recurrence, Frame, int]:
    if isinstance(law, Recurrence):
        law = law.asymptotics(terms=2)
        return law.recurrence, law.frame, 5
    if not isinstance(law, Expansion):
        raise InputError(f"{law!r} is neither a parabolic Recurrence nor its Expansion")
    if law.image is not None or law.by != 0:
        raise InputError("a driven equation needs the expansion of the state itself, not of an image of it")
    return law.recurrence, law.frame, law.asked


def _function(value: Any, name: str, x: sp.Symbol) -> Function:
    return value if isinstance(value, SeriesFunction) else as_expression(value, name, x)


def _decay(found: Any, frame: Frame) -> sp.Expr:
    exponent = sp.Add(*(s * frame.power(q) for q, s in found.growth.items()))
    return found.mu**frame.n * sp.exp(exponent)
