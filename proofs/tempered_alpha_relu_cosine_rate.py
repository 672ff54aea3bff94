r"""Tempering forces a part of the cosine distance of its own, which is the slower one for small alpha."""

from fractions import Fraction
from functools import lru_cache

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, enclosure, outside, under

from . import _alpha
from ._alpha import alpha
from .alpha_frn_cosine_rate import _limit, by_slope, formula, t

rate = sp.Function("rate")
OWN, FORCED = (1 - t) / (1 - alpha), alpha / (2 * (1 - alpha))

CLAIM = Claim(
    id="tempered_alpha_relu_cosine_rate",
    title="exponent of the approach of e to e*, tempered alpha-ReLU full residual network",
    statement=sp.Eq(rate(alpha, t), sp.Min(OWN, FORCED)),
    source=Source("yang2017", "section 5, note 2, on the rate of e: the conclusions hold for the tempered alpha-ReLU"),
    meaning=(
        "|e_l - e*| = l^(-rate + o(1)), t = J_alpha'(e*), phi(x) = (x + epsilon)^alpha - epsilon^alpha for x > 0.  The "
        "limit e* = J_alpha(e*) is that of x^alpha.  V and W change by the order q^(-alpha/2) relative to their size, "
        "which forces a part of e of the order P^(-alpha/2); sigma_a forces P^(-alpha), which is smaller.  The part "
        "that the start determines is the slower one where 1 - t <= alpha/2, that is for alpha above 0.3796..."
    ),
    variables={alpha: "0 < alpha < 1", t: "t = J_alpha'(e*), 0 < t < 1"},
    assumptions="e_0 < 1, and neither amplitude vanishes",
    uses=("tempered_alpha_relu_variance", "alpha_frn_length_growth"),
    printed=Printed(
        text="e_l - e* behaves like l^-mu, mu = (1 - J'(e*))/(1 - alpha), as for x^alpha",
        statement=sp.Eq(rate(alpha, t), OWN),
        condition="1 - J'(e*) <= alpha/2, that is alpha > 0.3796...",
    ),
)


def derive() -> sp.Expr:
    """The exponents of the linearised flow P dc/dP = W/V - c, with V and W in two terms and P ~ l^(1/(1 - alpha))."""
    strong, weak, e, m1, me, amplitude = sp.symbols("strong weak e m_1 m_e amplitude", positive=True)
    shift = sp.Symbol("eta")
    small = sp.Symbol("small", positive=True)  # P^(-alpha/2)
    V = strong - weak * small * m1
    W = strong * (e + t * shift) - weak * small * me
    drift = sp.series(W / V - e - shift, small, 0, 2).removeO()
    homogeneous = sp.simplify(drift.coeff(small, 0) / shift)  # d log eta/d log P
    forced = sp.simplify(drift.coeff(small, 1).subs(shift, 0))
    assert sp.simplify(homogeneous - (t - 1)) == 0 and forced != 0
    (found,) = sp.solve(-alpha / 2 * amplitude - homogeneous * amplitude - forced, amplitude)
    growth = 1 / (1 - alpha)
    return sp.Min(-homogeneous * growth, alpha / 2 * growth) if found != 0 else -homogeneous * growth


def half_mean(a, c):
    """E x1^a over x1, x2 > 0 for correlation c and unit variances, in float64: a sum over the logarithm of x1."""
    import numpy as np
    from scipy.special import ndtr

    u = np.arange(-60, 2.5, 1 / 16)
    x = np.exp(u)
    weight = x ** (a + 1) * np.exp(-x * x / 2) / np.sqrt(2 * np.pi) / 16
    return float(weight @ ndtr(c * x / np.sqrt(1 - c * c)))


@lru_cache(maxsize=4)
def measured(a: Fraction):
    """The rate over log P = 140 to 160 of the flow with the two terms of V and W, epsilon = 1, by Runge and Kutta."""
    from math import exp, gamma, log, pi, sqrt

    from scipy.special import hyp2f1

    b = float(a)
    size = 2 ** (b - 1) * gamma(b + 0.5) / sqrt(pi)
    scale = gamma(b + 1) ** 2 / (2 * sqrt(2 * pi) * gamma(b + 1.5) * size)
    with mpmath.workdps(25):
        e = float(1 - mpmath.exp(_alpha.limit_gap(_alpha.number(sp.Rational(a)), mpmath.mpf("0.1"))))
    whole = 2 ** (b / 2 - 1) * gamma(b / 2 + 0.5) / sqrt(pi)

    def drift(y, eta):
        c, small = e + eta, 2 * exp(-b * y / 2) / size
        kernel = scale * (1 + c) ** (b + 0.5) * hyp2f1(0.5, 0.5, b + 1.5, (1 + c) / 2)
        V, W = 1 - small * whole, kernel - small * half_mean(b, c)
        return W / V - c

    y, eta, h, kept = 40.0, 0.01, 0.1, []
    for k in range(1200):
        k1 = drift(y, eta)
        k2 = drift(y + h / 2, eta + h * k1 / 2)
        k3 = drift(y + h / 2, eta + h * k2 / 2)
        eta, y = eta + h * (k1 + 2 * k2 + 2 * k3 + drift(y + h, eta + h * k3)) / 6, y + h
        if k in (999, 1199):
            kept.append(abs(eta))
    return -log(kept[1] / kept[0]) / 20 / (1 - b)


def flow(point, digits):
    return mpmath.mpf(measured(Fraction(int(point[alpha].p), int(point[alpha].q))))


def ball(point, bits):
    """The smaller exponent, decided in balls."""
    from flint import ctx

    from derive.numerics.compile import to_arb

    own = _limit(point)
    with ctx.workprec(bits):
        a = to_arb(point[alpha])
        assert own < a / 2 or own > a / 2
        return (own if own < a / 2 else a / 2) / (1 - a)


SMALL, LARGE = {alpha: sp.Rational(1, 5)}, {alpha: sp.Rational(3, 5)}


def _enclosure(points):
    limit = Fraction(1, 10**20)
    method = "e* by signs, J' by its hypergeometric form, in balls; the smaller of both exponents"
    return enclosure("exponents in balls", ball, points, radius=limit, within=limit, formula=formula, method=method)


def checks():
    yield digits(
        "flow",
        flow,
        [SMALL, LARGE],
        digits=3,
        formula=by_slope,
        method="the flow of c in log P with two terms of V and W, nonlinear, by Runge and Kutta in float64",
    )


def printed_checks():
    yield under(_enclosure([LARGE]))
    yield outside(_enclosure([SMALL]))
