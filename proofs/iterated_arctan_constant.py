r"""The free constant of the iterated arctan from 1, proved to 60 decimals."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import c, constant_checks, decimal, x
from ._iterated_maps import ARCTAN

VALUE = "1.511054770634195524746818383792176536566034830068204509727852"

CLAIM = Claim(
    id="iterated_arctan_constant",
    title="constant of the iterated arctan from 1",
    statement=sp.Eq(c, decimal(VALUE)),
    source=Source("derive", "difference: constants"),
    meaning=("c = lim 3/(2 x^2) - (3/10) log x - n, taken at x = x_n; x_{n+1} = arctan x_n, x_0 = 1; 60 decimals"),
    variables={c: "the constant"},
    uses=("iterated_arctan_expansion",),
)


def checks():
    yield from constant_checks(ARCTAN, sp.atan(x), 0, "1", 60)
