r"""The large-n expansion of the x + 1/x^2, with its free constant."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import c, derived_expansion, n, orbit, orbit_check, x
from ._iterated_maps import RECIPROCAL_SQUARE

F = x + 1 / x**2
Y = c + sp.log(3 * n) / 3

CLAIM = Claim(
    id="x_plus_reciprocal_square_expansion",
    title="expansion of the x + 1/x^2",
    statement=sp.Eq(
        orbit(n),
        sp.cbrt(3 * n) * (1 + Y / (3 * n) - (Y**2 - Y + sp.Rational(5, 18)) / (9 * n**2)),
    ),
    source=Source("finch2024", "x + 1/x^q with q = 2"),
    meaning=("x(n) is the n-th iterate, x_{n+1} = x_n + 1/x_n^2, x_0 > 0; c = lim x^3/3 - log x - n, taken at x = x_n"),
    variables={n: "n = 1, 2, 3, ... iterations", c: "the constant of the start"},
    error=sp.log(n) ** 3 / n ** sp.Rational(8, 3),
    limit=(n, sp.oo),
)


def derive() -> sp.Expr:
    """Abel"s equation at infinity, solved term by term and inverted."""
    return derived_expansion(F, sp.oo, terms=3)


def checks():
    yield orbit_check(RECIPROCAL_SQUARE, F, sp.oo, terms=3, last=sp.Rational(5, 3), starts=("1", "3"))
