r"""The large-n expansion of x + sqrt(x), with its free constant."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import c, derived_expansion, n, orbit, orbit_check, x
from ._iterated_maps import ADD_ROOT

F = x + sp.sqrt(x)
Y = c - sp.log(n / 2) / 2

CLAIM = Claim(
    id="add_the_square_root_expansion",
    title="expansion of x + sqrt(x)",
    statement=sp.Eq(
        orbit(n),
        n**2 / 4 + Y * n / 2 + (Y**2 - Y) / 4 - (Y**2 / 8 - Y / 8 + sp.Rational(1, 96)) / n,
    ),
    source=Source("oeis", "A332396"),
    meaning=(
        "x(n) is the n-th iterate, x_{n+1} = x_n + sqrt(x_n), x_0 > 0; "
        "c = lim 2 sqrt(x) + (1/4) log x - n, taken at x = x_n"
    ),
    variables={n: "n = 1, 2, 3, ... iterations", c: "the constant of the start"},
    error=sp.log(n) ** 3 / n**2,
    limit=(n, sp.oo),
)


def derive() -> sp.Expr:
    """Abel's equation at infinity, solved term by term and inverted."""
    return derived_expansion(F, sp.oo, terms=4)


def checks():
    yield orbit_check(ADD_ROOT, F, sp.oo, terms=4, last=sp.Integer(1), starts=("1/100", "1/1000000"))
