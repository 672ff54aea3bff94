"""Critical points at a given bias variance in balls, for the numbers of paper 002 (tanh, arctan, softsign, sigmoid)."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from derive.evidence import digits, enclosure

BITS = 110


def means(name, q):
    """V and D = E phi'^2 of an activation at an exact q, in balls."""
    from derive.activations import activation
    from derive.expectations.balls import expectation_ball, variance_ball

    phi = activation(name)
    return variance_ball(phi, q, BITS), expectation_ball(phi.diff(1).expr ** 2, q, BITS)


@lru_cache(maxsize=16)
def critical_ball(name, bias, low, high, steps=80):
    """1/D at the sign change of q - V/D - sigma_b2 between ``low`` and ``high`` (exact fractions); D decreases."""
    from flint import arb, ctx, fmpq

    def sign(q):
        V, D = means(name, q)
        return q * D - V - b2 * D

    with ctx.workprec(BITS + 30):
        b2 = arb(fmpq(*bias))
        a, b = (arb(fmpq(*end)).mid() for end in (low, high))
        if not (sign(a) < 0 and sign(b) > 0):
            return arb("nan")
        for _ in range(steps):
            m = ((a + b) / 2).mid()
            value = sign(m)
            if not (value < 0 or value > 0):
                break
            a, b = (m, b) if value < 0 else (a, m)
        return (1 / means(name, a)[1]).union(1 / means(name, b)[1])


def by_quadrature(value, slope, bias, start):
    """The same by mpmath's quadrature and the secant method; even integrands, kinks at 0 only."""
    import mpmath

    grid = [0, 0.5, 1, 2, 4, 8, 14]

    def both(q):
        r = mpmath.sqrt(q)
        V = mpmath.quad(lambda z: (value(r * z) ** 2 + value(-r * z) ** 2) * mpmath.npdf(z), grid)
        D = mpmath.quad(lambda z: (slope(r * z) ** 2 + slope(-r * z) ** 2) * mpmath.npdf(z), grid)
        return V, D

    def sign(q):
        V, D = both(q)
        return q * D - V - bias * D

    q = mpmath.findroot(sign, start, solver="secant")
    return 1 / both(q)[1]


_BIAS = (1, 20)


@dataclass(frozen=True)
class Ratio:
    """The critical weight variance of an activation over that of tanh, at sigma_b2 = 1/20, by two routes.

    ``between`` brackets the critical length in exact fractions, ``start`` has two floats near it; ``value`` and
    ``slope`` are the activation in mpmath.
    """

    name: str
    between: tuple[tuple[int, int], tuple[int, int]]
    value: Callable
    slope: Callable
    start: tuple[float, float]

    def _ball(self, _point, _bits):
        return critical_ball(self.name, _BIAS, *self.between, 50) / critical_ball("tanh", _BIAS, (4, 10), (8, 10), 50)

    def _quadrature(self, _point, _digits):
        import mpmath

        bias = mpmath.mpf(_BIAS[0]) / _BIAS[1]
        tanh = by_quadrature(mpmath.tanh, lambda x: mpmath.sech(x) ** 2, bias, (0.55, 0.58))
        return by_quadrature(self.value, self.slope, bias, self.start) / tanh

    def enclosure(self, within):
        return enclosure(
            "sign changes in balls",
            self._ball,
            radius=Fraction(1, 10**12),
            within=within,
            method="bisection of q - V/D = sigma_b2 in balls for both activations",
        )

    def digits(self):
        return digits("quadrature", self._quadrature, digits=9, method="mpmath.quad and the secant method")
