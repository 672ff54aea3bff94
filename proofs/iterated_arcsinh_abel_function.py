r"""The Abel function of the iterated arcsinh."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import x
from ._iterated_abel import abel_checks, derived_abel
from ._iterated_maps import ARCSINH

CLAIM = Claim(
    id="iterated_arcsinh_abel_function",
    title="Abel function of the iterated arcsinh",
    statement=sp.Eq(
        sp.Function("A")(x),
        3 / x**2 - sp.Rational(6, 5) * sp.log(x) + sp.Rational(79, 1050) * x**2 - sp.Rational(29, 2625) * x**4,
    ),
    source=Source("derive", "difference: Abel functions"),
    meaning=("A(F(x)) = A(x) + 1, A without constant term; F: x_{n+1} = arcsinh x_n"),
    variables={x: "x > 0"},
    error=x**6,
    limit=(x, sp.S.Zero),
)


def derive() -> sp.Expr:
    """The triangular solve of Abel's equation."""
    return derived_abel(sp.asinh(x), 0, terms=4)


def checks():
    yield from abel_checks(ARCSINH, 0, x**8)
