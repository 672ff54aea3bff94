r"""Viete's nested roots :math:`\sqrt{2 + \sqrt{2 + \dots}}`: the constant of the approach to 2 is :math:`\pi^2/4`."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, symbolic

from ._iterated import x

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


def by_schroeder(place, digits):
    """Schroeder's function at the start."""
    from derive.difference import Recurrence

    law = Recurrence(x, sp.sqrt(2 + x), point=2, side="-").asymptotics(3)
    return -mpmath.mpf(law.constant_value(0, digits=70)._mpf_)


def iterated(place, digits):
    with mpmath.workdps(2 * digits + 20):
        value, steps = mpmath.mpf(0), int(digits / 0.6) + 5
        for _ in range(steps):
            value = mpmath.sqrt(2 + value)
        return 4**steps * (2 - value)


def checks():
    yield symbolic("closed conjugacy", closed_conjugacy, method="x_n = 2 cos(pi/2^(n+1)), and a limit by SymPy")
    yield digits("Schroeder's function", by_schroeder, digits=60, method="the engine: Schroeder's equation")
    yield digits("iteration", iterated, digits=50, method="nested roots in mpmath")
