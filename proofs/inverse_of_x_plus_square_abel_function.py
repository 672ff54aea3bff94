r"""The Abel function of the inverse of x + x^2."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import x
from ._iterated_abel import abel_checks, derived_abel
from ._iterated_maps import ROOT

CLAIM = Claim(
    id="inverse_of_x_plus_square_abel_function",
    title="Abel function of the inverse of x + x^2",
    statement=sp.Eq(
        sp.Function("A")(x),
        1 / x - sp.log(x) + x / 2 - x**2 / 3,
    ),
    source=Source("oeis", "A340825"),
    meaning=("A(F(x)) = A(x) + 1, A without constant term; F: x_{n+1} = (sqrt(1 + 4 x_n) - 1)/2"),
    variables={x: "x > 0"},
    error=x**3,
    limit=(x, sp.S.Zero),
)


def derive() -> sp.Expr:
    """The triangular solve of Abel's equation."""
    return derived_abel((sp.sqrt(1 + 4 * x) - 1) / 2, 0, terms=4)


def checks():
    yield from abel_checks(ROOT, 0, x**4)
