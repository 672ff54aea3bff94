r"""One stable limit of the cosine distance in [0, 1): the drift is convex, zero at 1, with infinite slope."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, holds

e = sp.Symbol("e", positive=True)
t = sp.Symbol("t", positive=True)
curvature = sp.Function("curvature")

CLAIM = Claim(
    id="tanh_frn_cosine_limit_unique",
    title="the stable limit e* exists in [0, 1) and is unique",
    statement=sp.Eq(curvature(t, e), 2 * t * e / (sp.pi * (1 - e**2) ** sp.Rational(3, 2))),
    source=Source("yang2017", "theorem B.1.2, uniqueness of the stable fixed point"),
    meaning=(
        "second derivative in e of g(e) = t (2/pi) asin e + 1 - t - e, the drift divided by sigma_v2 + sigma_a2, with "
        "t = sigma_v2/(sigma_v2 + sigma_a2).  It is positive on (0, 1); g(0) = 1 - t >= 0, g(1) = 0 and "
        "g'(1) = +oo, so g, "
        "being convex, is positive before and negative after exactly one point e* of [0, 1)"
    ),
    variables={e: "0 < e < 1", t: "0 < t <= 1"},
    uses=("tanh_frn_cosine_drift",),
)


def g(value):
    return 2 * t * sp.asin(value) / sp.pi + 1 - t - value


def derive() -> sp.Expr:
    """Differentiate the drift twice."""
    return sp.diff(g(e), e, 2)


def boundary(statement, point) -> bool:
    """The facts at the ends that the argument needs, and one exact value of the curvature."""
    scaled_slope = sp.expand(sp.diff(g(e), e) * sp.sqrt(1 - e**2)).subs(e, 1)  # g' = +oo at 1 when this is positive
    ends = g(sp.Integer(1)) == 0 and bool(scaled_slope.subs(point) > 0) and bool(g(sp.Integer(0)).subs(point) >= 0)
    value = statement.rhs.subs(point).subs(e, sp.Rational(3, 5))
    return ends and value == sp.Rational(75, 32) * point[t] / sp.pi


def second_difference(point, digits):
    """Central differences at three steps, extrapolated by Richardson."""
    tt, ee = (mpmath.mpf(point[s].p) / point[s].q for s in (t, e))
    f = lambda x: 2 * tt * mpmath.asin(x) / mpmath.pi + 1 - tt - x  # noqa: E731
    return mpmath.diff(f, ee, 2)


def checks():
    yield digits(
        "numerical differentiation",
        second_difference,
        [
            {t: sp.Rational(1, 3), e: sp.Rational(1, 5)},
            {t: 1, e: sp.Rational(9, 10)},
            {t: sp.Rational(1, 50), e: sp.Rational(99, 100)},
        ],
        digits=15,
        method="mpmath.diff of the drift",
    )
    yield holds(
        "ends of the interval",
        boundary,
        [{t: sp.Rational(1, 7)}, {t: sp.Rational(2, 3)}, {t: sp.Integer(1)}],
        method="exact values at e = 0, e = 1 and e = 3/5",
    )
