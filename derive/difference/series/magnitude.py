"""Sizes of balls as decimal logarithms: floats would overflow and underflow."""

from __future__ import annotations

import math
from typing import Any

__all__ = ["log10_relative", "log10_size", "log10_upper", "shown"]

_READABLE = 1000

_LOG10_2 = math.log10(2)
_BEYOND = 10**300  # exponents beyond are all alike


def log10_upper(ball: Any) -> float:
    """log10 of an upper bound of |ball|; -inf for an exact zero, inf for what is not finite.

    >>> from flint import arb
    >>> round(log10_upper(arb(10) ** -400), 6)
    -400.0
    """
    if not ball.is_finite():
        return math.inf
    top = abs(ball).upper()
    if top.is_zero():
        return -math.inf
    mantissa, exponent = top.man_exp()
    return _log10(int(mantissa)) + min(max(int(exponent), -_BEYOND), _BEYOND) * _LOG10_2


def log10_size(ball: Any) -> float:
    """log10 of the midpoint's absolute value."""
    return log10_upper(ball.mid())


def log10_relative(ball: Any) -> float:
    """log10 of the radius over the midpoint: -inf for an exact number, inf where the ball touches 0 or infinity.

    As a quotient of balls, for the logarithms of tiny numbers do not resolve it.
    """
    if ball.is_exact() and ball.is_finite():
        return -math.inf
    if not ball.is_finite() or ball.contains(0):
        return math.inf
    return log10_upper((ball - ball.mid()) / ball.mid())


def _log10(n: int) -> float:
    n = abs(n)
    shift = max(n.bit_length() - 60, 0)
    return math.log10(n >> shift) + shift * _LOG10_2


def shown(x: Any) -> str:
    """A ball in a message: eight digits, or its order of magnitude where it is beyond all measure.

    >>> from flint import arb
    >>> shown(arb(1) / 3), shown(arb(2) ** 100_000)
    ('0.33333333', 'about 1e30103')
    """
    size = log10_size(x)
    if not math.isfinite(size) or abs(size) < _READABLE:
        return str(x.str(8, radius=False))
    sign = "-" if x < 0 else ""
    return f"about {sign}1e{size:.0f}" if abs(size) < 1e15 else f"about {sign}10**({size:.3g})"
