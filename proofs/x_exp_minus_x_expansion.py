r"""The large-n expansion of the x exp(-x), with its free constant."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import c, derived_expansion, n, orbit, orbit_check, x
from ._iterated_maps import X_EXP

F = x * sp.exp(-x)
Y = c + sp.log(n) / 2

CLAIM = Claim(
    id="x_exp_minus_x_expansion",
    title="expansion of the x exp(-x)",
    statement=sp.Eq(
        orbit(n),
        1 / n - Y / n**2 + (Y**2 - Y / 2 + sp.Rational(1, 6)) / n**3,
    ),
    source=Source("derive", "difference: parabolic recurrences"),
    meaning=(
        "x(n) is the n-th iterate, x_{n+1} = x_n exp(-x_n), x_0 > 0; c = lim 1/x + (1/2) log x - n, taken at x = x_n"
    ),
    variables={n: "n = 1, 2, 3, ... iterations", c: "the constant of the start"},
    error=sp.log(n) ** 3 / n**4,
    limit=(n, sp.oo),
)


def derive() -> sp.Expr:
    """Abel"s equation at 0, solved term by term and inverted."""
    return derived_expansion(F, 0, terms=3)


def checks():
    yield orbit_check(X_EXP, F, 0, terms=3, last=sp.Integer(3), starts=("1", "1/3"))
