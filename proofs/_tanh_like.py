"""Odd activations that rise to 1 with closed means: erf, and the ramp cut at -1 and 1."""

import math

import mpmath
import sympy as sp

I0, I2 = sp.symbols("I_0 I_2", positive=True)

#: the integrals of 1 - phi^2 and x^2 (1 - phi^2) over x > 0
ERF = {I0: sp.sqrt(2 / sp.pi), I2: 5 / (6 * sp.sqrt(2 * sp.pi))}
RAMP = {I0: sp.Rational(2, 3), I2: sp.Rational(2, 15)}


def is_erf(point) -> bool:
    return point[I0] == ERF[I0]


def second(point, q):
    """V(q) in mpmath: erf by an arcsine, the ramp by the error function."""
    if is_erf(point):
        return 2 / mpmath.pi * mpmath.asin(2 * q / (1 + 2 * q))
    inside = q * mpmath.erf(1 / mpmath.sqrt(2 * q)) - mpmath.sqrt(2 * q / mpmath.pi) * mpmath.exp(-1 / (2 * q))
    return inside + mpmath.erfc(1 / mpmath.sqrt(2 * q))


def lost(point, q: float) -> float:
    """1 - V(q) in float64, without cancellation at large q."""
    if is_erf(point):
        return 4 / math.pi * math.asin(math.sqrt(1 / (2 * (1 + 2 * q))))  # pi/2 - asin(1 - t) = 2 asin(sqrt(t/2))
    if q < 100:
        return float(1 - second(point, mpmath.mpf(q)))
    total, term = 0.0, 1.0
    for k in range(8):  # int_0^1 (1 - x^2) exp(-x^2/(2q)) dx, term by term
        total += term * (1 / (2 * k + 1) - 1 / (2 * k + 3))
        term *= -1 / (2 * q * (k + 1))
    return math.sqrt(2 / (math.pi * q)) * total
