r"""The sine iterated 10^12 times from 1, proved to lie in a ball."""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, enclosure

from ._iterated import extrapolated_constant, x
from ._iterated_maps import SINE

v = sp.Symbol("v", positive=True)

CLAIM = Claim(
    id="iterated_sine_at_depth",
    title="the sine iterated 10^12 times",
    statement=sp.Eq(v, sp.Rational(17320508075524149577234747914630343, 10**40)),
    source=Source("derive", "difference: any depth"),
    meaning="x_n for n = 10^12, x_{n+1} = sin x_n, x_0 = 1; to 40 decimals",
    variables={v: "the iterate"},
    uses=("iterated_sine_abel_function",),
)


def ball(point, bits):
    from derive.difference import Recurrence

    return Recurrence(x, sp.sin(x), point=0).asymptotics(2).at(10**12, 1, digits=36, certified=True).arb


def series_by_hand(point, digits):
    """A(x) = n + c with the four terms of the Abel function that another claim states, c by extrapolation."""
    from .iterated_sine_abel_function import CLAIM as ABEL

    abel = sp.lambdify(x, ABEL.statement.rhs, "mpmath")
    level = 10**12 + extrapolated_constant(SINE, "1", 40)
    return mpmath.findroot(lambda state: abel(state) - level, mpmath.sqrt(3 / mpmath.mpf(10) ** 12))


def checks():
    yield enclosure(
        "enclosure",
        ball,
        radius=Fraction(1, 10**34),
        within=Fraction(1, 10**40),
        bits=256,
        method="Abel series, its defect bounded on a circle, all side conditions in balls",
    )
    yield digits(
        "four terms of the Abel function",
        series_by_hand,
        digits=30,
        method="root of A(x) = n + c in mpmath; c by Neville's scheme from iterates",
    )
