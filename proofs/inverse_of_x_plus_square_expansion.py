r"""The large-n expansion of the inverse of x + x^2, with its free constant."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import c, derived_expansion, n, orbit, orbit_check, x
from ._iterated_maps import ROOT

F = (sp.sqrt(1 + 4 * x) - 1) / 2
Y = c - sp.log(n)

CLAIM = Claim(
    id="inverse_of_x_plus_square_expansion",
    title="expansion of the inverse of x + x^2",
    statement=sp.Eq(
        orbit(n),
        1 / n - Y / n**2 + (Y**2 + Y + sp.Rational(1, 2)) / n**3,
    ),
    source=Source("oeis", "A340875"),
    meaning=(
        "x(n) is the n-th iterate, x_{n+1} = (sqrt(1 + 4 x_n) - 1)/2, x_0 > 0; "
        "c = lim 1/x - log x - n, taken at x = x_n"
    ),
    variables={n: "n = 1, 2, 3, ... iterations", c: "the constant of the start"},
    error=sp.log(n) ** 3 / n**4,
    limit=(n, sp.oo),
)


def derive() -> sp.Expr:
    """Abel"s equation at 0, solved term by term and inverted."""
    return derived_expansion(F, 0, terms=3)


def checks():
    yield orbit_check(ROOT, F, 0, terms=3, last=sp.Integer(3), starts=("5", "40"))
