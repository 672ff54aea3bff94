r"""The doubly exponential constant of :math:`x_{n+1} = x_n^2 + 1` from 1."""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, enclosure

from ._doubly_exponential import base_ball
from ._iterated import decimal, x

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


def by_boettcher(place, digits):
    """Boettcher's function at the start."""
    from derive.difference import Recurrence

    law = Recurrence(x, x**2 + 1).asymptotics(3)
    return mpmath.mpf(law.constant_value(1, digits=110)._mpf_)


def checks():
    yield enclosure(
        "Aho and Sloane's sum in balls",
        lambda place, bits: base_ball(),
        radius=Fraction(1, 10**105),
        within=Fraction(1, 2 * 10**100),
        bits=400,
        method="exp of the sum of 2^(-n-1) log(1 + x_n^-2) over exact integers x_n, its tail bounded",
    )
    yield digits("Boettcher's function", by_boettcher, digits=99, method="the engine: Boettcher's equation")
