r"""The exponent of the approach to e* runs over [1 - 2/pi, 1/2): e* = cos(theta) makes it explicit."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits
from derive.networks.residual.equations import SYMBOLS as S

theta = sp.Symbol("theta", positive=True)
delta = sp.Function("delta")

CLAIM = Claim(
    id="tanh_frn_cosine_rate_by_angle",
    title="the exponent delta* as a function of the angle of e*",
    statement=sp.Eq(delta(theta), 1 - sp.tan(theta / 2) / theta),
    source=Source("yang2017", "section 5.1, range of delta*"),
    meaning=(
        "e* = cos(theta), 0 < theta <= pi/2; sigma_v2/(sigma_v2 + sigma_a2) = pi sin(theta/2)^2/theta.  From "
        "1/2 (theta -> 0, "
        "biases dominate, e* -> 1; never reached) down to 1 - 2/pi (theta = pi/2, no biases, e* = 0)"
    ),
    variables={theta: "0 < theta <= pi/2"},
    uses=("tanh_frn_cosine_rate", "tanh_frn_cosine_limit_unique"),
)


def derive() -> sp.Expr:
    """Solve the limit equation for the ratio of variances at e = cos(theta) and put it into the exponent."""
    from .tanh_frn_cosine_drift import derive as drift
    from .tanh_frn_cosine_drift import e as cosine
    from .tanh_frn_cosine_rate import derive as rate
    from .tanh_frn_cosine_rate import e

    arc = sp.pi / 2 - theta  # asin(cos theta) on (0, pi/2]
    balance = drift().subs(sp.asin(cosine), arc).subs(cosine, sp.cos(theta))
    (ratio,) = sp.solve(balance, S.sigma_a2)
    exponent = rate().subs(sp.sqrt(1 - e**2), sp.sin(theta)).subs(S.sigma_a2, ratio)
    half = sp.Symbol("half", positive=True)
    exponent = sp.simplify(exponent).subs(theta, 2 * half)
    exponent = exponent.subs(sp.sin(2 * half), 2 * sp.sin(half) * sp.cos(half)).subs(
        sp.cos(2 * half), 1 - 2 * sp.sin(half) ** 2
    )
    return sp.simplify(sp.expand(sp.simplify(exponent))).subs(half, theta / 2)


def root_of_the_limit_equation(point, digits):
    """Solve e = t (2/pi) asin e + 1 - t by bisection in mpmath, and evaluate the exponent as printed."""
    angle = mpmath.mpf(point[theta].p) / point[theta].q
    t = mpmath.pi * mpmath.sin(angle / 2) ** 2 / angle
    excess = lambda e: t * 2 / mpmath.pi * mpmath.asin(e) + 1 - t - e  # noqa: E731
    with mpmath.workdps(2 * digits):
        root = mpmath.findroot(
            excess, (mpmath.mpf(0), 1 - mpmath.mpf(10) ** -8), solver="anderson", tol=mpmath.mpf(10) ** (-3 * digits)
        )
        return 1 - 2 / mpmath.pi * t / mpmath.sqrt(1 - root**2)


def checks():
    yield digits(
        "root of the limit equation",
        root_of_the_limit_equation,
        [{theta: sp.Rational(1, 10)}, {theta: sp.Rational(4, 5)}, {theta: sp.Rational(3, 2)}],
        digits=25,
        method="mpmath.findroot for e*, then the printed formula of the exponent",
    )
