r"""In the chaotic phase c* lies between 0 and 1; it is 0 for odd activations without biases only."""

from fractions import Fraction
from functools import lru_cache

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, enclosure, outside, under

from . import _dropout, _ff

b = sp.Symbol("sigma_b2", nonnegative=True)
distance = sp.Function("distance")
R = sp.Rational
NUMBER = R(25592, 10**5)

CLAIM = Claim(
    id="chaotic_correlation_with_biases",
    title="1 - c* of a chaotic tanh network with biases, sigma_w2 = 2",
    statement=sp.Eq(distance(R(1, 20)), NUMBER),
    source=Source("yang2017", "section 1, on plain networks: the fixed point is 1 (stable) or 0 (chaotic)"),
    meaning=(
        "distance(sigma_b2) = 1 - c* at sigma_w2 = 2, here at sigma_b2 = 1/20, to five decimals.  Biases keep c* above "
        "0: 'decorrelated' in the chaotic phase means c* < 1"
    ),
    variables={b: "sigma_b2 >= 0"},
    uses=("ff_covariance_recurrence", "ff_correlation_map_is_convex"),
    printed=Printed(
        text="in the chaotic phase the fixed point of the cosine distance is 0 (read for tanh, sigma_w2 = 2)",
        statement=sp.Eq(distance(b), 1),
        condition="sigma_b2 = 0 and an odd activation",
    ),
)


@lru_cache(maxsize=2)
def _distance(bias, bits):
    return 1 - _dropout.settled("tanh", R(2), bias, sp.Integer(1), bits)[0]


def ball(point, bits):
    return _distance(point.get(b, R(1, 20)), bits)


def quadratures(point, digits):
    """q* and c* by mpmath.findroot, means by quadrature."""
    bias = mpmath.mpf(1) / 20
    with mpmath.workdps(12):
        q = mpmath.findroot(lambda t: 2 * _ff.mean(lambda x: mpmath.tanh(x) ** 2, t) + bias - t, mpmath.mpf("0.7"))
        return 1 - mpmath.findroot(lambda c: (2 * _ff.pair_mean(mpmath.tanh, q, c) + bias) / q - c, mpmath.mpf("0.7"))


def _enclosure(name, points):
    return enclosure(
        name, ball, points, radius=Fraction(1, 10**9), within=Fraction(1, 10**5), method="q* and c* between two signs"
    )


def checks():
    yield _enclosure("balls", ({},))
    yield digits("quadrature", quadratures, digits=4, method="mpmath.findroot and quadrature")


def printed_checks():
    yield under(_enclosure("no biases", [{b: sp.Integer(0)}]))
    yield outside(_enclosure("sigma_b2 = 1/20", [{b: R(1, 20)}]), truth=sp.Eq(distance(b), NUMBER))
