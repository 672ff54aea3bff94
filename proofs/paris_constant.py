r"""Paris's constant: how fast nested square roots approach the golden ratio."""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, enclosure

from ._iterated import certified_constant, decimal, x
from ._nested_root import PHI, distance_factor, product_ball

C = sp.Symbol("C", positive=True)

VALUE = "1.0986419643941564857346689173435962108733483961082971672118330532787198920435313324899288955247999466"

CLAIM = Claim(
    id="paris_constant",
    title="Paris's constant",
    statement=sp.Eq(C, decimal(VALUE)),
    source=Source("finch2003", "nested radicals for the golden ratio: Paris's constant"),
    meaning="C = lim (2 phi)^n (phi - phi_n)/2 for phi_1 = 1, phi_{n+1} = sqrt(1 + phi_n); to 100 decimals",
    variables={C: "the constant"},
    uses=("paris_expansion",),
)


def by_schroeder(place, bits):
    """phi_n = x_{n-1}, so that C = -c phi with Schroeder's constant c of the start 1; a ball."""
    from derive.numerics import to_arb

    return -to_arb(PHI) * certified_constant(sp.sqrt(1 + x), PHI, 1, 110, "-")


def checks():
    yield enclosure(
        "product in balls",
        lambda place, bits: product_ball(),
        radius=Fraction(1, 10**105),
        within=Fraction(1, 2 * 10**100),
        bits=400,
        method="the product over k >= 2 of 2 phi/(phi + phi_k), its tail bounded by d_(k+1) < d_k/2",
    )
    yield enclosure(
        "Schroeder's function",
        by_schroeder,
        radius=Fraction(1, 10**105),
        within=Fraction(1, 2 * 10**100),
        bits=400,
        method="the engine: Schroeder's series with a bound of its tail, the orbit in balls",
    )
    yield digits(
        "iteration",
        lambda place, digits: mpmath.phi * distance_factor(digits + 10),
        digits=99,
        method="nested square roots in mpmath, the distance to phi multiplied by (2 phi)^n",
    )
