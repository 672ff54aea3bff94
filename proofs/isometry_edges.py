r"""The ends of the spectrum: log lambda = +-(sqrt(kappa(kappa+2)) + arcosh(1+kappa)), kappa = c/a^2."""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, enclosure

edge = sp.Function("edge")
kappa = sp.Symbol("kappa", positive=True)

CLAIM = Claim(
    id="isometry_edges",
    title="ends of the universal spectrum",
    statement=sp.Eq(edge(kappa), sp.sqrt(kappa * (kappa + 2)) + sp.log(1 + kappa + sp.sqrt(kappa * (kappa + 2)))),
    source=Source("derive", "spectrum: support of equation (25) of tarnowski2019"),
    meaning=(
        "log(lambda_max/a^(2L)) = -log(lambda_min/a^(2L)) = edge(kappa), kappa = c/a^2; s_max/s_min = e^edge is the "
        "condition number"
    ),
    variables={kappa: "kappa > 0"},
    uses=("isometry_greens_equation",),
)


def derive() -> sp.Expr:
    """log lambda = log((v+1)/(v-1)) + kappa v is stationary at v^2 = (kappa+2)/kappa."""
    v = sp.Symbol("v", positive=True)
    slope = sp.diff(sp.log(v + 1) - sp.log(v - 1) + kappa * v, v)
    (place,) = [r for r in sp.solve(sp.numer(sp.together(slope)), v) if r.is_positive]
    root = sp.sqrt(kappa * (kappa + 2))
    place = sp.simplify(place * kappa / root) * root / kappa
    ratio = sp.simplify((kappa + root) / (root - kappa) - (1 + kappa + root))  # (v+1)/(v-1)
    if sp.simplify(ratio) != 0 or sp.simplify(place - root / kappa) != 0:
        raise ArithmeticError(f"unexpected stationary point {place}")
    return root + sp.log(1 + kappa + root)


POINTS = [{kappa: sp.Rational(1, 8)}, {kappa: sp.Rational(1, 1000)}, {kappa: 5}]


def stationary(point, digits):
    width = mpmath.mpf(point[kappa].p) / point[kappa].q

    def log_lam(x):
        return mpmath.log((x + 1) / (x - 1)) + width * x

    ends = (1 + mpmath.mpf(10) ** -9, 2 + 2 / width)
    v = mpmath.findroot(lambda t: (t - 1) * mpmath.diff(log_lam, t), ends, solver="anderson")
    return log_lam(v)


def ball(point, bits):
    """log lambda is convex in v > 1, so the sign of its slope brackets the minimum, which is the edge."""
    from flint import arb

    width = arb(int(point[kappa].p)) / int(point[kappa].q)
    low, high = arb(1), 2 + 2 / width
    for _ in range(bits):
        middle = arb(((low + high) / 2).mid())
        slope = width - 2 / (middle * middle - 1)
        low, high = (middle, high) if slope < 0 else (low, middle)
    v = low.union(high)
    return ((v + 1) / (v - 1)).log() + width * v


def checks():
    yield digits("stationary point", stationary, POINTS, digits=30, method="root of the numerical slope")
    yield enclosure(
        "bisection in balls",
        ball,
        POINTS,
        radius=Fraction(1, 10**25),
        method="the sign of d(log lambda)/dv bisected in balls on v > 1, where log lambda is convex",
    )
