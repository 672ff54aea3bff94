r"""The length of the stream in a tanh reduced residual network, as printed in theorem B.1.1."""

import sympy as sp

from derive.claim import Claim, Source
from derive.networks.residual.equations import SYMBOLS as S

from ._laws import leading_part
from ._tanh_growth import REDUCED, length_check

l = sp.Symbol("l", positive=True)
p = sp.Function("p")
C = sp.sqrt(2 / sp.pi)

CLAIM = Claim(
    id="tanh_rrn_length_growth",
    title="growth of p, tanh reduced residual network",
    statement=sp.Eq(
        p(l),
        l - 2 * C / sp.sqrt(S.sigma_w2) * sp.sqrt(l) - C**2 / S.sigma_w2 * sp.log(l),
    ),
    source=Source("yang2017", "theorem B.1.1, second part (formula stripped, rebuilt)"),
    meaning="p(l) is the length after l layers, from any start",
    variables={
        l: "l = 1, 2, 3, ... layers",
        S.sigma_w2: "sigma_w2 > 0",
    },
    assumptions="sigma_b2 and the start enter the constant only; p(0) > 0 or sigma_b2 > 0",
    error=sp.Integer(1),
    limit=(l, sp.oo),
    uses=("rrn_length_recurrence", "frn_hidden_variance", "tanh_variance_at_large_q"),
)


def derive() -> sp.Expr:
    """Abel's equation for the layer map, inverted; the part that grows."""
    return leading_part("reduced", "p", l)


def checks():
    yield length_check(l, REDUCED)
