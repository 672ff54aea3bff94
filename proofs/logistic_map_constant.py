r"""The free constant of the logistic map x(1 - x) from 1/2, proved to 60 decimals."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import c, constant_checks, decimal, x
from ._iterated_maps import LOGISTIC

VALUE = "1.767993786136154050443634406781132331077681433131956515576986"

CLAIM = Claim(
    id="logistic_map_constant",
    title="constant of the logistic map x(1 - x) from 1/2",
    statement=sp.Eq(c, decimal(VALUE)),
    source=Source("finch2025", "introduction: the logistic map"),
    meaning=("c = lim 1/x + log x - n, taken at x = x_n; x_{n+1} = x_n (1 - x_n), x_0 = 1/2; 60 decimals"),
    variables={c: "the constant"},
    uses=("logistic_map_expansion",),
)


def checks():
    yield from constant_checks(LOGISTIC, x * (1 - x), 0, "1/2", 60)
