r"""The doubly exponential constant of :math:`x_{n+1} = x_n^2 + 1` from 1."""

from fractions import Fraction

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import enclosure

from ._doubly_exponential import base_ball
from ._iterated import certified_constant, decimal, x

c = sp.Symbol("c", positive=True)

VALUE = "1.5028368010497564997529364237321694087388717439635793069906714243084719787175766019456633391786306199"

CLAIM = Claim(
    id="x_square_plus_one_constant",
    title="constant of x^2 + 1 from 1",
    statement=sp.Eq(c, decimal(VALUE)),
    source=Source("oeis", "A077496"),
    meaning="c = lim x_n**(2**-n) for x_0 = 1, x_{n+1} = x_n^2 + 1; to 100 decimals",
    variables={c: "the constant"},
    uses=("x_square_plus_one_expansion",),
)


def by_boettcher(place, bits):
    """Boettcher's function at the start, in a ball."""
    return certified_constant(x**2 + 1, sp.oo, 1, 110)


def checks():
    yield enclosure(
        "Aho and Sloane's sum in balls",
        lambda place, bits: base_ball(),
        radius=Fraction(1, 10**105),
        within=Fraction(1, 2 * 10**100),
        bits=400,
        method="exp of the sum of 2^(-n-1) log(1 + x_n^-2) over exact integers x_n, its tail bounded",
    )
    yield enclosure(
        "Boettcher's function",
        by_boettcher,
        radius=Fraction(1, 10**105),
        within=Fraction(1, 2 * 10**100),
        bits=400,
        method="the engine: Boettcher's series with a bound of its tail, the orbit in balls",
    )
