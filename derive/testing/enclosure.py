"""A number lies in a ball or an interval."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import sympy as sp

from derive.errors import InputError, Undecided
from derive.evidence.points import as_mpf
from derive.numerics.exact import exact_number
from derive.testing.sides import side_of

__all__ = ["assert_enclosed"]


def assert_enclosed(value: Any, enclosure: Any) -> None:
    """Assert that a number lies in a ball or an interval.

    ``value`` is an exact number, a closed SymPy expression, text, or a ball (all of it has to lie inside);
    ``enclosure`` is a :class:`~derive.numerics.ball.Ball`, anything with a ``ball``, or a pair ``(low, high)`` of exact
    numbers.  Irrational numbers are enclosed with more and more bits until the question is settled; one that cannot be
    told from an end of the interval raises :class:`~derive.errors.Undecided`.  AssertionError says by how much the
    number misses.

    >>> from derive import Ball
    >>> assert_enclosed(sp.pi, (3, "22/7"))
    >>> assert_enclosed("sqrt(2)", Ball("1.41", "1/1000"))
    Traceback (most recent call last):
      ...
    AssertionError: 1.41421356237... lies above [1.409, 1.411] by 0.0032135624
    """
    low, high = _interval(enclosure)
    inner_low, inner_high = _settled(value, low, high)
    for outside, word in ((low - inner_low, "below"), (inner_high - high, "above")):
        if outside > 0:
            ends = f"[{_decimal(low, 12)}, {_decimal(high, 12)}]"
            middle = _decimal((inner_low + inner_high) / 2, 12)
            raise AssertionError(f"{middle}... lies {word} {ends} by {_decimal(outside, 8)}")


def _decimal(value: Any, digits: int) -> str:
    return mpmath.nstr(as_mpf(value), digits)


def _interval(enclosure: Any) -> tuple[Any, Any]:
    from derive.numerics.ball import Ball

    ball = getattr(enclosure, "ball", enclosure)
    if isinstance(ball, Ball):
        return ball.bounds()
    if isinstance(enclosure, tuple) and len(enclosure) == 2:
        low, high = (_fraction_of(v) for v in enclosure)
        if low > high:
            raise InputError(
                f"the interval ({enclosure[0]}, {enclosure[1]}) is empty; give (low, high) with low <= high"
            )
        return low, high
    raise InputError(f"{enclosure!r} is no enclosure; give a Ball or a pair (low, high)")


def _fraction_of(value: Any) -> Any:
    number = exact_number(value, "end of the interval")
    if not number.is_Rational:
        raise InputError(f"the end {number} of the interval is not rational; give a fraction or a decimal as text")
    return Fraction(int(number.p), int(number.q))


def _settled(value: Any, low: Any, high: Any) -> tuple[Any, Any]:
    """Rational bounds of the value, narrow enough to tell inside from outside."""
    from flint import ctx

    from derive.numerics import compile_ball
    from derive.numerics.ball import Ball

    if isinstance(value, Ball):
        return value.bounds()
    side = side_of(value)
    if not isinstance(side, sp.Expr) or side.free_symbols:
        raise InputError(f"{value!r} is not a number")
    if side.is_Rational:
        exact = _fraction_of(side)
        return exact, exact
    for bits in (128, 256, 512, 1024, 4096):
        with ctx.workprec(bits):
            found = compile_ball(side, ())()
        if not found.is_finite():
            continue
        bounds = Ball.from_arb(found).bounds()
        if all(not bounds[0] <= end <= bounds[1] for end in (low, high)):
            return bounds
    raise Undecided(f"{side} cannot be told from an end of the interval; give wider or more exact ends")
