r"""Abel's equation for a parabolic map, by one triangular solve.

The map is :math:`w' = w M(w)`, :math:`M = 1 + M_k w^k + M_{k+1} w^{k+1} + \dots`, :math:`k \ge 1`, attracting for small
:math:`w > 0` when :math:`M_k < 0`.  Its Abel function (Fatou coordinate)

.. math:: A(w) = \sum_{j \ge -k,\ j \ne 0} a_j w^j + b \log w, \qquad A(w M(w)) = A(w) + 1,

turns the iteration into counting: :math:`A(w_n) = n + A(w_0)`.  It is unique up to a constant; here it has none, which
fixes the constant :math:`c = A(w_0)` of every orbit.

*The solve.*  The increment of :math:`w^j` along the map is
:math:`w^j (M^j - 1) = j M_k w^{j+k} + \dots`, and that of :math:`\log w` is :math:`\log M = M_k w^k + \dots`, which
takes the slot :math:`j = 0`.  So for any right-hand side :math:`g = \sum_i g_i w^i` the telescoping equation
:math:`H(w M) - H(w) = g` is triangular, and the only divisions are by :math:`j M_k`.  Abel's equation is :math:`g = 1`.

The series diverges in general (it is Gevrey of order 1 in :math:`w^k`) but is asymptotic to the true Abel function on
the attracting petal.  Sources: P. Fatou, *Bull. SMF* 47 (1919); N. G. de Bruijn, *Asymptotic Methods in Analysis*,
chapter 8; J. Ecalle, *Les fonctions resurgentes* (1981), who calls it the iterator.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp

from derive.difference.series import powerseries as ps
from derive.difference.series.laurent import as_fmpq
from derive.errors import InputError
from derive.numerics.exact import whole_number

_HIGHEST_ORDER = 100_000
__all__ = ["AbelSeries", "LogSeries", "abel", "defect", "leading_order", "telescope"]


@dataclass(frozen=True)
class LogSeries:
    r"""A generalized series :math:`\sum_{i \ge 0} c_i w^{v+i} + \ell \log w`, known to ``len(coefficients)`` terms.

    ``start`` is :math:`v` (an integer, mostly negative), ``log`` is :math:`\ell`.  Coefficients are exact ring elements
    or numbers; :meth:`value`, :meth:`derivative` need numbers (``arb``, ``acb``, ``mpf``, ``fmpq`` with an ``arb`` w).
    """

    start: int
    coefficients: tuple[Any, ...]
    log: Any = 0

    @property
    def order(self) -> int:
        """The largest exponent that is known; the first omitted power is one more."""
        return self.start + len(self.coefficients) - 1

    def coefficient(self, j: int) -> Any:
        """The coefficient of ``w^j``; zero below the first, an error above the last known one."""
        if j > self.order:
            raise InputError(f"the coefficient of w^{j} was not computed; the series is known up to w^{self.order}")
        return self.coefficients[j - self.start] if j >= self.start else 0

    def value(self, w: Any, order: int | None = None) -> Any:
        """The sum at ``w``, through ``w^order`` when that is given."""
        stop = len(self.coefficients) if order is None else max(order - self.start + 1, 0)
        total = ps.evaluate(self.coefficients[:stop], w) * w**self.start
        return total if ps.is_zero(self.log) else total + self.log * _log(w)

    def derivative(self, w: Any, order: int | None = None) -> Any:
        """The derivative of the sum at ``w``."""
        stop = len(self.coefficients) if order is None else max(order - self.start + 1, 0)
        slopes = [x * (self.start + i) for i, x in enumerate(self.coefficients[:stop])]
        return ps.evaluate(slopes, w) * w ** (self.start - 1) + self.log / w

    def map(self, function: Any) -> LogSeries:
        """The same series with ``function`` applied to every coefficient (a change of ring, say)."""
        return LogSeries(self.start, tuple(function(x) for x in self.coefficients), function(self.log))

    def truncate(self, order: int) -> LogSeries:
        """The series through ``w^order``."""
        return LogSeries(self.start, self.coefficients[: max(order - self.start + 1, 0)], self.log)


@dataclass(frozen=True)
class AbelSeries(LogSeries):
    r"""The Abel function :math:`\sum_{j=-k}^{N} a_j w^j + b \log w` of a map ``w' = w M(w)``.

    ``start`` is :math:`-k`, ``order`` is :math:`N`, ``coefficient(j)`` is :math:`a_j` (``coefficient(0) == 0``) and
    ``log`` is :math:`b`; ``value(w)`` and ``derivative(w)`` evaluate the truncated sum.
    """

    @property
    def k(self) -> int:
        """The order of contact: ``M = 1 + M_k w^k + ...``."""
        return -self.start

    def map(self, function: Any) -> AbelSeries:
        """The same series with ``function`` applied to every coefficient."""
        return AbelSeries(self.start, tuple(function(x) for x in self.coefficients), function(self.log))

    def truncate(self, order: int) -> AbelSeries:
        """The series through ``w^order``."""
        return AbelSeries(self.start, self.coefficients[: max(order - self.start + 1, 0)], self.log)


def _log(w: Any) -> Any:
    if hasattr(w, "log"):
        return w.log()
    import mpmath

    return mpmath.log(w)


def leading_order(multiplier: Sequence[Any]) -> int:
    """The order of contact k of ``M = [1, 0, ..., 0, M_k, ...]``."""
    k = ps.valuation([0, *multiplier[1:]])
    if k >= len(multiplier):
        raise InputError(
            "M = 1 to the order given: the map is the identity as far as its series shows; give more terms"
        )
    return k


def telescope(multiplier: Sequence[Any], g: Sequence[Any], start: int, order: int) -> LogSeries:
    r"""The series ``H`` without constant term with :math:`H(wM) - H(w) = \sum_i g_i w^{start + i}`.

    ``multiplier`` is the list of coefficients of ``M`` (``M[0] = 1``), ``order`` the last exponent of ``H`` wanted; M
    must be given through index ``order + 2 k - start`` and g through exponent ``order + k``: what is missing counts as
    zero.  ``H`` begins at exponent ``start - k``.  The coefficient of ``w^0`` is zero; ``H.log`` multiplies ``log w``.
    Cost: one series product for each exponent; a map in powers of ``w^d`` only is solved in ``w^d``.
    """
    k = leading_order(multiplier)
    first = start - k
    size = order - first + 1  # exponents of H; also the number of equations, at exponents start .. order + k
    if size <= 0:
        return LogSeries(first, ())
    m, rhs = ps.truncate(multiplier, size + k), ps.truncate(g, size)
    step = math.gcd(*(i for series in (m, rhs) for i, x in enumerate(series) if not ps.is_zero(x)))
    m, residual, lead = m[::step], ps.neg(rhs[::step]), multiplier[k]
    width, lag = len(m), k // step  # increments of w^j begin lag places after w^j
    ratio, current = ps.power(m, step, width), ps.power(m, first, width)
    out: list[Any] = [0] * size
    log_coefficient: Any = 0
    for i in range(len(residual)):
        j = first + i * step
        if i:
            current = ps.mul(current, ratio, width - i) if j else ps.truncate([1], width - i)
        if ps.is_zero(residual[i]):
            continue
        if j:
            out[i * step] = -residual[i] / (lead * j)
            _update(residual, i, out[i * step], current[lag:])
        else:
            log_coefficient = -residual[i] / lead
            _update(residual, i, log_coefficient, ps.log(m, width - i)[lag:])
    return LogSeries(first, tuple(out), log_coefficient)


def _update(residual: list[Any], i: int, factor: Any, increments: Sequence[Any]) -> None:
    """Add ``factor * increments`` to the equations after the i-th; the i-th is solved exactly."""
    residual[i] = 0
    for s, x in enumerate(increments[1 : len(residual) - i], start=i + 1):
        if not ps.is_zero(x):
            residual[s] = residual[s] + factor * x


def abel(multiplier: Sequence[Any], order: int) -> AbelSeries:
    r"""The Abel function of ``w' = w M(w)`` through ``w^order``, without constant term.

    ``multiplier`` lists the coefficients of M, with ``M[0] = 1``, through index ``order + 2 k`` (missing ones count as
    zero).  The quotient field is never needed: the only divisions are by integers and by ``M_k``.

    >>> from flint import fmpq
    >>> A = abel([fmpq((-1) ** i) for i in range(6)], 3)     # w' = w/(1+w), A = 1/w exactly
    >>> A.coefficients, A.log
    ((1, 0, 0, 0, 0), 0)
    """
    order = whole_number(order, "order", _HIGHEST_ORDER)
    if not isinstance(multiplier, Sequence) or isinstance(multiplier, (str, bytes)):
        raise InputError(f"multiplier = {multiplier!r} must list the coefficients of M, beginning with 1")
    rows = [_exact(c) for c in multiplier]
    if not rows or not ps.is_zero(rows[0] - 1):
        raise InputError(f"M = {rows[:4]} must begin with the coefficient 1")
    solved = telescope([1, *rows[1:]], [1], 0, order)
    return AbelSeries(solved.start, solved.coefficients, solved.log)


def _exact(c: Any) -> Any:
    """Python's integers and fractions as flint's."""
    if isinstance(c, (bool, float, complex, str)):
        raise InputError(f"the coefficient {c!r} of M is not exact; give fractions, balls or ring elements")
    return (as_fmpq(c) if c else 0) if isinstance(c, (int, Fraction, sp.Rational)) else c


def defect(multiplier: Sequence[Any], series: LogSeries, length: int) -> list[Any]:
    r"""Coefficients of :math:`H(wM) - H(w)` at exponents ``start + k, start + k + 1, ...``, ``length`` of them.

    For an Abel series the first is 1 and the next ``order + k`` are 0: the check that :func:`abel` solved its equation.
    """
    k = leading_order(multiplier)
    m = ps.truncate(multiplier, length + k)
    out: list[Any] = [0] * length
    for i, x in enumerate(series.coefficients):
        j = series.start + i
        if i >= length or ps.is_zero(x) or j == 0:
            continue
        for s, y in enumerate(ps.power(m, j, length + k - i)[k:], start=i):
            out[s] = out[s] + x * y
    if not ps.is_zero(series.log):
        shift = -series.start
        for s, y in enumerate(ps.log(m, max(length + k - shift, 0))[k:], start=shift):
            out[s] = out[s] + series.log * y
    return out
