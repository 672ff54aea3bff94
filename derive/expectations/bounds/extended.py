"""What is known of a node on a half-strip, and arithmetic with intervals of extended reals.

Floats are moved outwards by a relative 1e-12 in every operation, far more than its roundings.  An infinite end stands
for "no bound"; 0 times an infinite end is 0, as for sets of reals.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, inf, isinf, isnan, log, sqrt

import sympy as sp

__all__ = ["Growth", "Known", "NoBound", "Range"]

SLACK = 1e-12
_LOG_MAX = 690.0

Range = tuple[float, float]


@dataclass(frozen=True)
class Growth:
    """a0 + n log(x/X) + a1 x + a2 x^2 for x >= X."""

    a0: float
    n: float = 0.0
    a1: float = 0.0
    a2: float = 0.0

    def __add__(self, other: Growth) -> Growth:
        return Growth(self.a0 + other.a0, self.n + other.n, self.a1 + other.a1, self.a2 + other.a2)

    def times(self, k: float) -> Growth:
        """k times the function."""
        return Growth(k * self.a0, k * self.n, k * self.a1, k * self.a2)

    def moved(self, side: int) -> Growth:
        """Coefficients moved up (side 1) or down (-1) by the rounding slack."""

        def outward(a: float) -> float:
            return a + side * SLACK * (abs(a) + 1e-3) if a else 0.0

        return Growth(self.a0 + side * SLACK * (abs(self.a0) + 1), *map(outward, (self.n, self.a1, self.a2)))

    def at_start(self, start: float) -> float:
        """The value at x = X."""
        return self.a0 + self.a1 * start + self.a2 * start * start


@dataclass(frozen=True)
class Known:
    re: Range
    im: Range
    above: Growth
    below: Growth | None


class NoBound(Exception):
    pass


def away(re: Range) -> tuple[int, float]:
    """(sign, distance from 0) of a real part that keeps one sign."""
    if re[0] > 0:
        return 1, re[0]
    if re[1] < 0:
        return -1, -re[1]
    raise NoBound


def near(side: int, radius: float, centre: float = 1.0) -> Known:
    """Values within ``radius`` of side*centre."""
    if isinf(radius):
        raise NoBound
    radius = radius * (1 + 1e-9) + 1e-15
    re = (side * centre - radius, side * centre + radius)
    below = Growth(log(centre - radius)).moved(-1) if radius < centre else None
    return Known(re, (-radius, radius), Growth(log(centre + radius)).moved(1), below)


def monotone(re: Range, function: Callable[[float], float], limit: float) -> Known:
    low, high = (limit * (1 if v > 0 else -1) if isinf(v) else function(v) for v in re)
    low, high = low - SLACK * (1 + abs(low)), high + SLACK * (1 + abs(high))
    size = max(abs(low), abs(high))
    return Known((low, high), (0.0, 0.0), Growth(log(size)).moved(1), modulus_below((low, high), (0.0, 0.0)))


def constant(node: sp.Expr) -> Known:
    value = float(node)
    if abs(value) < 1e-280:
        return Known((-1e-280, 1e-280), (0.0, 0.0), Growth(-600.0), None)
    pad = SLACK * abs(value)
    size = Growth(log(abs(value)))
    return Known((value - pad, value + pad), (0.0, 0.0), size.moved(1), size.moved(-1))


def fields(g: Growth) -> tuple[float, float, float, float]:
    return g.a0, g.n, g.a1, g.a2


def sup(g: Growth, start: float) -> float:
    """The supremum over x >= start of a growth (infinite unless it falls from the start on)."""
    if g.a2 <= 0 and max(g.n, 0.0) / start + g.a1 + 2 * g.a2 * start <= 0:
        return g.at_start(start)
    return inf


def of_sum(a: Growth, b: Growth) -> Growth:
    return Growth(max(a.a0, b.a0) + log(2), max(a.n, b.n), max(a.a1, b.a1), max(a.a2, b.a2)).moved(1)


def log_of(g: Growth, start: float) -> Growth:
    """A growth above log(g), for g with coefficients >= 0.

    With r = x/X >= 1: a0 + n log r <= A r^(n/A) for A >= a0, since 1 + t <= e^t; otherwise log r <= r, and every term
    grows at most like r (a2 = 0) or r^2.
    """
    if g.a1 == g.a2 == 0:
        size = max(g.a0, g.n, 1e-300)
        return Growth(log(size), g.n / size).moved(1)
    power = 1.0 if g.a2 == 0 else 2.0
    return Growth(log(max(g.at_start(start) + g.n, 1e-300)), power).moved(1)


def tightest(above: Growth, re: Range, im: Range) -> Growth:
    """A constant where the ranges are bounded and the growth is not."""
    size = sqrt(max(re[0] ** 2, re[1] ** 2) + max(im[0] ** 2, im[1] ** 2)) if not unbounded(re, im) else inf
    grows = above.a2 > 0 or above.a1 > 0 or above.n > 0 or above.a0 > 0
    if grows and above.a2 >= 0 and above.a1 >= 0 and above.n >= 0 and 0 < size < inf:
        constant = Growth(log(size)).moved(1)
        return constant if (above.a2 or above.a1 or above.n or constant.a0 < above.a0) else above
    return above


def unbounded(re: Range, im: Range) -> bool:
    return any(isinf(v) for v in (*re, *im))


def modulus_below(re: Range, im: Range) -> Growth | None:
    least = max(re[0], -re[1], im[0], -im[1])
    return Growth(log(least)).moved(-1) if 0 < least < inf else None


def finished(re: Range, im: Range, above: Growth, below: Growth | None) -> Known:
    if any(isnan(v) for v in (*re, *im)):
        re, im = (-inf, inf), (-inf, inf)
    below = below.moved(-1) if below is not None else modulus_below(re, im)
    return Known(re, im, tightest(above.moved(1), re, im), below)


def reciprocal(w: Known) -> Known:
    """1/w: |.| from the lower bound; Re 1/w = Re w/|w|^2 has the sign of Re w."""
    if w.below is None:
        raise NoBound
    above = w.below.times(-1)
    grows_down = w.below.a2 >= 0 and w.below.a1 >= 0 and w.below.n >= 0
    size = exp_float(-w.below.a0, 1) if grows_down else inf
    low = 0.0 if w.re[0] >= 0 else -size
    high = 0.0 if w.re[1] <= 0 else size
    if w.im == (0.0, 0.0) and w.re[0] > 0:
        low, high = (0.0 if isinf(w.re[1]) else 1 / w.re[1]), 1 / w.re[0] * (1 + SLACK)
    im = (0.0, 0.0) if w.im == (0.0, 0.0) else (-size, size)
    return Known((low, high), im, above.moved(1), w.above.times(-1).moved(-1))


def real_power(w: Known, a: float) -> Known:
    """w^a on the principal branch for Re w > 0; (Re sqrt w)^2 = (|w| + Re w)/2 >= Re w."""
    if w.re[0] <= 0 and not (w.re[0] == 0 and w.im == (0.0, 0.0) and a > 0):
        raise NoBound
    if a < 0:
        w, a = reciprocal(w), -a
    if w.im == (0.0, 0.0):
        re = (power_float(w.re[0], a), power_float(w.re[1], a) * (1 + SLACK))
        im = (0.0, 0.0)
    else:
        re = (sqrt(max(w.re[0], 0.0)) * (1 - SLACK) if a == 0.5 else (0.0 if a <= 1 else -inf), inf)
        im = (-inf, inf)
    return finished(re, im, w.above.times(a), w.below.times(a) if w.below else None)


def power_float(v: float, a: float) -> float:
    if isinf(v):
        return inf
    try:
        return v**a
    except OverflowError:
        return inf


def total(ranges: list[Range]) -> Range:
    low, high = sum(r[0] for r in ranges), sum(r[1] for r in ranges)
    pad = SLACK * sum(abs(v) for r in ranges for v in r if not isinf(v))
    return (-inf if isnan(low) else low - pad, inf if isnan(high) else high + pad)


def times(a: Range, b: Range) -> Range:
    products = [0.0 if 0.0 in (u, v) else u * v for u in a for v in b]
    low, high = min(products), max(products)
    return (low if isinf(low) else low - SLACK * abs(low)), (high if isinf(high) else high + SLACK * abs(high))


def minus(a: Range, b: Range) -> Range:
    return total([a, (-b[1], -b[0])])


def complex_times(re1: Range, im1: Range, re2: Range, im2: Range) -> tuple[Range, Range]:
    if im1 == im2 == (0.0, 0.0):
        return times(re1, re2), (0.0, 0.0)
    return minus(times(re1, re2), times(im1, im2)), total([times(re1, im2), times(im1, re2)])


def integer_power_range(re: Range, im: Range, n: int) -> tuple[Range, Range]:
    if im == (0.0, 0.0):
        return real_integer_power(re, n), im
    if n == 2:
        return minus(real_integer_power(re, 2), real_integer_power(im, 2)), times((2.0, 2.0), times(re, im))
    if n > 8:
        return (-inf, inf), (-inf, inf)
    out_re, out_im = re, im
    for _ in range(n - 1):
        out_re, out_im = complex_times(out_re, out_im, re, im)
    return out_re, out_im


def real_integer_power(values: Range, n: int) -> Range:
    low, high = values
    ends = sorted((signed_power(low, n), signed_power(high, n)))
    if n % 2 == 0 and low < 0 < high:
        ends[0] = 0.0
    return (ends[0] if isinf(ends[0]) else ends[0] - SLACK * abs(ends[0])), (
        ends[1] if isinf(ends[1]) else ends[1] + SLACK * abs(ends[1])
    )


def signed_power(v: float, n: int) -> float:
    sign = -1.0 if v < 0 and n % 2 else 1.0
    return sign * power_float(abs(v), n)


def exp_float(v: float, side: int) -> float:
    if v > _LOG_MAX:
        return exp(_LOG_MAX) if side < 0 else inf
    if v < -_LOG_MAX:
        return 0.0 if side < 0 else exp(-_LOG_MAX)
    return exp(v) * (1 + side * SLACK)
