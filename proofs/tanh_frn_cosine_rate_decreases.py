r"""delta* decreases in the angle of e*, so 1 - 2/pi is its least value and 1/2 its supremum."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits

theta = sp.Symbol("theta", positive=True)
slope = sp.Function("slope")

CLAIM = Claim(
    id="tanh_frn_cosine_rate_decreases",
    title="monotonicity of delta*: the slowest rate is 1 - 2/pi",
    statement=sp.Eq(slope(theta), -(theta - sp.sin(theta)) / (2 * theta**2 * sp.cos(theta / 2) ** 2)),
    source=Source("yang2017", "section 5.1, slowest and fastest rate"),
    meaning=(
        "derivative of delta*(theta) = 1 - tan(theta/2)/theta; negative because sin(theta) < theta.  As "
        "theta falls when "
        "sigma_a2/sigma_v2 rises, delta* and e* = cos(theta) both rise with that ratio"
    ),
    variables={theta: "0 < theta <= pi/2"},
    uses=("tanh_frn_cosine_rate_by_angle",),
)


def derive() -> sp.Expr:
    """Differentiate, and write tangents by sine and cosine of the full angle."""
    from .tanh_frn_cosine_rate_by_angle import CLAIM as BY_ANGLE

    half = sp.Symbol("half", positive=True)
    raw = sp.diff(BY_ANGLE.statement.rhs, theta).subs(theta, 2 * half).rewrite(sp.sin)
    raw = raw.subs(sp.sin(2 * half), 2 * sp.sin(half) * sp.cos(half))
    return sp.simplify(sp.trigsimp(raw)).subs(half, theta / 2)


def numerical(point, digits):
    angle = mpmath.mpf(point[theta].p) / point[theta].q
    return mpmath.diff(lambda a: 1 - mpmath.tan(a / 2) / a, angle)


def checks():
    points = [{theta: sp.Rational(1, 10)}, {theta: sp.Rational(4, 5)}, {theta: sp.Rational(3, 2)}]
    yield digits("numerical derivative", numerical, points, digits=12, method="mpmath.diff")
