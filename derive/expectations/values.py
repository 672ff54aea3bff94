r"""Digits of Gaussian expectations.

Every value is the midpoint of a proven ball (:mod:`derive.expectations.balls`), made with more and more bits until
the ball fixes the digits asked for; so a value is right or an error is raised.
"""

from __future__ import annotations

from math import ceil
from typing import Any

from flint import arb

from derive.errors import PrecisionError
from derive.expectations.balls import expectation_ball, variance_ball
from derive.numerics.compile import arb_to_mpf
from derive.numerics.exact import variance

__all__ = ["expectation_value", "variance_value"]


def expectation_value(f: Any, q: Any, digits: int = 30) -> Any:
    r"""E f(X), X ~ N(0, q), right to ``digits`` significant digits, as an mpf.

    ``f`` is an activation or a SymPy expression in one symbol; ``q`` an exact number (int, Fraction, text, SymPy)
    or an mpf or float, which stand for their exact binary value.  q = 0 gives f(0).

    Raises :class:`~derive.errors.DomainError` for q < 0 and for infinite expectations,
    :class:`~derive.errors.UnsupportedError` where no rule covers f, :class:`~derive.errors.PrecisionError` where the
    value cannot be told from 0.

    >>> import sympy as sp
    >>> x = sp.Symbol("x", real=True)
    >>> expectation_value(sp.log(1 + sp.exp(x)), 1, 15)
    mpf('0.806059183347439785')
    """
    return _settled(lambda bits: expectation_ball(f, q, bits), variance(q, "q"), digits, f)


def variance_value(phi: Any, q: Any, digits: int = 30) -> Any:
    """V(phi, q) = E phi(X)^2 to ``digits`` digits, as an mpf; see :func:`expectation_value`."""
    q = variance(q, "q")
    return _settled(lambda bits: variance_ball(phi, q, bits), q, digits, phi)


def _bits(digits: int) -> int:
    return ceil(digits * 3.3219280949) + 4


def _settled(ball: Any, q: Any, digits: int, f: Any) -> Any:
    """The midpoint of ``ball(bits)`` once its radius is below half a unit of the last digit asked for."""
    need = _bits(digits)
    for bits in (need + 4, 2 * need + 64):
        value = ball(bits)
        if value.rel_accuracy_bits() >= need or value.is_zero():
            return _rounded(value, digits)
    raise PrecisionError(
        f"the expectation of {f} at the variance {q} is {value.str(10)}, which does not fix {digits} digits; "
        "it may be exactly zero: ask for its enclosure (a ball) instead"
    )


def _rounded(value: arb, digits: int) -> Any:
    """The midpoint as an mpf with a few guard bits beyond the digits asked for."""
    import mpmath

    with mpmath.mp.workprec(_bits(digits) + 4):
        return +arb_to_mpf(value)
