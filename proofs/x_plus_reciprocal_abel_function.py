r"""The Abel function of the x + 1/x."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import x
from ._iterated_abel import abel_checks, derived_abel
from ._iterated_maps import RECIPROCAL

CLAIM = Claim(
    id="x_plus_reciprocal_abel_function",
    title="Abel function of the x + 1/x",
    statement=sp.Eq(
        sp.Function("A")(x),
        x**2 / 2 - sp.log(x) / 2 + 1 / (8 * x**2) + sp.Rational(5, 96) / x**4,
    ),
    source=Source("derive", "difference: Abel functions"),
    meaning=("A(F(x)) = A(x) + 1, A without constant term; F: x_{n+1} = x_n + 1/x_n"),
    variables={x: "x > 0"},
    error=x**-6,
    limit=(x, sp.oo),
)


def derive() -> sp.Expr:
    """The triangular solve of Abel's equation."""
    return derived_abel(x + 1 / x, sp.oo, terms=4)


def checks():
    yield from abel_checks(RECIPROCAL, sp.oo, x**-8)
