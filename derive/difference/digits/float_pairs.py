r"""Pairs of float64 arrays, hi + lo: twice the precision where one rounding too many would show.

The error-free transformations are Dekker's and Knuth's; ``numpy`` has no fused multiply-add, so factors are split.
Source: T. J. Dekker, *Numer. Math.* 18 (1971) 224; J. R. Shewchuk, *Discrete Comput. Geom.* 18 (1997) 305.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["Pair", "add", "multiply", "pair_of", "power", "reciprocal", "two_product", "two_sum"]

Pair = tuple[Any, Any]
_SPLIT = 134217729.0  # 2**27 + 1


def two_sum(a: Any, b: Any) -> Pair:
    """a + b exactly."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def _split(a: Any) -> Pair:
    t = _SPLIT * a
    high = t - (t - a)
    return high, a - high


def two_product(a: Any, b: Any) -> Pair:
    """a b exactly (for factors below 1e290 in size and no underflow)."""
    p = a * b
    ah, al = _split(a)
    bh, bl = _split(b)
    return p, ((ah * bh - p) + ah * bl + al * bh) + al * bl


def add(a: Pair, b: Pair) -> Pair:
    """The sum of two pairs, to about 1e-32 of the larger one."""
    s, e = two_sum(a[0], b[0])
    return two_sum(s, e + (a[1] + b[1]))


def multiply(a: Pair, b: Pair) -> Pair:
    """The product of two pairs, to about 1e-31."""
    p, e = two_product(a[0], b[0])
    return two_sum(p, e + (a[0] * b[1] + a[1] * b[0]))


def reciprocal(a: Pair) -> Pair:
    """1/a to about 1e-31: one Newton step from the reciprocal of the high part."""
    y = 1.0 / a[0]
    p = multiply((y, np.zeros_like(y)), a)
    gap = add((np.ones_like(y), np.zeros_like(y)), (-p[0], -p[1]))
    return two_sum(y, y * gap[0])


def _natural_power(a: Pair, n: int) -> Pair:
    out: Pair = (np.ones_like(a[0]), np.zeros_like(a[0]))
    while n:
        if n & 1:
            out = multiply(out, a)
        n >>= 1
        if n:
            a = multiply(a, a)
    return out


def power(a: Pair, p: int, q: int) -> Pair:
    """a**(p/q) for a > 0 and integers p and q > 0, to about 1e-30.

    The q-th root comes from numpy's power and two Newton steps with the residual in pairs; the binary exponent of a is
    taken out first, so that no intermediate power overflows.
    """
    _, exponent = np.frexp(a[0])
    turns = np.floor_divide(exponent, q)
    body = np.ldexp(a[0], -q * turns), np.ldexp(a[1], -q * turns)
    target = _natural_power(body, abs(p))
    if p < 0:
        target = reciprocal(target)
    root = target
    if q > 1:
        root = (np.power(target[0], 1.0 / q), np.zeros_like(target[0]))
        for _ in range(2):
            reached = _natural_power(root, q)
            gap = add(target, (-reached[0], -reached[1]))
            root = two_sum(root[0], root[1] + root[0] * (gap[0] / (q * reached[0])))
    return np.ldexp(root[0], p * turns), np.ldexp(root[1], p * turns)


def pair_of(ball: Any) -> tuple[float, float]:
    """The midpoint of an arb as a pair of floats."""
    from flint import arb, ctx

    high = float(ball.mid())
    with ctx.workprec(max(256, ball.mid().bits() + 64)):
        return high, float((ball.mid() - arb(high)).mid())
