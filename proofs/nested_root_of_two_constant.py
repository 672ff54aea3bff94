r"""Viete's nested roots :math:`\sqrt{2 + \sqrt{2 + \dots}}`: the constant of the approach to 2 is :math:`\pi^2/4`."""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, enclosure, symbolic

from ._iterated import certified_constant, x

C = sp.Symbol("C", positive=True)

CLAIM = Claim(
    id="nested_root_of_two_constant",
    title="nested roots of two",
    statement=sp.Eq(C, sp.pi**2 / 4),
    source=Source("derive", "difference: Schroeder functions"),
    meaning="C = lim 4^n (2 - x_n) for x_0 = 0, x_{n+1} = sqrt(2 + x_n)",
    variables={C: "the constant"},
)


def closed_conjugacy() -> sp.Expr:
    """x_n = 2 cos(pi/2^(n+1)), as sqrt(2 + 2 cos t) = 2 cos(t/2); t = pi/2^(n+1) tends to 0."""
    t = sp.Symbol("t", positive=True)
    return sp.limit((sp.pi / (2 * t)) ** 2 * (2 - 2 * sp.cos(t)), t, 0)


def by_schroeder(place, bits):
    """Schroeder's function at the start, in a ball."""
    return -certified_constant(sp.sqrt(2 + x), 2, 0, 60, "-")


def iterated(place, digits):
    with mpmath.workdps(2 * digits + 20):
        value, steps = mpmath.mpf(0), int(digits / 0.6) + 5
        for _ in range(steps):
            value = mpmath.sqrt(2 + value)
        return 4**steps * (2 - value)


def checks():
    yield symbolic("closed conjugacy", closed_conjugacy, method="x_n = 2 cos(pi/2^(n+1)), and a limit by SymPy")
    yield enclosure(
        "Schroeder's function",
        by_schroeder,
        radius=Fraction(1, 10**60),
        bits=640,
        method="the engine: Schroeder's series with a bound of its tail, the orbit in balls",
    )
    yield digits("iteration", iterated, digits=50, method="nested roots in mpmath")
