r"""The Abel function of the x exp(-x)."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import x
from ._iterated_abel import abel_checks, derived_abel
from ._iterated_maps import X_EXP

CLAIM = Claim(
    id="x_exp_minus_x_abel_function",
    title="Abel function of the x exp(-x)",
    statement=sp.Eq(
        sp.Function("A")(x),
        1 / x + sp.log(x) / 2 + x / 6 + x**2 / 16,
    ),
    source=Source("derive", "difference: Abel functions"),
    meaning=("A(F(x)) = A(x) + 1, A without constant term; F: x_{n+1} = x_n exp(-x_n)"),
    variables={x: "x > 0"},
    error=x**3,
    limit=(x, sp.S.Zero),
)


def derive() -> sp.Expr:
    """The triangular solve of Abel's equation."""
    return derived_abel(x * sp.exp(-x), 0, terms=4)


def checks():
    yield from abel_checks(X_EXP, 0, x**4)
