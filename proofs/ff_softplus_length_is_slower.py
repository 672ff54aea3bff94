r"""For softplus the length relaxes more slowly than the correlation: chi_q > chi_1."""

from fractions import Fraction
from functools import lru_cache

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, enclosure

from . import _ff

ratio = sp.Symbol("ratio", positive=True)
GAIN, BIAS = sp.Rational(3, 2), sp.Rational(1, 20)

CLAIM = Claim(
    id="ff_softplus_length_is_slower",
    title="xi_q/xi_c of softplus at sigma_w2 = 3/2, sigma_b2 = 1/20",
    statement=sp.Eq(ratio, sp.Rational(204830, 10**5)),
    source=Source("schoenholz2017", "sections 3 and 7.2: xi_q is significantly shorter than xi_c"),
    meaning=(
        "ratio = log(chi_1)/log(chi_q) at the (ordered, c* = 1) fixed point, to five decimals.  For tanh "
        "chi_q < chi_1, and the sentence holds (ff_tanh_second_term_is_negative); softplus has phi'' phi > 0"
    ),
    variables={ratio: "the ratio"},
    uses=("ff_length_susceptibility", "ff_correlation_susceptibility"),
    printed=Printed(
        text="xi_q is shorter than xi_c, so the length may be taken at its fixed point (read as: a ratio of at most 1)",
        statement=sp.Eq(ratio, 1),
    ),
)


@lru_cache(maxsize=1)
def measured(bits):
    from flint import arb, ctx

    from derive.activations import activation
    from derive.expectations.balls import expectation_ball, variance_ball
    from derive.networks.feedforward import FeedForward

    phi = activation("softplus")
    q = FeedForward("softplus").fixed_points(sigma_w2=GAIN, sigma_b2=BIAS, digits=25)[0].q
    with ctx.workprec(bits):
        low, high = (arb(str(q)) * (1 + arb(s) * arb(10) ** -20) for s in (-1, 1))
        excess = [3 * variance_ball(phi, arb(e.mid()), bits) / 2 + arb(1) / 20 - arb(e.mid()) for e in (low, high)]
        assert excess[0] > 0 > excess[1]  # a fixed point lies between
        at = arb(low.mid()).union(arb(high.mid()))
        x, e = phi.variable, phi.expr
        first, second = sp.diff(e, x), sp.diff(e, x, 2)
        chi_1 = 3 * expectation_ball(first**2, at, bits) / 2
        chi_q = chi_1 + 3 * expectation_ball(sp.expand(e * second), at, bits) / 2
        return chi_1.log() / chi_q.log()


def ball(point, bits):
    return measured(bits)


def quadratures(point, digits):
    soft = lambda x: mpmath.log1p(mpmath.exp(x))  # noqa: E731
    rise = lambda x: 1 / (1 + mpmath.exp(-x))  # noqa: E731
    with mpmath.workdps(15):
        image = lambda t: mpmath.mpf(3) / 2 * _ff.mean(lambda x: soft(x) ** 2, t) + mpmath.mpf(1) / 20  # noqa: E731
        q = mpmath.findroot(lambda t: image(t) - t, (2, 3), solver="anderson")
        chi_1 = mpmath.mpf(3) / 2 * _ff.mean(lambda x: rise(x) ** 2, q)
        bend = mpmath.mpf(3) / 2 * _ff.mean(lambda x: soft(x) * rise(x) * (1 - rise(x)), q)
        return mpmath.log(chi_1) / mpmath.log(chi_1 + bend)


def _enclosure():
    return enclosure(
        "balls",
        ball,
        radius=Fraction(1, 10**6),
        within=Fraction(1, 10**5),
        method="q* between two signs; means as balls",
    )


def checks():
    yield _enclosure()
    yield digits("quadrature", quadratures, digits=5, method="mpmath.quad and findroot")


def printed_checks():
    yield _enclosure()
