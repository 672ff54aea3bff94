r"""The factor of a small error of the correlation at fixed length: chi_c = sigma_w2 E phi'(u1) phi'(u2)."""

import mpmath
import sympy as sp

from derive.activations import activation
from derive.claim import Claim, Printed, Source
from derive.evidence import digits
from derive.expectations import W
from derive.networks.feedforward.equations import SYMBOLS as S

from . import _ff

q = sp.Symbol("q", positive=True)
c = sp.Symbol("c", real=True)
phi = activation("tanh")
scale = sp.Function("inverse_xi_c")
FORMULA = -sp.log(S.sigma_w2 * W(phi.diff(1), q, c * q))

CLAIM = Claim(
    id="ff_correlation_susceptibility",
    title="depth scale of the correlation at fixed length, 1/xi_c",
    statement=sp.Eq(scale(q, c, S.sigma_w2), FORMULA),
    source=Source("schoenholz2017", "eq. 8, eq. 9 and section 7.2 (formula stripped, rebuilt)"),
    meaning="at q = q* the distance |c_l - c*| decays like exp(-l/xi_c); written for tanh, c = c*",
    variables={q: "q > 0", c: "-1 < c < 1", S.sigma_w2: "sigma_w2 > 0"},
    uses=("ff_covariance_recurrence",),
    printed=Printed(
        text="1/xi_c = -log(sigma_w2 E phi'(u1) phi'(u2))", statement=sp.Eq(scale(q, c, S.sigma_w2), FORMULA)
    ),
)


def derive() -> sp.Expr:
    """Differentiate (sigma_w2 W(q, c q) + sigma_b2)/q by c: Price's theorem."""
    image = (S.sigma_w2 * W(phi, q, c * q) + S.sigma_b2) / q
    return -sp.log(sp.simplify(image.diff(c)))


def quotient(point, digits):
    """Central differences of a two-dimensional trapezoidal sum, extrapolated twice."""
    at, x, w = (_ff.number(point[s]) for s in (q, c, S.sigma_w2))

    def slope(h):
        return (_ff.pair_mean(mpmath.tanh, at, x + h) - _ff.pair_mean(mpmath.tanh, at, x - h)) / (2 * h * at)

    h = mpmath.mpf(1) / 64
    a, b = slope(h), slope(h / 2)
    return -mpmath.log(w * (4 * b - a) / 3)


POINTS = [{q: sp.Rational(7, 10), c: sp.Rational(2, 5), S.sigma_w2: sp.Rational(5, 4)}]


def _check():
    return digits("difference quotients", quotient, POINTS, digits=6, method="two-dimensional trapezoidal sums")


def checks():
    yield _check()


def printed_checks():
    yield _check()
