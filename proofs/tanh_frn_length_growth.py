r"""The length of the stream in a tanh full residual network: linear, with a square root and a logarithm below."""

import sympy as sp

from derive.claim import Claim, Source
from derive.networks.residual.equations import SYMBOLS as S

from ._laws import leading_part
from ._tanh_growth import FULL, length_check

l = sp.Symbol("l", positive=True)
p = sp.Function("p")
C = sp.sqrt(2 / sp.pi)
B = S.sigma_v2 + S.sigma_a2

CLAIM = Claim(
    id="tanh_frn_length_growth",
    title="growth of p, tanh full residual network",
    statement=sp.Eq(
        p(l),
        B * l
        - 2 * C * S.sigma_v2 / sp.sqrt(S.sigma_w2 * B) * sp.sqrt(l)
        - C**2 * S.sigma_v2**2 / (S.sigma_w2 * B**2) * sp.log(l),
    ),
    source=Source("yang2017", "theorem B.1.2, growth of p (formula stripped, rebuilt)"),
    meaning="p(l) is the length after l layers, from any start",
    variables={
        l: "l = 1, 2, 3, ... layers",
        S.sigma_v2: "sigma_v2 > 0",
        S.sigma_w2: "sigma_w2 > 0",
        S.sigma_a2: "sigma_a2 >= 0",
    },
    assumptions="sigma_b2 and the start enter the constant only",
    error=sp.Integer(1),
    limit=(l, sp.oo),
    uses=("frn_length_recurrence", "frn_hidden_variance", "tanh_variance_at_large_q"),
)


def derive() -> sp.Expr:
    """Abel's equation for the layer map, inverted; the part that grows."""
    return leading_part("full", "p", l)


def checks():
    yield length_check(l, FULL)
