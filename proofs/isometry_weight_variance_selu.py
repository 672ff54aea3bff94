r"""SELU: the effective cumulant of a layer, and the weight variances for c = 1/8."""

import sympy as sp

from derive.claim import Claim, Source

from . import _spectrum_networks
from ._spectrum_networks import alpha, q, scale, sigma_w2

c2 = sp.Symbol("c_2", positive=True)

CLAIM = Claim(
    id="isometry_weight_variance_selu",
    title="effective cumulant, and sigma_w2 for c = 0.125: SELU",
    statement=sp.Eq(c2, sigma_w2 * scale**2 / 2 * (1 + alpha**2 * sp.exp(2 * q) * sp.erfc(sp.sqrt(2 * q)))),
    source=Source("tarnowski2019", "section 4.1 and appendix D (its printed numbers are not compared here)"),
    meaning=_spectrum_networks.MEANING + ".  Mean 0 and variance 1 at q = 1 fix lambda and alpha",
    variables={
        **{s: _spectrum_networks.VARIABLES[s] for s in (sigma_w2, q)},
        scale: "slope above 0",
        alpha: "lambda alpha is the slope at 0 from below",
    },
    uses=("isometry_layer_second_cumulant", "isometry_preactivation_recurrence"),
)


def derive() -> sp.Expr:
    """The squared slope is lambda^2 above 0 and (lambda alpha e^h)^2 below."""
    h = sp.Symbol("h", real=True)
    density = sp.exp(-(h**2) / (2 * q)) / sp.sqrt(2 * sp.pi * q)
    above = sp.integrate(density, (h, 0, sp.oo))
    below = sp.integrate(sp.exp(2 * h) * density, (h, -sp.oo, 0))
    return sigma_w2 * scale**2 * (above + alpha**2 * sp.expand(sp.simplify(below).rewrite(sp.erfc)))


def checks():
    yield _spectrum_networks.check("selu")
