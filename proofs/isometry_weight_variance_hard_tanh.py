r"""Hard tanh: the effective cumulant of a layer, and the weight variances for c = 1/8."""

import sympy as sp

from derive.claim import Claim, Source

from . import _spectrum_networks
from ._spectrum_networks import q, sigma_w2

c2 = sp.Symbol("c_2", positive=True)

CLAIM = Claim(
    id="isometry_weight_variance_hard_tanh",
    title="effective cumulant, and sigma_w2 for c = 0.125: hard tanh",
    statement=sp.Eq(c2, sigma_w2 * sp.erf(1 / sp.sqrt(2 * q))),
    source=Source("tarnowski2019", "section 4.1 and appendix D (its printed numbers are not compared here)"),
    meaning=_spectrum_networks.MEANING,
    variables={s: _spectrum_networks.VARIABLES[s] for s in (sigma_w2, q)},
    uses=("isometry_layer_second_cumulant", "isometry_preactivation_recurrence"),
)


def derive() -> sp.Expr:
    """The slope is 1 on (-1, 1), else 0: the normal law of variance q there."""
    h = sp.Symbol("h", real=True)
    return sigma_w2 * sp.integrate(sp.exp(-(h**2) / (2 * q)) / sp.sqrt(2 * sp.pi * q), (h, -1, 1))


def checks():
    yield _spectrum_networks.check("hard_tanh")
