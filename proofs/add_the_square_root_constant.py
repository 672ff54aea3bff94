r"""The constant of "add the square root" from 1, in the normalisation of its table."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import c, constant_checks, decimal, x
from ._iterated_maps import ADD_ROOT

C = sp.Symbol("C", real=True)
VALUE = "0.675177442458557139813285625075827633684073158989051591401131"

CLAIM = Claim(
    id="add_the_square_root_constant",
    title="constant of x + sqrt(x) from 1",
    statement=sp.Eq(C, decimal(VALUE)),
    source=Source("oeis", "A332396"),
    meaning="C = lim b(n)/n - (n - log n)/4 for b(1) = 1, b(n+1) = b(n) + sqrt(b(n)); to 60 decimals",
    variables={C: "the constant"},
    uses=("add_the_square_root_expansion",),
)


def checks():
    # b(n) = x(n-1): the expansion gives C = (c - 1)/2 + (log 2)/4
    yield from constant_checks(ADD_ROOT, x + sp.sqrt(x), sp.oo, "1", 60, published=(c - 1) / 2 + sp.log(2) / 4)
