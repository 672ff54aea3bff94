r"""The Abel function of the iterated log(1 + x)."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import x
from ._iterated_abel import abel_checks, derived_abel
from ._iterated_maps import LOG1P

CLAIM = Claim(
    id="iterated_log1p_abel_function",
    title="Abel function of the iterated log(1 + x)",
    statement=sp.Eq(
        sp.Function("A")(x),
        2 / x - sp.log(x) / 3 + x / 36 - x**2 / 540,
    ),
    source=Source("derive", "difference: Abel functions"),
    meaning=("A(F(x)) = A(x) + 1, A without constant term; F: x_{n+1} = log(1 + x_n)"),
    variables={x: "x > 0"},
    error=x**3,
    limit=(x, sp.S.Zero),
)


def derive() -> sp.Expr:
    """The triangular solve of Abel's equation."""
    return derived_abel(sp.log(1 + x), 0, terms=4)


def checks():
    yield from abel_checks(LOG1P, 0, x**4)
