r"""The free constant of the x exp(-x) from 1, proved to 60 decimals."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import c, constant_checks, decimal, x
from ._iterated_maps import X_EXP

VALUE = "1.290247208687764291667615684161184637275764414673372728279278"

CLAIM = Claim(
    id="x_exp_minus_x_constant",
    title="constant of the x exp(-x) from 1",
    statement=sp.Eq(c, decimal(VALUE)),
    source=Source("derive", "difference: constants"),
    meaning=("c = lim 1/x + (1/2) log x - n, taken at x = x_n; x_{n+1} = x_n exp(-x_n), x_0 = 1; 60 decimals"),
    variables={c: "the constant"},
    uses=("x_exp_minus_x_expansion",),
)


def checks():
    yield from constant_checks(X_EXP, x * sp.exp(-x), 0, "1", 60)
