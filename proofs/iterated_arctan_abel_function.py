r"""The Abel function of the iterated arctan."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import x
from ._iterated_abel import abel_checks, derived_abel
from ._iterated_maps import ARCTAN

CLAIM = Claim(
    id="iterated_arctan_abel_function",
    title="Abel function of the iterated arctan",
    statement=sp.Eq(
        sp.Function("A")(x),
        3 / (2 * x**2) - sp.Rational(3, 10) * sp.log(x) + sp.Rational(47, 4200) * x**2 + x**4 / 12000,
    ),
    source=Source("derive", "difference: Abel functions"),
    meaning=("A(F(x)) = A(x) + 1, A without constant term; F: x_{n+1} = arctan x_n"),
    variables={x: "x > 0"},
    error=x**6,
    limit=(x, sp.S.Zero),
)


def derive() -> sp.Expr:
    """The triangular solve of Abel's equation."""
    return derived_abel(sp.atan(x), 0, terms=4)


def checks():
    yield from abel_checks(ARCTAN, 0, x**8)
