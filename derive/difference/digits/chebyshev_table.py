r"""A function of one variable at many float64 points, from few exact values: piecewise Chebyshev polynomials.

A panel holds its value at the centre as a pair of floats and a Chebyshev series for the difference, so that a large
constant part costs no digits.  Panels are cut until the last coefficients are below the rounding of the difference;
panels without points are dropped, and panels with few points give way to exact values, so that a singularity between
the points does no harm.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from derive.difference.digits.float_pairs import Pair, pair_of
from derive.errors import DeriveError, DomainError, PrecisionError

__all__ = ["evaluate_many"]

_NODES = 24
_FEW = 12  # points that are cheaper one by one
_MOST_EVALUATIONS = 12_000
_TAIL = 4  # coefficients that must be negligible
_SMALL = 2.5e-17
_BITS = 128


def evaluate_many(
    function: Callable[[Any], Any], points: Any, added: float = 0.0, floor: float = 0.0
) -> tuple[Any, ...]:
    """``(high, low, rest)`` with function(points) = high + low + rest; ``points`` sorted, ``function`` ball -> ball.

    The error is about 3e-17 (size + the variation inside one panel), where size is |function + added|, ``floor`` at
    least, and the variation is kept below a quarter of it.  Raises DomainError naming a point at which the function
    does, PrecisionError where the function is too irregular.
    """
    work = _Work(function, points, added, floor)
    pieces = [(0, points.size)]
    while pieces:
        first, last = pieces.pop()
        if last - first <= _FEW:
            work.one_by_one(first, last)
        elif _too_wide(points[first], points[last - 1]) or not work.panel(first, last):
            found = int(np.searchsorted(points, _middle(float(points[first]), float(points[last - 1]))))
            middle = min(max(found, first + 1), last - 1)
            pieces += [(middle, last), (first, middle)]
    return work.high, work.low, work.rest


class _Work:
    """The results being filled in."""

    def __init__(self, function: Callable[[Any], Any], points: Any, added: float, floor: float) -> None:
        self.function, self.points, self.added, self.floor = function, points, added, floor
        self.high, self.low, self.rest = (np.zeros_like(points) for _ in range(3))
        self.evaluations = 0

    def _value(self, point: Any) -> Any:
        self.evaluations += 1
        if self.evaluations > _MOST_EVALUATIONS:
            raise PrecisionError(
                f"x_n depends too irregularly on the starts near {float(point.mid())}; split the array, or move these "
                "starts some steps along their orbits first"
            )
        return self.function(point)

    def one_by_one(self, first: int, last: int) -> None:
        """Exact values at the points themselves."""
        from flint import arb, ctx

        with ctx.workprec(_BITS):
            for i in range(first, last):
                try:
                    value = self._value(arb(float(self.points[i])))
                except DomainError as error:
                    raise DomainError(f"in the array of starts, x0 = {float(self.points[i])!r}: {error}") from error
                self.high[i], self.low[i] = pair_of(value)

    def panel(self, first: int, last: int) -> bool:
        """One polynomial for the points from ``first`` to ``last - 1``; False where it is not good enough."""
        from flint import arb, ctx

        a, b = float(self.points[first]), float(self.points[last - 1])
        with ctx.workprec(_BITS):
            half, middle = (arb(b) - arb(a)) / 2, (arb(b) + arb(a)) / 2
            rows = _cosines()
            nodes = [(middle + half * u).mid() for u in rows[1]]
            try:
                centre = self._value(middle.mid())
                values = [self._value(x) - centre for x in nodes]
            except PrecisionError:
                raise
            except DeriveError:
                return False
            coefficients = _chebyshev(values, rows)
        variation, tail = np.abs(coefficients).sum(), np.abs(coefficients[-_TAIL:]).max()
        size = max(abs(float(centre.mid()) + self.added), self.floor)
        if not (variation <= 0.25 * size and tail <= _SMALL * (size + variation)):
            return False
        piece = slice(first, last)
        self.high[piece], self.low[piece] = pair_of(centre)
        self.rest[piece] = _clenshaw(coefficients, 2.0 * ((self.points[piece] - a) / (b - a)) - 1.0)
        return True


def _too_wide(a: float, b: float) -> bool:
    """Panels that span a large ratio are cut without a look."""
    return (a > 0 and b > 4 * a) or (b < 0 and a < 4 * b)


def _middle(a: float, b: float) -> float:
    """The geometric mean where the ends differ in size, else the arithmetic one."""
    if a > 0 and b > 2 * a:
        return math.sqrt(a) * math.sqrt(b)
    if b < 0 and a < 2 * b:
        return -math.sqrt(-a) * math.sqrt(-b)
    return a / 2 + b / 2


@cache
def _cosines() -> list[list[Any]]:
    """cos(j pi (2 i + 1)/(2 N)) as balls, a row for each j; row 1 holds the nodes."""
    from flint import arb, ctx

    with ctx.workprec(_BITS):
        angles = [arb(2 * i + 1) / (2 * _NODES) for i in range(_NODES)]
        return [[(u * j).cos_pi() for u in angles] for j in range(_NODES)]


def _chebyshev(values: list[Any], rows: list[list[Any]]) -> Any:
    """Coefficients of the interpolating polynomial, computed in balls: rounding here would hide the true decay."""
    sums = [sum((v * u for v, u in zip(values, row, strict=True)), values[0] * 0) for row in rows]
    return np.array([float((c * (2 if j else 1) / _NODES).mid()) for j, c in enumerate(sums)])


def _clenshaw(coefficients: Any, t: Any) -> Any:
    b1, b2 = np.zeros_like(t), np.zeros_like(t)
    for c in coefficients[:0:-1]:
        b1, b2 = c + 2.0 * t * b1 - b2, b1
    return coefficients[0] + t * b1 - b2


def as_pair(high: Any, low: Any, rest: Any) -> Pair:
    """high + low + rest as a pair."""
    from derive.difference.digits.float_pairs import add

    return add((high, low), (rest, np.zeros_like(rest)))
