r"""The variance of log lambda is 2 kappa + kappa^2/3."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, symbolic

from . import _spectrum

variance = sp.Function("variance")
kappa = sp.Symbol("kappa", positive=True)

CLAIM = Claim(
    id="isometry_log_variance",
    title="variance of the logarithm of the squared singular values",
    statement=sp.Eq(variance(kappa), 2 * kappa + kappa**2 / 3),
    source=Source("derive", "spectrum: cumulants of log lambda"),
    meaning="Var log lambda, kappa = c/a^2; its mean is 2 L log a and odd cumulants vanish",
    variables={kappa: "kappa > 0"},
    uses=("isometry_greens_equation",),
)


def derive() -> sp.Expr:
    """E y^2 is 1/6 of the coefficient of 1/v in y(v)^3, y = log((v+1)/(v-1)) + kappa v: a contour around the cut."""
    w = sp.Symbol("w", positive=True)
    y = sp.series(sp.log((1 + w) / (1 - w)), w, 0, 8).removeO() + kappa / w
    return sp.expand(y**3).coeff(w, 1) / 6


def by_moments() -> sp.Expr:
    """Second derivative at order 0 of the logarithm of the moments."""
    from derive.spectrum.limit_law import KAPPA, log_cumulant

    return log_cumulant(2).subs(KAPPA, kappa)


def quadrature(point, digits):
    return _spectrum.mean_of_log(lambda y: y**3 / 3, _spectrum.number(point[kappa]))


def checks():
    yield symbolic("moments", by_moments, method="cumulants from the power series of the moments in their order")
    points = [{kappa: sp.Rational(1, 8)}, {kappa: 2}, {kappa: 7}]
    yield digits("quadrature", quadrature, points, digits=25, method="mpmath.quad over the explicit spectral curve")
