r"""The fixed point of the correlation at a fixed length q > 0, and the rates around it.

With equal norms :math:`c' = C(c) = (\sigma_w^2 W(q, cq) + \sigma_b^2)/q`.  By the Hermite expansion
:math:`W = \sum_k a_k^2 c^k` with :math:`a_k^2 \ge 0`, so C is convex on [0, 1] with :math:`C(0) \ge 0`, and
:math:`C(1) = 1 - (1-\rho)(\sigma_w^2/\rho)\,V(q)/q`.

* Without dropout C(1) = 1.  If :math:`\chi_1 = C'(1) \le 1`, convexity leaves no other fixed point in [0, 1) (unless C
  is the identity).  If :math:`\chi_1 > 1` there is exactly one in [0, 1), and :math:`0 \le C' < 1` at it.
* With dropout (and phi not 0) C(1) < 1: exactly one fixed point in [0, 1), again with C' < 1.
* For c = -t < 0 write C = E + O, even and odd part, both with non-negative coefficients.  C(c) = c means
  :math:`O(t) = t + E(t)`; but O is convex with O(0) = 0 and :math:`O(1) \le 1 - E(1)`, so :math:`O(t) \le t(1 - E(1))`
  and E must vanish: only an odd phi without biases has fixed points at c < 0, the mirror images.  Otherwise C(c) > c,
  orbits rise until they are positive, and every start in (-1, 1) ends at the fixed point above.

So c* is unique.  In terms of :math:`\varepsilon = 1 - c`, which keeps its digits,

.. math:: T(\varepsilon) = q\,\varepsilon - \sigma_w^2\,(V - W) - \sigma_w^2 V (1-\rho)/\rho = 0 ,

convex in :math:`\varepsilon` with :math:`T(1) \ge 0`: Newton's method from 1 falls monotonically onto the root.
"""

from __future__ import annotations

from typing import Any

import mpmath
import sympy as sp

from derive.activations import Activation
from derive.errors import DomainError, PrecisionError, UnsupportedError
from derive.networks.feedforward.values import Layer
from derive.numerics.compile import to_mpf
from derive.numerics.exact import sign_of

__all__ = ["correlation_gap", "forcing", "gradient_factor", "slope_product", "slope_variance"]


def slope_variance(phi: Activation, q: Any, digits: int) -> Any:
    """E phi'(sqrt(q) z)^2, with an error that says what is wrong where it is infinite."""
    from derive.expectations.values import expectation_value, variance_value

    _refuse_wild_slope(phi)
    try:
        return variance_value(phi.diff(1), q, digits)
    except (PrecisionError, UnsupportedError):
        squared = Activation(phi.derivative_away_from_kinks(1).expr ** 2)
        return expectation_value(squared, q, digits)


def slope_product(phi: Activation, q: Any, epsilon: Any, digits: int) -> Any:
    """E phi'(u1) phi'(u2) at variance q and correlation 1 - epsilon; 0 where a ball around 0 is all there is to it."""
    from derive.expectations.balls import covariance_ball, variance_ball
    from derive.expectations.values import covariance_value
    from derive.numerics.compile import to_arb

    slope = phi.derivative_away_from_kinks(1)
    try:
        return covariance_value(slope, q, one_minus_c=epsilon, digits=digits)
    except PrecisionError:
        bits = 4 * digits
        variance = to_arb(q)
        ball = covariance_ball(slope, variance, variance * (1 - to_arb(epsilon)), bits)
        if ball.contains(0) and ball.rad() * 10**digits < variance_ball(slope, variance, 64):
            return mpmath.mpf(0)
        raise


def _refuse_wild_slope(phi: Activation) -> None:
    for at, order in zip(phi.kinks, phi.kink_orders, strict=True):
        if order <= sp.Rational(1, 2):
            what = "jumps" if order == 0 else f"behaves like |x - k|^({order})"
            raise DomainError(
                f"E phi'(u)^2 is infinite for {phi}: phi {what} at k = {at}, so chi_1 and the gradients have no finite "
                "mean field; smooth the activation there"
            )


def gradient_factor(phi: Activation, layer: Layer, q: Any, digits: int) -> Any:
    r"""chi_1 = (sigma_w2/rho) E phi'^2: what one layer multiplies the mean square of a gradient by."""
    if sign_of(layer.sigma_w2) == 0:
        return mpmath.mpf(0)
    with mpmath.workdps(digits + 5):
        return to_mpf(layer.gain) * slope_variance(phi, q, digits + 2)


def correlation_gap(phi: Activation, layer: Layer, q: Any, chi_1: Any, digits: int) -> Any:
    """1 - c* to ``digits`` digits, for q > 0; ``chi_1`` tells the phase where there is no dropout."""
    if sign_of(layer.sigma_w2) == 0:
        return mpmath.mpf(0)
    dropout = layer.rho != 1
    if not dropout and chi_1 <= 1:
        return mpmath.mpf(0)
    if phi.parity == "odd" and layer.sigma_b2 == 0:
        return mpmath.mpf(1)
    return _solve(phi, layer, q, digits)


def _solve(phi: Activation, layer: Layer, q: Any, digits: int) -> Any:
    """Newton's method for T with rising precision; T' is small near criticality, and that many digits more are
    taken."""
    from derive.expectations.values import gap_value, variance_value

    epsilon, work, lost = _first_guess(phi, layer, q), 15, 4
    slope, change = None, mpmath.inf
    for _ in range(200):
        most = work + lost + 6
        with mpmath.workdps(most + 10):
            forced = to_mpf(layer.sigma_w2 * (1 / layer.rho - 1)) if layer.rho != 1 else mpmath.mpf(0)
            if forced:
                forced *= variance_value(phi, q, most)
            value = q * epsilon - to_mpf(layer.sigma_w2) * gap_value(phi, q, epsilon, most) - forced
            if slope is None or change > mpmath.mpf(10) ** -7:
                slope = q - to_mpf(layer.sigma_w2) * q * slope_product(phi, q, epsilon, 12 + lost)
            step = value / slope if slope > 0 else -min(epsilon, 1 - epsilon / 2)  # T falls there: the root is above
            following = epsilon - step
            if following <= 0:
                following = epsilon / 8
            change = abs(following / epsilon - 1)
            needed = max(0, int(-mpmath.log10(abs(slope) / q + mpmath.mpf(10) ** -200)) + 2)
        with mpmath.workdps(digits + 10):
            epsilon = +following
        if change < mpmath.mpf(10) ** -(digits + 2):
            return epsilon
        if needed > lost:
            lost = needed
        elif change < mpmath.mpf(10) ** -5:  # quadratic from here on
            work = digits + 4 if change < mpmath.mpf(10) ** -(digits // 2 + 1) else max(15, digits // 2 + 6)
    raise PrecisionError(f"1 - c* near {mpmath.nstr(epsilon, 6)} did not settle to {digits} digits; ask for fewer")


def _first_guess(phi: Activation, layer: Layer, q: Any) -> Any:
    r"""A start for Newton's method.

    Without dropout :math:`D(\varepsilon) = \chi_1 - (\sigma_w^2/q)(V - W)/\varepsilon` behaves like a power of
    :math:`\varepsilon` near 0 and has to equal :math:`\chi_1 - 1`: a secant iteration in logarithms finds the scale.
    """
    if layer.rho != 1:
        return _dropout_guess(phi, layer, q)
    from derive.expectations.values import gap_value

    digits = 30
    with mpmath.workdps(digits + 10):
        sw2 = to_mpf(layer.sigma_w2)
        chi = sw2 * slope_variance(phi, q, digits)
        target = chi - 1

        def deficit(epsilon: Any) -> Any:
            extra = max(0, int(-mpmath.log10(epsilon)))
            return chi - sw2 / q * gap_value(phi, q, epsilon, 8 + min(extra, digits - 8)) / epsilon

        x0, y0 = mpmath.mpf(1), deficit(mpmath.mpf(1))
        if target > y0 / 8:
            return x0
        x1 = target / y0
        for _ in range(6):
            y1 = deficit(x1)
            if y1 <= 0 or abs(y1 / target - 1) < 0.02:
                break
            power = mpmath.log(y1 / y0) / mpmath.log(x1 / x0)
            if not 0.1 < power < 4:
                break
            x0, y0 = x1, y1
            x1 = x1 * mpmath.exp(mpmath.log(target / y1) / power)
        return min(mpmath.mpf(1), x1)


def _dropout_guess(phi: Activation, layer: Layer, q: Any) -> Any:
    r"""The root of f + (chi - 1) epsilon - K epsilon^(1+p), where that is small; else 1."""
    from derive.errors import DeriveError
    from derive.expectations.values import variance_value
    from derive.networks.feedforward.bend import bending

    with mpmath.workdps(20):
        sw2, one = to_mpf(layer.sigma_w2), mpmath.mpf(1)
        try:
            bend, p = bending(phi, sw2, q, 10)
        except DeriveError:
            return one
        lead = 1 - sw2 * slope_variance(phi, q, 18)
        forced = sw2 * to_mpf(1 / layer.rho - 1) * variance_value(phi, q, 12) / q
        epsilon = one
        for _ in range(60):  # Newton for lead epsilon + K epsilon^(1+p) - f, convex and rising at the root
            power = bend * epsilon ** to_mpf(p)
            slope = lead + (1 + to_mpf(p)) * power
            if slope <= 0:
                return one
            epsilon -= (lead * epsilon + power * epsilon - forced) / slope
            if epsilon <= 0:
                return one
        return epsilon if epsilon < 0.2 else one


def forcing(phi: Activation, layer: Layer, q: Any, epsilon: Any) -> Any:
    r"""k = dC/dq at fixed c, C = (sigma_w2 W(q, cq) + sigma_b2)/Q(q): how a wrong length moves the correlation.

    A central difference of relative step 1e-5; good for about eight digits on the scale of 1/q.
    """
    from derive.expectations.values import gap_value, variance_value

    with mpmath.workdps(30):
        sw2, gain, bias = to_mpf(layer.sigma_w2), to_mpf(layer.gain), to_mpf(layer.sigma_b2)
        h = mpmath.mpf(10) ** -5

        def image(at: Any) -> Any:
            second = variance_value(phi, at, 22)
            return (sw2 * (second - gap_value(phi, at, epsilon, 20)) + bias) / (gain * second + bias)

        return (image(q * (1 + h)) - image(q * (1 - h))) / (2 * h * q)
