r"""tanh: the effective cumulant from the length function alone, and the weight variances for c = 1/8."""

import sympy as sp

from derive.claim import Claim, Source

from . import _spectrum_networks
from ._spectrum_networks import D, V, sigma_w2

c2 = sp.Symbol("c_2", positive=True)

CLAIM = Claim(
    id="isometry_weight_variance_tanh",
    title="effective cumulant, and sigma_w2 for c = 0.125: tanh",
    statement=sp.Eq(c2, sigma_w2 * (2 - 2 * V + D) / 3),
    source=Source("tarnowski2019", "section 4.1 and appendix D (its printed numbers are not compared here)"),
    meaning=_spectrum_networks.MEANING,
    variables={s: _spectrum_networks.VARIABLES[s] for s in (sigma_w2, V, D)},
    uses=("isometry_layer_second_cumulant", "isometry_preactivation_recurrence"),
)


def derive() -> sp.Expr:
    """tanh' = 1 - tanh^2, and the heat equation for tanh'."""
    x = sp.Symbol("x", real=True)
    return sigma_w2 * _spectrum_networks.slope_by_heat_equation(sp.tanh(x), x, mean=sp.Integer(0))


def checks():
    yield _spectrum_networks.check("tanh")
