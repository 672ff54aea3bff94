r"""The correlation map is convex on [0, 1], so the ordered phase has c* = 1 alone, chaos one c* < 1."""

import mpmath
import sympy as sp

from derive.activations import activation
from derive.claim import Claim, Source
from derive.evidence import digits
from derive.expectations import W
from derive.networks.feedforward.equations import SYMBOLS as S

from . import _ff

q = sp.Symbol("q", positive=True)
c = sp.Symbol("c", real=True)
phi = activation("tanh")
bend = sp.Function("bend")

CLAIM = Claim(
    id="ff_correlation_map_is_convex",
    title="second derivative of the correlation map",
    statement=sp.Eq(bend(q, c, S.sigma_w2), S.sigma_w2 * q * W(phi.diff(1).diff(1), q, c * q)),
    source=Source("schoenholz2017", "below eq. 5: order for chi_1 < 1, chaos with one c* < 1 for chi_1 > 1"),
    meaning=(
        "C''(c) for C(c) = (sigma_w2 W(q, cq) + sigma_b2)/q, written for tanh.  E f(u1) f(u2) >= 0 for c >= 0 (its "
        "Hermite series has squares as coefficients), so C is convex on [0, 1]; with C(0) >= 0 and C(1) = 1 a slope "
        "chi_1 <= 1 at c = 1 leaves no other fixed point, and chi_1 > 1 exactly one, with slope below 1"
    ),
    variables={q: "q > 0", c: "0 <= c < 1", S.sigma_w2: "sigma_w2 > 0"},
    uses=("ff_covariance_recurrence",),
)


def derive() -> sp.Expr:
    """Differentiate twice (Price's theorem)."""
    return sp.expand(((S.sigma_w2 * W(phi, q, c * q) + S.sigma_b2) / q).diff(c, 2))


def quotient(point, digits):
    """Second differences of a two-dimensional trapezoidal sum, extrapolated once."""
    at, x, w = (_ff.number(point[s]) for s in (q, c, S.sigma_w2))

    def second(h):
        left, here, right = (_ff.pair_mean(mpmath.tanh, at, x + k * h) for k in (-1, 0, 1))
        return (left - 2 * here + right) / (h * h * at)

    h = mpmath.mpf(1) / 32
    return w * (4 * second(h / 2) - second(h)) / 3


def checks():
    points = [{q: sp.Rational(7, 10), c: sp.Rational(2, 5), S.sigma_w2: sp.Rational(5, 4)}]
    yield digits("second differences", quotient, points, digits=5, method="two-dimensional trapezoidal sums")
