r"""Balls of W(phi, q, cq) from its expansion at large variance and fixed correlation.

The expansion and its remainder are those of :mod:`derive.expectations.asymptotic.covariance_large`; here every moment
is a ball, kept per precision, and the iterated integrals are numbers.  With r^2 = 1 - t^2 they need the integrals
S_{n,j}(c) = int_0^c t^n r^{-2j-1} dt, for which integration by parts and t^2 = 1 - r^2 give

.. math::

    S_{n,j} = \frac{c^{n-1} r^{1-2j} - (n-1) S_{n-2,j-1}}{2j-1}\ (n \ge 1, j \ge 1), \quad
    S_{0,j} = S_{0,j-1} + S_{2,j}, \quad S_{n,0} = \frac{-c^{n-1} r + (n-1) S_{n-2,0}}{n}, \quad S_{0,0} = \arcsin c,

and int_0^c (c-t)^d/d! t^b r^{-2j-1} dt is a finite sum of them.
"""

from __future__ import annotations

from functools import lru_cache
from math import comb, factorial
from typing import Any

from flint import arb, ctx, fmpq

from derive.errors import UnsupportedError
from derive.expectations.asymptotic.covariance_large import PriceForm, multinomial_rows, price
from derive.expectations.asymptotic.pieces import real_function
from derive.numerics.compile import to_arb

__all__ = ["covariance_large_ball"]

_MAX_TERMS = 60
_PATIENCE = 2


def covariance_large_ball(phi: Any, q: Any, c: Any, r2: Any, bits: int) -> Any | None:
    """A ball with W(phi, q, c q), or None where the expansion cannot reach 2^-bits (relative to the value).

    ``q``, ``c`` and ``r2`` = 1 - c^2 > 0 are balls; r2 is given apart because c may be close to 1.
    """
    series = _series(phi, 64 * ((bits + 60) // 64 + 1))
    if series is None:
        return None
    with ctx.workprec(series.bits):
        value = _low_orders(series.form, q, c, bits)
        table = _Powers(c, r2, series.form.degree)
        wide = _Powers(abs(c), r2, series.form.degree)
        power = q**series.form.degree
        best, since = None, 0
        for j in range(_MAX_TERMS):
            bound = (power * series.bound(j, wide, table)).abs_upper()
            if bound < abs(value.mid()) * arb(2) ** -bits:
                return value + arb(0, bound)
            since = 0 if best is None or bound < best else since + 1
            best = bound if since == 0 else best
            if since > _PATIENCE:
                return None
            value += (-1) ** j * power * series.term(j, table)
            power /= q
    return None


@lru_cache(maxsize=32)
def _series(phi: Any, bits: int) -> _Series | None:
    try:
        with ctx.workprec(bits):
            return _Series(price(real_function(phi)), bits)
    except UnsupportedError:
        return None


def _low_orders(form: PriceForm, q: Any, c: Any, bits: int) -> Any:
    """sum over i <= d of (q c)^i/i! (E phi^(i))^2."""
    from derive.expectations.balls import expectation_ball

    total, power = arb(0), arb(1)
    for i, f in enumerate(form.functions):
        mean = expectation_ball(f, q, bits + 10)
        total += power * mean * mean
        power = power * q * c / (i + 1)
    return total


class _Series:
    """Moments of the decaying derivative h and the coefficients p_{j,b} of P_j(c) = sum_b p_{j,b} c^b."""

    def __init__(self, form: PriceForm, bits: int) -> None:
        self.form, self.bits = form, bits
        self.one_sign = form.measure.sign is not None
        self._squares = [None if s.sign is not None else s.squared() for s in form.measure.segments]
        self._moments: list[Any] = []
        self._absolute: list[Any] = []
        self._rows: dict[tuple[int, bool], list[tuple[int, Any]]] = {}

    def term(self, j: int, table: _Powers) -> Any:
        """The (d+1)-fold integral of P_j r^(-2j-1)."""
        return sum((p * table.integral(b, j) for b, p in self._row(j, absolute=False)), arb(0))

    def bound(self, j: int, wide: _Powers, table: _Powers) -> Any:
        """What is left after the terms below j, times q^(j - d): the first omitted term, or its absolute version."""
        if self.one_sign and table.c >= 0:
            return abs(self.term(j, table))
        return sum((p * wide.integral(b, j) for b, p in self._row(j, absolute=True)), arb(0))

    def _row(self, j: int, absolute: bool) -> list[tuple[int, Any]]:
        found = self._rows.get((j, absolute))
        if found is None:
            moment = self._absolute_moment if absolute else self._moment
            found = []
            for b, row in multinomial_rows(j):
                total = arb(0)
                for k, m, weight in row:
                    w = fmpq(abs(weight.numerator) if absolute else weight.numerator, weight.denominator)
                    total += arb(w) * moment(k) * moment(m)
                found.append((b, total / (2 * arb.pi())))
            self._rows[(j, absolute)] = found
        return found

    def _moment(self, k: int) -> Any:
        while len(self._moments) <= k:
            self._moments.append(self.form.measure.moment_ball(len(self._moments)))
        return self._moments[k]

    def _absolute_moment(self, k: int) -> Any:
        while len(self._absolute) <= k:
            self._absolute.append(self._absolute_bound(len(self._absolute)))
        return self._absolute[k]

    def _absolute_bound(self, k: int) -> Any:
        """An upper bound of the integral of |x^k h|: Cauchy-Schwarz where the sign of h is not known."""
        total = arb(0)
        for s, square in zip(self.form.measure.segments, self._squares, strict=True):
            if square is None:
                total += abs(s.moment_ball(k))
            else:
                high, low = square.moment_ball(2 * k + 2), square.moment_ball(2 * k)
                total += arb.pi().sqrt() * (high * low).sqrt().sqrt()
        for place, weight in self.form.measure.masses:
            total += abs(to_arb(weight)) * abs(to_arb(place)) ** k
        return total


class _Powers:
    """S_{n,j}(c) and the (d+1)-fold integrals of t^b r^(-2j-1) from 0 to c."""

    def __init__(self, c: Any, r2: Any, degree: int) -> None:
        self.c, self.r, self.degree = c, r2.sqrt(), degree
        self._known: dict[tuple[int, int], Any] = {}

    def integral(self, b: int, j: int) -> Any:
        d = self.degree
        if d < 0:
            return self._power(b) / self.r ** (2 * j + 1)
        total = arb(0)
        for i in range(d + 1):
            total += comb(d, i) * (-1) ** i * self._power(d - i) * self._s(b + i, j)
        return total / factorial(d)

    def _power(self, n: int) -> Any:
        return self.c**n if n else arb(1)

    def _s(self, n: int, j: int) -> Any:
        found = self._known.get((n, j))
        if found is None:
            found = self._known[(n, j)] = self._compute(n, j)
        return found

    def _compute(self, n: int, j: int) -> Any:
        if j == 0:
            if n == 0:
                return self.c.asin()
            before = self._s(n - 2, 0) if n > 1 else arb(0)
            start = arb(1) if n == 1 else arb(0)  # the lower end contributes only when n = 1
            return (start - self._power(n - 1) * self.r + (n - 1) * before) / n
        if n == 0:
            return self._s(0, j - 1) + self._s(2, j)
        before = self._s(n - 2, j - 1) if n > 1 else arb(0)
        start = arb(1) if n == 1 else arb(0)
        return (self._power(n - 1) * self.r ** (1 - 2 * j) - start - (n - 1) * before) / (2 * j - 1)
