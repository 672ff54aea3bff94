r"""The free constant of the x + 1/x from 1, proved to 60 decimals."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import c, constant_checks, decimal, x
from ._iterated_maps import RECIPROCAL

VALUE = "0.688284392428725403177473344223669159822135097646179316889943"

CLAIM = Claim(
    id="x_plus_reciprocal_constant",
    title="constant of the x + 1/x from 1",
    statement=sp.Eq(c, decimal(VALUE)),
    source=Source("derive", "difference: constants"),
    meaning=("c = lim x^2/2 - (1/2) log x - n, taken at x = x_n; x_{n+1} = x_n + 1/x_n, x_0 = 1; 60 decimals"),
    variables={c: "the constant"},
    uses=("x_plus_reciprocal_expansion",),
)


def checks():
    yield from constant_checks(RECIPROCAL, x + 1 / x, sp.oo, "1", 60)
