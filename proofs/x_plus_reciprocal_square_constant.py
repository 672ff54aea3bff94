r"""The free constant of the x + 1/x^2 from 1, proved to 60 decimals."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import c, constant_checks, decimal, x
from ._iterated_maps import RECIPROCAL_SQUARE

VALUE = "1.012214519549131340933383036941801245113287969828253458091653"

CLAIM = Claim(
    id="x_plus_reciprocal_square_constant",
    title="constant of the x + 1/x^2 from 1",
    statement=sp.Eq(c, decimal(VALUE)),
    source=Source("derive", "difference: constants"),
    meaning=("c = lim x^3/3 - log x - n, taken at x = x_n; x_{n+1} = x_n + 1/x_n^2, x_0 = 1; 60 decimals"),
    variables={c: "the constant"},
    uses=("x_plus_reciprocal_square_expansion",),
)


def checks():
    yield from constant_checks(RECIPROCAL_SQUARE, x + 1 / x**2, sp.oo, "1", 60)
