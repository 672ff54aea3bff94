r"""The free constant of the iterated log(1 + x) from 1, proved to 60 decimals."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import c, constant_checks, decimal, x
from ._iterated_maps import LOG1P

VALUE = "2.025912098685863882502277765605831181273888865905172103701098"

CLAIM = Claim(
    id="iterated_log1p_constant",
    title="constant of the iterated log(1 + x) from 1",
    statement=sp.Eq(c, decimal(VALUE)),
    source=Source("derive", "difference: constants"),
    meaning=("c = lim 2/x - (1/3) log x - n, taken at x = x_n; x_{n+1} = log(1 + x_n), x_0 = 1; 60 decimals"),
    variables={c: "the constant"},
    uses=("iterated_log1p_expansion",),
)


def checks():
    yield from constant_checks(LOG1P, sp.log(1 + x), 0, "1", 60)
