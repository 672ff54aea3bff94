r"""The large-n expansion of the iterated log(1 + x), with its free constant."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import c, derived_expansion, n, orbit, orbit_check, x
from ._iterated_maps import LOG1P

F = sp.log(1 + x)
Y = c - sp.log(n / 2) / 3

CLAIM = Claim(
    id="iterated_log1p_expansion",
    title="expansion of the iterated log(1 + x)",
    statement=sp.Eq(
        orbit(n),
        2 / n - 2 * Y / n**2 + (2 * Y**2 + sp.Rational(2, 3) * Y + sp.Rational(1, 9)) / n**3,
    ),
    source=Source("mavecha2013", "expansion for log(1 + x)"),
    meaning=(
        "x(n) is the n-th iterate, x_{n+1} = log(1 + x_n), x_0 > 0; c = lim 2/x - (1/3) log x - n, taken at x = x_n"
    ),
    variables={n: "n = 1, 2, 3, ... iterations", c: "the constant of the start"},
    error=sp.log(n) ** 3 / n**4,
    limit=(n, sp.oo),
)


def derive() -> sp.Expr:
    """Abel"s equation at 0, solved term by term and inverted."""
    return derived_expansion(F, 0, terms=3)


def checks():
    yield orbit_check(LOG1P, F, 0, terms=3, last=sp.Integer(3), starts=("5", "40"))
