r"""The large-n expansion of the iterated arctan, with its free constant."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import c, derived_expansion, n, orbit, orbit_check, x
from ._iterated_maps import ARCTAN

F = sp.atan(x)
Y = c - sp.Rational(3, 20) * sp.log(2 * n / 3)

CLAIM = Claim(
    id="iterated_arctan_expansion",
    title="expansion of the iterated arctan",
    statement=sp.Eq(
        orbit(n),
        sp.sqrt(3 / (2 * n))
        * (1 - Y / (2 * n) + (sp.Rational(3, 8) * Y**2 + sp.Rational(3, 40) * Y + sp.Rational(47, 5600)) / n**2),
    ),
    source=Source("mavecha2013", "expansion for arctan"),
    meaning=(
        "x(n) is the n-th iterate, x_{n+1} = arctan x_n, x_0 > 0; "
        "c = lim 3/(2 x^2) - (3/10) log x - n, taken at x = x_n"
    ),
    variables={n: "n = 1, 2, 3, ... iterations", c: "the constant of the start"},
    error=sp.log(n) ** 3 / n ** sp.Rational(7, 2),
    limit=(n, sp.oo),
)


def derive() -> sp.Expr:
    """Abel"s equation at 0, solved term by term and inverted."""
    return derived_expansion(F, 0, terms=3)


def checks():
    yield orbit_check(ARCTAN, F, 0, terms=3, last=sp.Rational(5, 2), starts=("3", "20"))
