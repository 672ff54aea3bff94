r"""The free constant of the iterated arcsinh from 1, proved to 60 decimals."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import c, constant_checks, decimal, x
from ._iterated_maps import ARCSINH

VALUE = "3.066193270172860787276396072369547651229847132608969206600167"

CLAIM = Claim(
    id="iterated_arcsinh_constant",
    title="constant of the iterated arcsinh from 1",
    statement=sp.Eq(c, decimal(VALUE)),
    source=Source("derive", "difference: constants"),
    meaning=("c = lim 3/x^2 - (6/5) log x - n, taken at x = x_n; x_{n+1} = arcsinh x_n, x_0 = 1; 60 decimals"),
    variables={c: "the constant"},
    uses=("iterated_arcsinh_expansion",),
)


def checks():
    yield from constant_checks(ARCSINH, sp.asinh(x), 0, "1", 60)
