r"""The ends of the spectrum at depth L: the first correction moves both down by kappa(kappa+3)/(2L)."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

edge = sp.Function("edge")
L, kappa = sp.symbols("L kappa", positive=True)
ROOT = sp.sqrt(kappa * (kappa + 2))

CLAIM = Claim(
    id="isometry_edges_at_finite_depth",
    title="ends of the spectrum of L linear layers to order 1/L",
    statement=sp.Eq(edge(L), ROOT + sp.log(1 + kappa + ROOT) - kappa * (kappa + 3) / (2 * L)),
    source=Source("derive", "spectrum: first 1/L correction to (25) of tarnowski2019"),
    meaning="log(lambda_max/a^(2L)) of L equal free circular layers; for lambda_min the first two terms change sign",
    variables={L: "L -> oo", kappa: "kappa > 0"},
    error=L**-2,
    limit=(L, sp.oo),
    uses=("isometry_layer_s_large_depth", "isometry_edges"),
)


def derive() -> sp.Expr:
    """The universal edge plus the term of order 1/L of log lambda at the same v."""
    from derive.spectrum import correction
    from derive.spectrum.limit_law import KAPPA

    shift = sp.simplify(correction.edge_shift(1).subs({correction.K2: KAPPA**2, correction.K4: 0}))
    return ROOT + sp.log(1 + kappa + ROOT) + sp.factor(shift.subs(KAPPA, kappa)) / L


def stationary(point, digits):
    """The minimum over v > 1 of log((v+1)/(v-1)) + L log(1/S), S the root of one layer."""
    width, depth = mpmath.mpf(point[kappa].p) / point[kappa].q, int(point[L])
    eps = width / depth

    def log_lam(v):
        b = 1 + eps * v
        return mpmath.log((v + 1) / (v - 1)) + depth * mpmath.log((b + mpmath.sqrt(b * b - (v * v - 1) * eps**2)) / 2)

    start = mpmath.sqrt((width + 2) / width)
    place = mpmath.findroot(lambda v: mpmath.diff(log_lam, v), (start, start * (1 + eps)))
    return log_lam(place)


def checks():
    yield decay(
        "stationary point",
        stationary,
        L,
        [2**k for k in range(3, 12)],
        [{kappa: sp.Rational(1, 8)}, {kappa: 2}],
        error=CLAIM.error,
        digits=25,
        method="the minimum of log lambda over v by mpmath, from the root of one layer",
    )
