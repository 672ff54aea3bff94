r"""The free constant of the iterated sine from 1, proved to 60 decimals."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import c, constant_checks, decimal, x
from ._iterated_maps import SINE

VALUE = "3.089622719729543059537847276417509785399019520443376259334595"

CLAIM = Claim(
    id="iterated_sine_constant",
    title="constant of the iterated sine from 1",
    statement=sp.Eq(c, decimal(VALUE)),
    source=Source("derive", "difference: constants"),
    meaning=("c = lim 3/x^2 + (6/5) log x - n, taken at x = x_n; x_{n+1} = sin x_n, x_0 = 1; 60 decimals"),
    variables={c: "the constant"},
    uses=("iterated_sine_expansion",),
)


def checks():
    yield from constant_checks(SINE, sp.sin(x), 0, "1", 60)
