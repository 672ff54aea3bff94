r"""The large-n expansion of the logistic map x(1 - x), with its free constant."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import c, derived_expansion, n, orbit, orbit_check, x
from ._iterated_maps import LOGISTIC

F = x * (1 - x)
Y = c + sp.log(n)

CLAIM = Claim(
    id="logistic_map_expansion",
    title="expansion of the logistic map x(1 - x)",
    statement=sp.Eq(
        orbit(n),
        1 / n - Y / n**2 + (Y**2 - Y + sp.Rational(1, 2)) / n**3,
    ),
    source=Source("finch2025", "introduction: the logistic map"),
    meaning=(
        "x(n) is the n-th iterate, x_{n+1} = x_n (1 - x_n), 0 < x_0 < 1; c = lim 1/x + log x - n, taken at x = x_n"
    ),
    variables={n: "n = 1, 2, 3, ... iterations", c: "the constant of the start"},
    error=sp.log(n) ** 3 / n**4,
    limit=(n, sp.oo),
)


def derive() -> sp.Expr:
    """Abel"s equation at 0, solved term by term and inverted."""
    return derived_expansion(F, 0, terms=3)


def checks():
    yield orbit_check(LOGISTIC, F, 0, terms=3, last=sp.Integer(3), starts=("1/2", "1/7"))
