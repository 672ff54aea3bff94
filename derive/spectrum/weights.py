r"""The weight variance that gives an effective cumulant: the inverse of :func:`derive.spectrum.effective_cumulant`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import sympy as sp

from derive.activations import activation
from derive.errors import DomainError, PrecisionError
from derive.numerics.compile import mpf_to_sympy, to_mpf
from derive.numerics.exact import positive_integer, variance
from derive.spectrum.cumulant import constant_slope, cumulant_function

__all__ = ["weight_variance_for"]


def weight_variance_for(
    phi: Any,
    c: Any,
    depth: Any = sp.oo,
    sigma_b2: Any = 0,
    digits: int = 30,
    *,
    skip: Any = 1,
    p0: Any = 1,
    m0: Any = 0,
) -> sp.Float:
    r"""sigma_w2 for which the effective cumulant is c, to ``digits`` digits; weights have variance sigma_w2/(N depth).

    Closed where :math:`E\varphi'^2` is constant (ReLU: 2c).  Otherwise the smallest root that doubling from 0 finds,
    by secants on the recurrence at rising precision, until a step times the error of its slope is below the last digit.
    Source: paper 001, section 3.2 and appendix D.

    Raises :class:`~derive.errors.DomainError` for c < 0 and where no weight variance up to 1e9 c reaches c.

    >>> weight_variance_for("relu", c="1/8", depth=20, digits=10)
    0.2500000000
    >>> weight_variance_for("tanh", c="1/8", depth=10, digits=10)
    0.1283288766
    """
    phi, c, digits = activation(phi), variance(c, "c"), positive_integer(digits, "digits")
    known = constant_slope(phi)
    if known is not None:
        if known == 0:
            raise DomainError(f"{phi} has zero slope almost everywhere, so c = 0 for every weight variance")
        return sp.N(c / known, digits)
    if c == 0:
        return sp.Integer(0)
    function = cumulant_function(phi, depth, sigma_b2, skip, p0, m0)
    with mpmath.workdps(digits + 15):
        return mpf_to_sympy(_solve(function, to_mpf(c), digits, phi), digits)


def _solve(function: Callable[[Any, int], Any], c: Any, digits: int, phi: Any) -> Any:
    """A bracket, a few steps of regula falsi (Illinois), then secants at rising precision."""
    (low, f_low), (high, f_high) = _bracket(function, c, phi)
    for _ in range(100):
        point = (low * f_high - high * f_low) / (f_high - f_low)
        value = function(point, 15) - c
        if abs(value) < c / 1000:
            break
        if value < 0:
            low, f_low, f_high = point, value, f_high / 2
        else:
            high, f_high, f_low = point, value, f_low / 2
    return _secants(function, point, value, c, digits)


def _bracket(function: Callable[[Any, int], Any], c: Any, phi: Any) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """Two points, with values, between which the cumulant passes c from below; at first powers of two times c."""
    scale, ratio, largest = c, mpmath.mpf(2), mpmath.mpf(10) ** 9
    value = _excess(function, scale, c)
    while value >= 0 and scale > c * mpmath.mpf(2) ** -200:
        scale /= 2
        value = _excess(function, scale, c)
    if value == mpmath.inf:
        function(scale, 15)  # raises what was caught
    for _ in range(230):
        following = _excess(function, ratio * scale, c)
        if following == mpmath.inf:  # a smaller step
            ratio = (1 + ratio) / 2
            continue
        if following >= 0:
            return (scale, value), (ratio * scale, following)
        scale, value = ratio * scale, following
        if scale > c * largest:
            break
    raise DomainError(
        f"no weight variance up to {mpmath.nstr(scale, 3)} gives {phi} the effective cumulant {mpmath.nstr(c, 6)}; "
        "give a smaller c, or a finite depth"
    )


def _excess(function: Callable[[Any, int], Any], point: Any, c: Any) -> Any:
    """The cumulant minus c; infinite where the lengths overflow."""
    try:
        return function(point, 15) - c
    except DomainError:
        return mpmath.inf


def _secants(function: Callable[[Any, int], Any], point: Any, value: Any, c: Any, digits: int) -> Any:
    """Newton steps with secant slopes: a step times the relative error of its slope bounds what it leaves.

    Values are computed with the digits that the step needs; a slope is renewed only from values whose difference is
    well above their own errors.
    """
    inner = digits + 6
    with mpmath.workdps(inner + 8):
        ten = mpmath.mpf(10)
        other = point * (1 + ten**-4)
        slope, slope_error = (function(other, 15) - c - value) / (other - point), ten**-3
        noise = c * ten**-15
        for _ in range(60):
            step = -value / slope
            point, size = point + step, (abs(step) + noise / abs(slope)) / point
            left = size * slope_error
            if left < ten ** (-digits - 3) and noise <= c * ten ** (-digits - 4):
                return point
            known = min(inner, max(16, int(10 - mpmath.log10(left))))
            following = function(point, known) - c
            following_noise = c * ten**-known
            change = abs(following - value)
            if step != 0 and change > 1000 * (noise + following_noise):
                slope, slope_error = (following - value) / step, 10 * size + (noise + following_noise) / change
            value, noise = following, following_noise
    raise PrecisionError(f"sigma_w2 near {mpmath.nstr(point, 12)} was not confirmed to {digits} digits")
