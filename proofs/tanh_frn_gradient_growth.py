r"""The growth of gradients in a tanh full residual network: exp of a square root, with a power below."""

import sympy as sp

from derive.claim import Claim, Source
from derive.networks.residual.equations import SYMBOLS as S

from ._laws import leading_part
from ._tanh_growth import FULL, gradient_check

l = sp.Symbol("l", positive=True)
log_ratio = sp.Function("log_ratio")
C = sp.sqrt(2 / sp.pi)
B = S.sigma_v2 + S.sigma_a2

CLAIM = Claim(
    id="tanh_frn_gradient_growth",
    title="growth of the gradient, tanh full residual network",
    statement=sp.Eq(
        log_ratio(l),
        sp.Rational(4, 3) * C * S.sigma_v2 * sp.sqrt(S.sigma_w2 / B) * sp.sqrt(l)
        + 4 * S.sigma_v2**2 * (3 - S.sigma_w2 * B) / (9 * sp.pi * B**2) * sp.log(l),
    ),
    source=Source(
        "yang2017", "theorem B.1.2, dynamics of chi, leading term (formula stripped, rebuilt); the logarithm is new"
    ),
    meaning="log_ratio(l) = log(chi_0/chi_l)",
    variables={
        l: "l = 1, 2, 3, ... layers",
        S.sigma_v2: "sigma_v2 > 0",
        S.sigma_w2: "sigma_w2 > 0",
        S.sigma_a2: "sigma_a2 >= 0",
    },
    assumptions="sigma_b2 and the start enter the constant only",
    error=sp.Integer(1),
    limit=(l, sp.oo),
    uses=("frn_gradient_recurrence", "tanh_frn_length_growth", "tanh_slope_variance_at_large_q"),
)


def derive() -> sp.Expr:
    """Abel's equation for the layer map, inverted; the part that grows."""
    return leading_part("full", "log_chi_ratio", l)


def checks():
    yield gradient_check(l, FULL)
