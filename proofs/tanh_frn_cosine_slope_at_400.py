r"""At layer 400 the log-log slope of e_l - e* is still far from -delta*: the forced term l^(-1/2) is in the way."""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, enclosure

from . import _tanh, _two_inputs

slope = sp.Symbol("slope", real=True)

CLAIM = Claim(
    id="tanh_frn_cosine_slope_at_400",
    title="log-log slope of e_l - e* between layers 400 and 800",
    statement=sp.Eq(slope, sp.Rational(-202426, 10**6)),
    source=Source("yang2017", "section 5.1: the slopes agree from about layer number 400"),
    meaning=(
        "slope = log2((e_800 - e*)/(e_400 - e*)) for a tanh full residual network with sigma_v2 = sigma_w2 = "
        "sigma_a2 = 1, "
        "sigma_b2 = 0, p_0 = 1, e_0 = 0, to six decimals; delta* = 0.481007 there"
    ),
    variables={slope: "the slope"},
    uses=("tanh_frn_cosine_rate", "tanh_frn_cosine_forced_term"),
    printed=Printed(
        text=(
            "log(e_l - e*) against log l has the slope -delta* from about layer 400 (read for every choice of "
            "variances; those of the figure are not in the text)"
        ),
        statement=sp.Eq(slope, sp.Rational(-481007, 10**6)),
    ),
)


def ball(point, bits):
    from flint import arb, ctx

    from derive.networks.residual.cosine import limit_angle

    e = _two_inputs.cosine_balls((400, 800), 0)
    with ctx.workprec(120):
        limit = limit_angle(arb(1) / (2 * arb.pi())).cos()  # sigma_v2/(sigma_v2 + sigma_a2) = 1/2
        return ((e[800] - limit) / (e[400] - limit)).log() / arb(2).log()


def float_iteration(point, digits):
    """The same in float64: a compensated trapezoidal sum for every layer, and bisection for e*."""
    p, gamma, e = 1.0, 0.0, {}
    for layer in range(1, 801):
        second, _ = _tanh.float_means(p)
        gamma += _tanh.covariance_of_tanh(p, gamma / p, reach=5.5, fineness=1.6) + 1
        p += 2 - second
        e[layer] = gamma / p
    limit = mpmath.findroot(lambda x: mpmath.asin(x) / mpmath.pi + mpmath.mpf(1) / 2 - x, (0.5, 0.9), solver="anderson")
    return mpmath.log((e[800] - limit) / (e[400] - limit), 2)


def _enclosure():
    return enclosure(
        "800 layers in balls",
        ball,
        radius=Fraction(1, 10**6),
        within=Fraction(1, 10**6),
        method="layer equations iterated in ball arithmetic; e* from the signs at the ends of an interval",
    )


def checks():
    yield _enclosure()
    yield digits(
        "800 layers in float64",
        float_iteration,
        digits=4,
        method="two-dimensional trapezoidal sums, no code of the package",
    )


def printed_checks():
    yield _enclosure()
