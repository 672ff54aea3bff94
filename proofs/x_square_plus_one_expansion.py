r"""Doubly exponential growth: the orbits of :math:`x_{n+1} = x_n^2 + 1`."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

from ._doubly_exponential import base, orbit_of_integers
from ._iterated import orbit, rational, x

c = sp.Symbol("c", positive=True)
m = sp.Symbol("m", positive=True)

CLAIM = Claim(
    id="x_square_plus_one_expansion",
    title="growth of x^2 + 1",
    statement=sp.Eq(orbit(m), c**m - c**-m / 2 - sp.Rational(3, 8) * c ** (-3 * m)),
    source=Source("ahosloane1973", "x^2 + 1"),
    meaning="x(m) is the n-th iterate for m = 2**n, x_{n+1} = x_n^2 + 1, from any start; c = lim x_n**(2**-n)",
    variables={m: "m = 1, 2, 4, 8, ...", c: "c > 1, the constant of the start"},
    error=c ** (-5 * m),
    limit=(m, sp.oo),
)


def derive() -> sp.Expr:
    """Boettcher's equation at infinity, its solution reverted."""
    from derive.difference import Recurrence

    law = Recurrence(x, x**2 + 1).asymptotics(terms=3)
    return law.expr.subs({law.n: sp.log(m) / sp.log(2), law.c: c}, simultaneous=True)


def checks():
    yield decay(
        "exact integers",
        lambda place, digits: mpmath.mpf(orbit_of_integers(10)[int(sp.log(place[m], 2))]),
        m,
        [2**k for k in range(7)],
        [{c: rational(base(150), 150)}],
        error=c ** (-5 * m),
        digits=110,
        method="x_0, ..., x_6 from 1 as integers, c by Aho and Sloane's sum",
    )
