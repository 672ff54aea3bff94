r"""x_n for arrays of starts in float64: 10^6 starts, n up to 10^12 and beyond, relative error below 1e-15.

Close to the fixed point the Abel function is its series.  There :math:`A(x_0) + n` is formed in pairs of floats and
inverted by Newton's method in :math:`s = w^{-k}`, the leading monomial :math:`a_{-k} s` in pairs and everything smaller
in floats; the last power :math:`x = w^{\pm r}` is taken in pairs again, so that one rounding remains.

Starts farther away are not iterated (each step would round).  The function of the start that is wanted, :math:`A(x_0)`
or, for small n, :math:`x_n(x_0)` itself, is interpolated over the range of the starts from a few hundred exact values
(:mod:`derive.difference.digits.chebyshev_table`); each start costs one polynomial.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from derive.difference.arguments import checked_index, start_value
from derive.difference.digits.chebyshev_table import as_pair, evaluate_many
from derive.difference.digits.constants import recurrence_of
from derive.difference.digits.float_pairs import Pair, add, multiply, pair_of, power
from derive.difference.digits.numbers_of import Numbers, numbers_of
from derive.difference.orbits.abel_depth import value_at_depth
from derive.difference.orbits.numeric_map import next_terms
from derive.difference.orbits.orbit import Orbit
from derive.difference.series import powerseries as ps
from derive.difference.series.magnitude import log10_upper
from derive.errors import DomainError, PrecisionError

__all__ = ["array_at"]

_FEW = 24  # up to so many different starts are done one by one
_BLOCK = 1 << 14
_BITS = 128
_DIGITS = 20


def array_at(law: Any, n: int, starts: Any, params: Mapping[Any, Any] | None = None) -> Any:
    """x_n for every start of a float64 array, as an array of the same shape.

    ``law`` is a Recurrence of the parabolic class or its Expansion.  Each start means its exact binary value; the
    relative error is below 1e-15.  Raises DomainError naming the first start whose orbit does not tend to the fixed
    point, and PrecisionError where the starts lie in a range in which x_n depends on them too irregularly to be
    tabulated.

    >>> from derive.difference import Recurrence
    >>> import sympy as sp
    >>> x = sp.Symbol("x", positive=True)
    >>> array_at(Recurrence(x, sp.sin(x), point=0), 10**12, np.array([0.5, 1.0]))
    array([1.73205081e-06, 1.73205081e-06])
    """
    n = checked_index(n)
    if n > 10**300:
        raise PrecisionError("float64 arrays reach n = 1e300; ask for single values with at(n, x0) beyond")
    given = np.asarray(starts, dtype=np.float64)
    flat = given.ravel()
    if not np.all(np.isfinite(flat)):
        bad = flat[~np.isfinite(flat)][0]
        raise DomainError(f"x0 = {bad} in the array of starts is not a finite number; remove it")
    if n == 0 or flat.size == 0:
        return given.copy()
    numbers = numbers_of(recurrence_of(law), params)
    order = np.argsort(flat)
    sorted_starts = flat[order]
    new = np.r_[True, sorted_starts[1:] != sorted_starts[:-1]]
    different = sorted_starts[new]
    if different.size <= _FEW:
        values = np.array([_one(numbers, n, float(x)) for x in different])
    else:
        with np.errstate(all="ignore"):  # overflow of what is then not used
            values = _Inverter(numbers).all(n, different)
    if not np.all(np.isfinite(values)):
        bad = different[~np.isfinite(values)][0]
        raise PrecisionError(f"no float64 value of x_n was found for x0 = {bad}; ask for it alone, with at(n, x0)")
    out = np.empty_like(flat)
    out[order] = values[np.cumsum(new) - 1]
    return out.reshape(given.shape)


def _one(numbers: Numbers, n: int, start: float) -> float:
    """One start, by the exact route."""
    exact = start_value(start)
    return float(value_at_depth(numbers, n, exact, _DIGITS).mid())


@dataclass(frozen=True)
class _Series:
    """The Abel series in floats: exponents and coefficients after the leading one, which is a pair."""

    lead: tuple[float, float]
    exponents: tuple[int, ...]
    coefficients: tuple[float, ...]
    log: float

    def rest(self, w: Any) -> Any:
        """A(w) - a_{-k} w**-k."""
        total = self.log * np.log(w) if self.log else np.zeros_like(w)
        for j, a in zip(self.exponents, self.coefficients, strict=True):
            total += a * w**j
        return total

    def rest_slope(self, w: Any) -> Any:
        """w d/dw of the rest."""
        total = np.full_like(w, self.log)
        for j, a in zip(self.exponents, self.coefficients, strict=True):
            total += (j * a) * w**j
        return total


class _Inverter:
    """The float64 form of one map."""

    def __init__(self, numbers: Numbers) -> None:
        self.numbers, self.what = numbers, numbers.what
        self.k, self.chart = self.what.k, self.what.chart
        self._choose_region()
        point = (0.0, 0.0) if self.chart.at_infinity else self._exact_pair(self.chart.point)
        self.point = point

    def _exact_pair(self, number: Any) -> tuple[float, float]:
        from flint import ctx

        from derive.numerics import to_arb

        with ctx.workprec(_BITS):
            return pair_of(to_arb(number))

    def _choose_region(self) -> None:
        """Order and largest w at which the series has 18 decimals and its leading term dominates."""
        what, k = self.what, self.k
        order = 14 * k + 2 * what.stride
        beyond = order + what.window(order)
        self.series = what.abel(beyond, _BITS).truncate(beyond)
        self.order = order
        lead = what.log10_lead()
        depth = 1.0
        while depth < 12:
            log10_w = (lead - depth) / k
            if next_terms(self.series, order, log10_w) < -18 and self._dominated(log10_w, depth):
                break
            depth += 0.1
        self.depth, self.edge = depth, 10**log10_w
        rows = [(self.series.start + i, a) for i, a in enumerate(self.series.coefficients[: order + k + 1])]
        rows = [(j, float(a.mid())) for j, a in rows[1:] if j and not ps.is_zero(a)]
        log = 0.0 if ps.is_zero(self.series.log) else float(self.series.log.mid())
        self.floats = _Series(pair_of(self.series.coefficients[0]), *_columns(rows), log)

    def _dominated(self, log10_w: float, depth: float) -> bool:
        total = 0.0
        for i, a in enumerate(self.series.coefficients[1:], start=1 - self.k):
            if i <= self.order and i and not ps.is_zero(a):
                total += 10 ** min(log10_upper(a) + i * log10_w - depth, 300)
        if not ps.is_zero(self.series.log):
            total += 10 ** (log10_upper(self.series.log) - depth) * abs(log10_w) * 2.4
        return total < 0.7

    def all(self, n: int, starts: Any) -> Any:
        """x_n for a sorted array of different starts."""
        out = np.empty_like(starts)
        gap = self._gap(starts)
        near = self._is_near(gap[0])
        if near.any():
            out[near] = self._blocks(
                lambda x, g, e: self._from_gap(n, (g, e), x), starts[near], gap[0][near], gap[1][near]
            )
        if not near.all():
            out[~near] = self._far(n, starts[~near])
        return out

    def _blocks(self, function: Any, *columns: Any) -> Any:
        """Array functions run faster on pieces that stay in the cache."""
        size = columns[0].size
        return np.concatenate([function(*(c[i : i + _BLOCK] for c in columns)) for i in range(0, size, _BLOCK)])

    def _gap(self, x: Any) -> Pair:
        zero = np.zeros_like(x)
        gap = (x, zero) if self.point == (0.0, 0.0) else add((x, zero), (-self.point[0] + zero, -self.point[1] + zero))
        return gap if self.chart.side > 0 else (-gap[0], -gap[1])

    def _is_near(self, gap: Any) -> Any:
        if self.chart.at_infinity:
            return gap >= self.edge**-self.chart.root
        return (gap > 0) & (gap <= self.edge**self.chart.root)

    def _from_gap(self, n: int, gap: Pair, x: Any) -> Any:
        k, root = self.k, self.chart.root
        s = power(gap, k if self.chart.at_infinity else -k, root)
        own = multiply(s, _constant(self.floats.lead, x))
        still = ~np.isfinite(own[0]) | (own[0] > 1e18 * max(float(n), 1.0))
        s = np.where(still, self.edge**-k, s[0]), np.where(still, 0.0, s[1])
        own = multiply(s, _constant(self.floats.lead, x))
        w = s[0] ** (-1.0 / k)
        level = add(add(own, _constant(_integer_pair(n), x)), (self.floats.rest(w), np.zeros_like(x)))
        return np.where(still, x, self._invert(level))

    def _invert(self, level: Pair) -> Any:
        """x with A(x) = level."""
        k, root, f = self.k, self.chart.root, self.floats
        lead = f.lead[0]
        s = level[0] / lead
        for _ in range(60):
            w = s ** (-1.0 / k)
            gap = level[0] - lead * s - f.rest(w)
            move = gap / (lead - f.rest_slope(w) / (k * s))
            s = np.maximum(s + move, s / 4)
            if np.all(np.abs(move) <= 1e-14 * s):
                break
        else:
            raise PrecisionError("Newton's method for the array did not settle; ask for fewer starts at a time")
        w = s ** (-1.0 / k)
        own = multiply((s, np.zeros_like(s)), _constant(f.lead, s))
        gap = add(add(level, (-own[0], -own[1])), (-f.rest(w), np.zeros_like(s)))
        pair = add((s, np.zeros_like(s)), (gap[0] / (lead - f.rest_slope(w) / (k * s)), np.zeros_like(s)))
        x = power(pair, root if self.chart.at_infinity else -root, k)
        if self.chart.side < 0:
            x = (-x[0], -x[1])
        return add(x, _constant(self.point, s))[0]

    # starts that are not near

    def _far(self, n: int, x: Any) -> Any:
        """Through A(x_0) where x_n is near the point, through x_n(x_0) itself elsewhere."""
        if n <= 10**self.depth:
            return as_pair(*evaluate_many(lambda start: self._iterate_at(n, start), x))[0]
        base = as_pair(*evaluate_many(self._constant_at, x, added=float(n), floor=10**self.depth))
        level = add(base, _constant(_integer_pair(n), x))
        deep = level[0] >= 10**self.depth
        out = np.empty_like(x)
        if deep.any():
            out[deep] = self._blocks(lambda high, low: self._invert((high, low)), level[0][deep], level[1][deep])
        if not deep.all():
            out[~deep] = as_pair(*evaluate_many(lambda start: self._iterate_at(n, start), x[~deep]))[0]
        return out

    def _constant_at(self, start: Any) -> Any:
        """A at an exact ball, as a ball."""
        from flint import ctx

        steps, x = Orbit(self.what, start).until((self.what.log10_lead() - self.depth) / self.k, _BITS)
        with ctx.workprec(_BITS):
            return self.series.value(self.chart.to_w(x), self.order) - steps

    def _iterate_at(self, n: int, start: Any) -> Any:
        return Orbit(self.what, start).at(n, _BITS)


def _columns(rows: list[tuple[int, float]]) -> tuple[tuple[int, ...], tuple[float, ...]]:
    return tuple(j for j, _ in rows), tuple(a for _, a in rows)


def _constant(pair: tuple[float, float], like: Any) -> Pair:
    return np.full_like(like, pair[0]), np.full_like(like, pair[1])


def _integer_pair(n: int) -> tuple[float, float]:
    high = float(n)
    return high, float(n - int(high))
