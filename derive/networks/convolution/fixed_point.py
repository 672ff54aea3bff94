r"""The fixed point of the covariance map: one variance q*, one correlation c*.

Every entry of C(Sigma) with equal variances depends on its own correlation only, and A star leaves matrices that are
constant on and off the diagonal as they are.  So :math:`\Sigma^* = q^*(\delta + (1-\delta)c^*)` with

.. math:: q^* = \sigma_w^2 V(q^*) + \sigma_b^2, \qquad
   q^* (1 - c^*) = \sigma_w^2 \bigl(V(q^*) - W(q^*, c^* q^*)\bigr).

The second equation is solved for e = 1 - c.  The map of c is convex on [0, 1] (Price: its second derivative is
:math:`\sigma_w^2 q\,E\varphi''\varphi''`, a power series in c with coefficients >= 0), so there is one root c < 1 if
:math:`\chi_1 > 1` and none otherwise.  q* is the limit of the lengths from a start q0; with q V'(q) >= -V(q)/2 it
exists for every bounded activation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
import sympy as sp
from flint import ctx

from derive.activations import VARIABLE, Activation
from derive.display import ShownAsTable
from derive.errors import DomainError, PrecisionError
from derive.expectations.balls import variance_ball
from derive.expectations.values import covariance_value, expectation_value, gap_value, variance_value
from derive.numerics.compile import mpf_to_sympy, to_arb, to_mpf

__all__ = ["ConvolutionalFixedPoint", "fixed_point"]

_GUARD = 12
_HUGE, _TINY = mpmath.mpf("1e12"), mpmath.mpf("1e-25")


@dataclass(frozen=True)
class ConvolutionalFixedPoint(ShownAsTable):
    """q*, c* and the eigenvalues of the C-map there.

    ``chi_q`` belongs to perturbations of one variance, ``chi_c`` to those of one covariance, ``chi_1`` is the slope of
    the correlation map at c = 1; ``phase`` is ``"ordered"`` (chi_1 < 1, c = 1) or ``"chaotic"`` (chi_1 > 1, c < 1).
    """

    q: sp.Float
    c: sp.Expr
    one_minus_c: sp.Expr
    chi_1: sp.Float
    chi_q: sp.Float
    chi_c: sp.Float
    phase: str

    def covariance(self, size: int) -> sp.Matrix:
        """Sigma* on ``size`` positions."""
        return sp.Matrix(size, size, lambda a, b: self.q if a == b else self.q * self.c)


def fixed_point(phi: Activation, sigma_w2: sp.Expr, sigma_b2: sp.Expr, q0: sp.Expr, digits: int) -> Any:
    """The fixed point reached from the variance ``q0``, to ``digits`` digits."""
    work = digits + _GUARD
    with mpmath.workdps(work + 5):
        w2, b2 = to_mpf(sigma_w2), to_mpf(sigma_b2)
        q = _length(phi, w2, b2, to_mpf(q0), digits)
        _check_length(phi, sigma_w2, sigma_b2, q, digits)
        chi_1 = w2 * expectation_value(phi.diff(1).expr ** 2, q, work)
        spread = expectation_value(VARIABLE**2 * phi.expr**2, q, work) / q
        chi_q = w2 * (spread - variance_value(phi, q, work)) / (2 * q)
        if abs(chi_1 - 1) < mpmath.mpf(10) ** (-digits):
            raise PrecisionError(
                f"chi_1 = 1 to {digits} digits: at the critical line the correlation approaches 1 algebraically and no "
                "rate exists; move the variances or ask for more digits"
            )
        e = mpmath.mpf(0) if chi_1 < 1 else _one_minus_c(phi, w2, b2, q, digits)
        chi_c = chi_1 if e == 0 else w2 * covariance_value(phi.diff(1), q, one_minus_c=e, digits=work)
        exact_e = sp.Integer(int(e)) if e in (0, 1) else mpf_to_sympy(e, digits)
        c = 1 - exact_e if exact_e.is_Integer else mpf_to_sympy(1 - e, digits)
        numbers = (mpf_to_sympy(x, digits) for x in (chi_1, chi_q, chi_c))
        return ConvolutionalFixedPoint(
            mpf_to_sympy(q, digits), c, exact_e, *numbers, "ordered" if e == 0 else "chaotic"
        )


# the length


def _length(phi: Activation, w2: Any, b2: Any, q0: Any, digits: int) -> Any:
    def step(q: Any, accuracy: int) -> Any:
        return w2 * variance_value(phi, q, accuracy) + b2

    q = q0 if q0 > 0 else step(q0, 20)
    for _ in range(40):
        q_next = step(q, 20) if q > 0 else b2
        if q_next == q or abs(q_next - q) < mpmath.mpf("1e-6") * q:
            break
        q = q_next
        _refuse(phi, q)
    low, high = _bracket(phi, lambda x: step(x, 20) - x, q)
    if low == high:
        return low
    return _root(lambda x: step(x, digits + _GUARD) - x, low, high, digits)


def _refuse(phi: Activation, q: Any) -> None:
    if q > _HUGE:
        raise DomainError(
            f"the variance grows beyond {mpmath.nstr(_HUGE, 3)} for {phi}: no fixed point; lower sigma_w2"
        )
    if q < _TINY:
        raise DomainError(f"the variance tends to 0 for {phi}: every signal dies; raise sigma_w2 or sigma_b2")


def _bracket(phi: Activation, g: Callable[[Any], Any], q: Any) -> tuple[Any, Any]:
    """An interval with a sign change of g, going from q in the direction of the map."""
    here = g(q)
    if here == 0:
        return q, q
    factor = mpmath.mpf("1e-6")
    for _ in range(400):
        ahead = q * (1 + factor) if here > 0 else q / (1 + factor)
        _refuse(phi, ahead)
        if (g(ahead) > 0) != (here > 0):
            return (q, ahead) if here > 0 else (ahead, q)
        q, factor = ahead, min(factor * 2, mpmath.mpf("0.2"))
    raise PrecisionError(f"no fixed point of the variance was found for {phi}; give another start q0")


def _root(g: Callable[[Any], Any], low: Any, high: Any, digits: int) -> Any:
    """A sign change of g by the secant method, kept inside the interval."""
    a, b, ga, gb = low, high, g(low), g(high)
    goal = mpmath.mpf(10) ** (-digits - _GUARD // 2)
    for _ in range(300):
        x = b - gb * (b - a) / (gb - ga) if gb != ga else (a + b) / 2
        if not low < x < high:
            x = (low + high) / 2
        gx = g(x)
        if gx == 0:
            return x
        a, ga, b, gb = b, gb, x, gx
        if (gx > 0) == (g(low) > 0):
            low = x
        else:
            high = x
        if abs(a - b) <= goal * abs(b):
            return b
    raise PrecisionError("the fixed point did not settle; ask for fewer digits")


def _check_length(phi: Activation, sigma_w2: sp.Expr, sigma_b2: sp.Expr, q: Any, digits: int) -> None:
    """A sign change of F(q) - q across the last digit, in balls."""
    bits = int(3.33 * digits) + 60
    with ctx.workprec(bits + 20), mpmath.workdps(digits + 20):
        signs = []
        for side in (-1, 1):
            point = to_arb(q * (1 + side * mpmath.mpf(10) ** (-digits)))
            value = to_arb(sigma_w2) * variance_ball(phi, point, bits) + to_arb(sigma_b2) - point
            signs.append(1 if value > 0 else -1 if value < 0 else 0)
    if signs[0] * signs[1] >= 0:
        raise PrecisionError(
            f"q* = {mpmath.nstr(q, 10)} is not fixed to {digits} digits: the slope of the length map is near 1; "
            "ask for fewer digits"
        )
    if signs[0] < 0:
        raise PrecisionError(f"q* = {mpmath.nstr(q, 10)} is an unstable fixed point; give another start q0")


# the correlation


def _one_minus_c(phi: Activation, w2: Any, b2: Any, q: Any, digits: int) -> Any:
    """The root e in (0, 1] of sw2 (V - W)/(q e) = 1."""

    def h(e: Any, accuracy: int) -> Any:
        return w2 * gap_value(phi, q, e, accuracy) / (q * e) - 1

    if b2 == 0 and phi.parity == "odd":
        return mpmath.mpf(1)
    high = mpmath.mpf(1)
    if h(high, 20) > 0:
        raise PrecisionError("the correlation map has no root below 1; the variance may not be at its fixed point")
    low = high
    for _ in range(200):
        low /= 8
        if h(low, 20) > 0:
            return _root(lambda e: h(e, digits + _GUARD), low, low * 8, digits)
    raise PrecisionError("1 - c is below 1e-180; the network is critical to all digits")
