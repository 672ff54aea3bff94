r"""The free constant of the inverse of x + x^2 from 1, proved to 100 decimals."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import c, constant_checks, decimal, x
from ._iterated_maps import ROOT

VALUE = "1.3291223221645420016527126236974525367208157959254280173783880752242723840308015432591541808049555720"

CLAIM = Claim(
    id="inverse_of_x_plus_square_constant",
    title="constant of the inverse of x + x^2 from 1",
    statement=sp.Eq(c, decimal(VALUE)),
    source=Source("oeis", "A340875"),
    meaning=("c = lim 1/x - log x - n, taken at x = x_n; x_{n+1} = (sqrt(1 + 4 x_n) - 1)/2, x_0 = 1; 100 decimals"),
    variables={c: "the constant"},
    uses=("inverse_of_x_plus_square_expansion",),
)


def checks():
    yield from constant_checks(ROOT, (sp.sqrt(1 + 4 * x) - 1) / 2, 0, "1", 100)
