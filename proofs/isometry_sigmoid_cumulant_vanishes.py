r"""Sigmoid: at fixed weight variance the effective cumulant tends to 0 like log L over the root of L."""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

from . import _spectrum_networks

scaled = sp.Function("scaled_c")
L, sigma = sp.symbols("L sigma", positive=True)

CLAIM = Claim(
    id="isometry_sigmoid_cumulant_vanishes",
    title="no weight variance gives the sigmoid one effective cumulant at every depth",
    statement=sp.Eq(scaled(L), sigma * sp.log(L) / (6 * sp.sqrt(2 * sp.pi))),
    source=Source("derive", "spectrum: the law of c at large depth, appendix D of tarnowski2019"),
    meaning="c sqrt(L) up to O(1), sigma^2 = sigma_w2 fixed, no biases, an input of mean 0 and mean square 1",
    variables={L: "L -> oo", sigma: "sigma > 0"},
    error=sp.Integer(1) + 0 * L,
    limit=(L, sp.oo),
    uses=("isometry_preactivation_recurrence",),
)


def derive() -> sp.Expr:
    """q_l = sigma^2 l^2/(4L) and E phi'^2 = int phi'^2/sqrt(2 pi q), summed from l of order sqrt(L) to L."""
    h, l, depth = sp.symbols("h l depth", positive=True)
    area = sp.integrate(sp.Integer(1) * h * (1 - h), (h, 0, 1))  # int phi'^2 dx = int phi (1 - phi) d phi
    slope = area / sp.sqrt(2 * sp.pi * sigma**2 * l**2 / (4 * depth))
    total = sp.integrate(slope, (l, sp.sqrt(depth), depth)) * sigma**2 / depth
    return sp.simplify(sp.expand_log(total * sp.sqrt(depth), force=True)).subs(depth, L)


def recursion(point, digits):
    weight, depth = (mpmath.mpf(point[sigma].p) / point[sigma].q) ** 2, int(point[L])
    return _spectrum_networks.cumulant(_spectrum_networks.sigmoid_means, weight, depth) * mpmath.sqrt(depth)


def checks():
    yield decay(
        "recursion",
        recursion,
        L,
        [2**k for k in range(2, 12)],
        [{sigma: 1}],
        error=CLAIM.error,
        digits=10,
        factor=Fraction(3, 4),
        method="(26) and (27) with trapezoidal sums at depths 4 to 2048",
    )
