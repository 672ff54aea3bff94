r"""Sigmoid: the effective cumulant from the length function alone, and the weight variances for c = 1/8."""

import sympy as sp

from derive.claim import Claim, Source

from . import _spectrum_networks
from ._spectrum_networks import D, V, sigma_w2

c2 = sp.Symbol("c_2", positive=True)

CLAIM = Claim(
    id="isometry_weight_variance_sigmoid",
    title="effective cumulant, and sigma_w2 for c = 0.125: sigmoid",
    statement=sp.Eq(c2, sigma_w2 * (1 - 2 * V + 4 * D) / 12),
    source=Source("tarnowski2019", "section 4.1 and appendix D (its printed numbers are not compared here)"),
    meaning=_spectrum_networks.MEANING,
    variables={s: _spectrum_networks.VARIABLES[s] for s in (sigma_w2, V, D)},
    uses=("isometry_layer_second_cumulant", "isometry_preactivation_recurrence"),
)


def derive() -> sp.Expr:
    """phi' = phi - phi^2, E phi = 1/2 since phi(x) + phi(-x) = 1, and the heat equation for phi'."""
    x = sp.Symbol("x", real=True)
    phi = 1 / (1 + sp.exp(-x))
    mean = sp.simplify(phi + phi.subs(x, -x)) / 2
    return sigma_w2 * _spectrum_networks.slope_by_heat_equation(phi, x, mean)


def checks():
    yield _spectrum_networks.check("sigmoid")
