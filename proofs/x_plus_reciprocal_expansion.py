r"""The large-n expansion of the x + 1/x, with its free constant."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import c, derived_expansion, n, orbit, orbit_check, x
from ._iterated_maps import RECIPROCAL

F = x + 1 / x
Y = c + sp.log(2 * n) / 4

CLAIM = Claim(
    id="x_plus_reciprocal_expansion",
    title="expansion of the x + 1/x",
    statement=sp.Eq(
        orbit(n),
        sp.sqrt(2 * n) * (1 + Y / (2 * n) - (Y**2 - Y + sp.Rational(1, 4)) / (8 * n**2)),
    ),
    source=Source("finch2024", "x + 1/x^q with q = 1"),
    meaning=(
        "x(n) is the n-th iterate, x_{n+1} = x_n + 1/x_n, x_0 > 0; c = lim x^2/2 - (1/2) log x - n, taken at x = x_n"
    ),
    variables={n: "n = 1, 2, 3, ... iterations", c: "the constant of the start"},
    error=sp.log(n) ** 3 / n ** sp.Rational(5, 2),
    limit=(n, sp.oo),
)


def derive() -> sp.Expr:
    """Abel"s equation at infinity, solved term by term and inverted."""
    return derived_expansion(F, sp.oo, terms=3)


def checks():
    yield orbit_check(RECIPROCAL, F, sp.oo, terms=3, last=sp.Rational(3, 2), starts=("1", "4"))
