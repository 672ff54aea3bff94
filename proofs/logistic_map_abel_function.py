r"""The Abel function of the logistic map x(1 - x)."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import x
from ._iterated_abel import abel_checks, derived_abel
from ._iterated_maps import LOGISTIC

CLAIM = Claim(
    id="logistic_map_abel_function",
    title="Abel function of the logistic map x(1 - x)",
    statement=sp.Eq(
        sp.Function("A")(x),
        1 / x + sp.log(x) + x / 2 + x**2 / 3,
    ),
    source=Source("derive", "difference: Abel functions"),
    meaning=("A(F(x)) = A(x) + 1, A without constant term; F: x_{n+1} = x_n (1 - x_n)"),
    variables={x: "x > 0"},
    error=x**3,
    limit=(x, sp.S.Zero),
)


def derive() -> sp.Expr:
    """The triangular solve of Abel's equation."""
    return derived_abel(x * (1 - x), 0, terms=4)


def checks():
    yield from abel_checks(LOGISTIC, 0, x**4)
