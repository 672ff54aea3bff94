r"""The free constant of the iterated tanh from 1, proved to 60 decimals."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import c, constant_checks, decimal, x
from ._iterated_maps import TANH

VALUE = "1.510791795869223884415041879837927716848804369913057586790327"

CLAIM = Claim(
    id="iterated_tanh_constant",
    title="constant of the iterated tanh from 1",
    statement=sp.Eq(c, decimal(VALUE)),
    source=Source("derive", "difference: constants"),
    meaning=("c = lim 3/(2 x^2) + (3/10) log x - n, taken at x = x_n; x_{n+1} = tanh x_n, x_0 = 1; 60 decimals"),
    variables={c: "the constant"},
    uses=("iterated_tanh_expansion",),
)


def checks():
    yield from constant_checks(TANH, sp.tanh(x), 0, "1", 60)
