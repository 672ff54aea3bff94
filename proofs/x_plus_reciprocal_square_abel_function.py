r"""The Abel function of the x + 1/x^2."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import x
from ._iterated_abel import abel_checks, derived_abel
from ._iterated_maps import RECIPROCAL_SQUARE

CLAIM = Claim(
    id="x_plus_reciprocal_square_abel_function",
    title="Abel function of the x + 1/x^2",
    statement=sp.Eq(
        sp.Function("A")(x),
        x**3 / 3 - sp.log(x) + sp.Rational(5, 18) / x**3 + sp.Rational(2, 9) / x**6,
    ),
    source=Source("derive", "difference: Abel functions"),
    meaning=("A(F(x)) = A(x) + 1, A without constant term; F: x_{n+1} = x_n + 1/x_n^2"),
    variables={x: "x > 0"},
    error=x**-9,
    limit=(x, sp.oo),
)


def derive() -> sp.Expr:
    """The triangular solve of Abel's equation."""
    return derived_abel(x + 1 / x**2, sp.oo, terms=4)


def checks():
    yield from abel_checks(RECIPROCAL_SQUARE, sp.oo, x**-12)
