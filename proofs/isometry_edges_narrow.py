r"""The smaller c, the narrower the spectrum: the logarithm of the edge increases with slope sqrt((kappa+2)/kappa)."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits

slope = sp.Function("slope")
kappa = sp.Symbol("kappa", positive=True)

CLAIM = Claim(
    id="isometry_edges_narrow",
    title="the spectrum narrows with the effective cumulant",
    statement=sp.Eq(slope(kappa), sp.sqrt((kappa + 2) / kappa)),
    source=Source("tarnowski2019", "caption of figure 1"),
    meaning="derivative of log(s_max/s_min) with respect to kappa = c/a^2; positive, so the condition number increases",
    variables={kappa: "kappa > 0"},
    uses=("isometry_edges",),
)


def derive() -> sp.Expr:
    """Differentiate the edge."""
    from .isometry_edges import CLAIM as EDGES
    from .isometry_edges import kappa as symbol

    raw = sp.diff(EDGES.statement.rhs, symbol).subs(symbol, kappa)
    return sp.sqrt(sp.factor(sp.simplify(raw**2)))


def numerical(point, digits):
    """The derivative of the stationary value is the explicit one: v at the edge, found numerically."""
    width = mpmath.mpf(point[kappa].p) / point[kappa].q
    return mpmath.findroot(lambda v: (v * v - 1) * width - 2, 1 + 1 / width)


def checks():
    points = [{kappa: sp.Rational(1, 8)}, {kappa: 3}]
    yield digits(
        "place of the edge", numerical, points, digits=30, method="envelope theorem: v at the edge by findroot"
    )
