r"""The Abel function of x + sqrt(x)."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import x
from ._iterated_abel import abel_checks, derived_abel
from ._iterated_maps import ADD_ROOT

CLAIM = Claim(
    id="add_the_square_root_abel_function",
    title="Abel function of x + sqrt(x)",
    statement=sp.Eq(
        sp.Function("A")(x),
        2 * sp.sqrt(x) + sp.log(x) / 4 + 1 / (192 * x),
    ),
    source=Source("derive", "difference: Abel functions"),
    meaning="A(F(x)) = A(x) + 1, A without constant term; F: x_{n+1} = x_n + sqrt(x_n); the term in 1/sqrt(x) vanishes",
    variables={x: "x > 0"},
    error=x ** sp.Rational(-3, 2),
    limit=(x, sp.oo),
)


def derive() -> sp.Expr:
    """The triangular solve of Abel's equation."""
    return derived_abel(x + sp.sqrt(x), sp.oo, terms=4)


def checks():
    yield from abel_checks(ADD_ROOT, sp.oo, x**-2)
