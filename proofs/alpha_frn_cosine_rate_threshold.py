r"""The alpha below which the bias, and not the start, sets the rate of the cosine distance."""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, enclosure

from . import _alpha

threshold = sp.Symbol("threshold", positive=True)
VALUE = sp.Rational(264844806212233739246139, 10**24)

CLAIM = Claim(
    id="alpha_frn_cosine_rate_threshold",
    title="the alpha at which 1 - J'(e*) = alpha",
    statement=sp.Eq(threshold, VALUE),
    source=Source("derive", "networks: alpha_cosine; paper 000 does not have it"),
    meaning=(
        "the root of 1 - J_alpha'(e*(alpha)) = alpha in (1/4, 1/2), to 24 decimals; with sigma_a > 0 the rate of e is "
        "alpha/(1 - alpha) below and mu above it, and at it l^-mu carries a logarithm"
    ),
    variables={threshold: "the root"},
    uses=("alpha_frn_cosine_rate",),
)


def ball(point, bits):
    """An interval at whose ends 1 - J' - alpha has opposite signs, in balls."""
    from flint import arb, ctx

    from derive.expectations.homogeneous import Homogeneous
    from derive.networks.homogeneous.cosine import kernel_limit
    from derive.numerics.compile import to_arb

    def excess(a):
        found = kernel_limit(Homogeneous(a, sp.S.One, sp.S.Zero), 40)
        with ctx.workprec(200):
            return found.contraction - to_arb(a)

    low, high = sp.Rational(1, 4), sp.Rational(1, 2)
    assert excess(low) > 0 > excess(high)
    while high - low > sp.Rational(1, 10**27):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    with ctx.workprec(200):
        return to_arb(low).union(to_arb(high)) + arb(0)


def nested(point, digits):
    """The secant rule around mpmath's root finder for e*, with J' by numerical differentiation."""

    def excess(a):
        x = mpmath.findroot(lambda x: _alpha.kernel(a, 1 - mpmath.exp(x)) - 1 + mpmath.exp(x), -2.4)
        return 1 - _alpha.slope(a, 1 - mpmath.exp(x)) - a

    return mpmath.findroot(excess, (mpmath.mpf("0.26"), mpmath.mpf("0.27")))


def checks():
    yield enclosure(
        "bisection in balls",
        ball,
        radius=Fraction(1, 10**24),
        within=Fraction(1, 10**24),
        method="signs of 1 - J'(e*) - alpha at rational alpha, e* enclosed by signs, J' by its hypergeometric form",
    )
    yield digits("nested root finding", nested, digits=15, method="mpmath: findroot and numerical differentiation")
