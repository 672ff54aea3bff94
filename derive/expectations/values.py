r"""Digits of Gaussian expectations.

Every value is the midpoint of a proven ball (:mod:`derive.expectations.balls`), made with more and more bits until
the ball fixes the digits asked for; so a value is right or an error is raised.
"""

from __future__ import annotations

from math import ceil
from typing import Any

import sympy as sp
from flint import arb, ctx

from derive.errors import DomainError, InputError, PrecisionError
from derive.expectations.balls import expectation_ball, variance_ball
from derive.expectations.covariance import enclose_covariance, gap_ball
from derive.numerics.compile import arb_to_mpf, to_arb
from derive.numerics.exact import exact_number, sign_of, variance

__all__ = ["covariance_value", "expectation_value", "gap_value", "variance_value"]


def expectation_value(f: Any, q: Any, digits: int = 30) -> Any:
    r"""E f(X), X ~ N(0, q), right to ``digits`` significant digits, as an mpf.

    ``f`` is an activation or a SymPy expression in one symbol; ``q`` an exact number (int, Fraction, text, SymPy)
    or an mpf or float, which stand for their exact binary value.  q = 0 gives f(0).

    Raises :class:`~derive.errors.DomainError` for q < 0 and for infinite expectations,
    :class:`~derive.errors.UnsupportedError` where no rule covers f, :class:`~derive.errors.PrecisionError` where the
    value cannot be told from 0.

    >>> import sympy as sp
    >>> x = sp.Symbol("x", real=True)
    >>> round(float(expectation_value(sp.log(1 + sp.exp(x)), 1, 15)), 12)
    0.806059183347
    """
    return _settled(lambda bits: expectation_ball(f, q, bits), variance(q, "q"), digits, f)


def variance_value(phi: Any, q: Any, digits: int = 30) -> Any:
    """V(phi, q) = E phi(X)^2 to ``digits`` digits, as an mpf; see :func:`expectation_value`."""
    q = variance(q, "q")
    return _settled(lambda bits: variance_ball(phi, q, bits), q, digits, phi)


def covariance_value(phi: Any, q: Any, *, lam: Any = None, one_minus_c: Any = None, digits: int = 30) -> Any:
    r"""W(phi, q, lam) = E phi(u1) phi(u2), equal variances q, to ``digits`` significant digits, as an mpf.

    Give either the covariance ``lam`` or ``one_minus_c`` = 1 - lam/q, which holds its digits where the correlation is
    close to 1.  Numbers are exact, as in :func:`expectation_value`.

    Raises :class:`~derive.errors.DomainError` for |lam| > q, :class:`~derive.errors.UnsupportedError` where no rule
    covers phi at these parameters.

    >>> import mpmath, sympy as sp
    >>> x = sp.Symbol("x", real=True)
    >>> mpmath.nstr(covariance_value(sp.tanh(x), 1, one_minus_c="1e-9", digits=20), 20)
    '0.39429448993343827212'
    """
    q, v, mu, sign = _parts(q, lam, one_minus_c)

    def ball(bits: int) -> Any:
        with ctx.workprec(bits + 64):
            return enclose_covariance(phi, phi, to_arb(q), (to_arb(v), to_arb(mu)), sign, bits)

    return _settled(ball, q, digits, phi)


def gap_value(phi: Any, q: Any, one_minus_c: Any, digits: int = 30) -> Any:
    """V(phi, q) - W(phi, q, c q) to full relative accuracy however close c is to 1, as an mpf.

    ``one_minus_c`` lies between 0 and 2.  Raises as :func:`covariance_value`.
    """
    q, v, mu, sign = _parts(q, None, one_minus_c)
    distance = v if sign > 0 else q + mu

    def ball(bits: int) -> Any:
        with ctx.workprec(bits + 64):
            return gap_ball(phi, to_arb(q), to_arb(distance), bits)

    return _settled(ball, q, digits, phi)


def _parts(q: Any, lam: Any, one_minus_c: Any) -> tuple[Any, Any, Any, int]:
    """(q, q - |lam|, |lam|, sign of lam), exact."""
    q = variance(q, "q")
    if (lam is None) == (one_minus_c is None):
        raise InputError("give either lam or one_minus_c, not both and not neither")
    if lam is None:
        one_minus_c = exact_number(one_minus_c, "one_minus_c")
        lam = q * (1 - one_minus_c)
    lam = exact_number(lam, "lam")
    sign = -1 if sign_of(lam) < 0 else 1
    mu = sign * lam
    v = sp.expand(q - mu)
    if sign_of(v) < 0:
        given = f"lam = {lam}" if one_minus_c is None else f"one_minus_c = {one_minus_c}"
        raise DomainError(f"{given} is impossible at the variance {q}: |lam| is at most q")
    return q, v, mu, sign


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
