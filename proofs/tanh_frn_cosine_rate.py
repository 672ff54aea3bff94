r"""The exponent of the approach of the cosine distance to its limit."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits
from derive.networks.residual.equations import SYMBOLS as S

e = sp.Symbol("e", real=True)
delta = sp.Function("delta")

RATE = 1 - (2 / sp.pi) / sp.sqrt(1 - e**2) * S.sigma_v2 / (S.sigma_v2 + S.sigma_a2)

CLAIM = Claim(
    id="tanh_frn_cosine_rate",
    title="exponent of the approach to e*, tanh residual networks",
    statement=sp.Eq(delta(e), RATE),
    source=Source("yang2017", "theorem B.1.2, delta* (formula stripped, rebuilt)"),
    meaning=(
        "e_l - e* behaves like l**-delta: near e* one layer multiplies the distance by 1 - delta (sigma_v2 + "
        "sigma_a2)/P, and "
        "P grows like (sigma_v2 + sigma_a2) l.  sigma_v2 = 1, sigma_a2 = 0, e = 0 gives the reduced network's 1 - 2/pi"
    ),
    variables={e: "e = e*, 0 <= e* < 1", S.sigma_v2: "sigma_v2 > 0", S.sigma_a2: "sigma_a2 >= 0"},
    uses=("tanh_frn_cosine_drift",),
)


def derive() -> sp.Expr:
    """Minus the slope of the drift at its zero, per unit of growth of P."""
    from .tanh_frn_cosine_drift import derive as drift
    from .tanh_frn_cosine_drift import e as cosine

    return sp.expand(-sp.diff(drift(), cosine) / (S.sigma_v2 + S.sigma_a2)).subs(cosine, e)


def orthant(point, digits):
    """The slope of the arcsine law from Sheppard's orthant probability, an integral over the angle, differentiated."""
    c, sv2, sa2 = (mpmath.mpf(point[s].p) / point[s].q for s in (e, S.sigma_v2, S.sigma_a2))

    def signs(x):
        """E sgn(u1) sgn(u2): the directions of the plane in which both have the same sign, minus the others."""
        u2 = lambda a: x * mpmath.cos(a) + mpmath.sqrt(1 - x * x) * mpmath.sin(a)  # noqa: E731
        turn = mpmath.findroot(u2, (-mpmath.pi / 2, mpmath.pi / 2), solver="anderson")
        # u1 = cos a > 0 on (-pi/2, pi/2); u2 changes sign at `turn`; the other half plane mirrors this one
        return ((mpmath.pi / 2 - turn) - (turn + mpmath.pi / 2)) / mpmath.pi

    with mpmath.workdps(3 * digits):
        slope = mpmath.diff(signs, c)
        return 1 - sv2 * slope / (sv2 + sa2)


def checks():
    points = [
        {e: sp.Rational(2, 5), S.sigma_v2: sp.Rational(3, 2), S.sigma_a2: sp.Rational(1, 4)},
        {e: sp.Rational(9, 10), S.sigma_v2: sp.Rational(1, 3), S.sigma_a2: 2},
    ]
    yield digits(
        "orthant probabilities",
        orthant,
        points,
        digits=12,
        method="numerical derivative of E sgn(u1) sgn(u2) found as an angle",
    )
