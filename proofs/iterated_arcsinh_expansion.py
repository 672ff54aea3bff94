r"""The large-n expansion of the iterated arcsinh, with its free constant."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import c, derived_expansion, n, orbit, orbit_check, x
from ._iterated_maps import ARCSINH

F = sp.asinh(x)
Y = c - sp.Rational(3, 5) * sp.log(n / 3)

CLAIM = Claim(
    id="iterated_arcsinh_expansion",
    title="expansion of the iterated arcsinh",
    statement=sp.Eq(
        orbit(n),
        sp.sqrt(3 / n)
        * (1 - Y / (2 * n) + (sp.Rational(3, 8) * Y**2 + sp.Rational(3, 10) * Y + sp.Rational(79, 700)) / n**2),
    ),
    source=Source("mavecha2013", "expansion for arcsinh"),
    meaning=(
        "x(n) is the n-th iterate, x_{n+1} = arcsinh x_n, x_0 > 0; c = lim 3/x^2 - (6/5) log x - n, taken at x = x_n"
    ),
    variables={n: "n = 1, 2, 3, ... iterations", c: "the constant of the start"},
    error=sp.log(n) ** 3 / n ** sp.Rational(7, 2),
    limit=(n, sp.oo),
)


def derive() -> sp.Expr:
    """Abel"s equation at 0, solved term by term and inverted."""
    return derived_expansion(F, 0, terms=3)


def checks():
    yield orbit_check(ARCSINH, F, 0, terms=3, last=sp.Rational(5, 2), starts=("3", "20"))
