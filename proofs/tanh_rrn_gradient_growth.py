r"""The growth of gradients in a tanh reduced residual network."""

import sympy as sp

from derive.claim import Claim, Source
from derive.networks.residual.equations import SYMBOLS as S

from ._laws import leading_part
from ._tanh_growth import REDUCED, gradient_check

l = sp.Symbol("l", positive=True)
log_ratio = sp.Function("log_ratio")
C = sp.sqrt(2 / sp.pi)

CLAIM = Claim(
    id="tanh_rrn_gradient_growth",
    title="growth of the gradient, tanh reduced residual network",
    statement=sp.Eq(
        log_ratio(l),
        sp.Rational(4, 3) * C * sp.sqrt(S.sigma_w2) * sp.sqrt(l) + 4 * (3 - S.sigma_w2) / (9 * sp.pi) * sp.log(l),
    ),
    source=Source(
        "yang2017", "theorem B.1.1, dynamics of chi, leading term (formula stripped, rebuilt); the logarithm is new"
    ),
    meaning="log_ratio(l) = log(chi_0/chi_l)",
    variables={
        l: "l = 1, 2, 3, ... layers",
        S.sigma_w2: "sigma_w2 > 0",
    },
    assumptions="sigma_b2 and the start enter the constant only; p(0) > 0 or sigma_b2 > 0",
    error=sp.Integer(1),
    limit=(l, sp.oo),
    uses=("rrn_gradient_recurrence", "tanh_rrn_length_growth", "tanh_slope_variance_at_large_q"),
)


def derive() -> sp.Expr:
    """Abel's equation for the layer map, inverted; the part that grows."""
    return leading_part("reduced", "log_chi_ratio", l)


def checks():
    yield gradient_check(l, REDUCED)
