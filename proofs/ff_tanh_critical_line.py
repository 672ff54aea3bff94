r"""A point of the edge of chaos of tanh: sigma_b2 = 1/20."""

from fractions import Fraction
from functools import lru_cache

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, enclosure

from . import _ff

weight = sp.Symbol("sigma_w2", positive=True)

CLAIM = Claim(
    id="ff_tanh_critical_line",
    title="the edge of chaos of tanh at sigma_b2 = 1/20",
    statement=sp.Eq(weight, sp.Rational(1760954639606739131632, 10**21)),
    source=Source("schoenholz2017", "fig. 1 (a), and sigma_b2 = 0.05 of figs. 1 to 6"),
    meaning="sigma_w2 with chi_1 = 1 at the fixed length, to 21 decimals",
    variables={weight: "sigma_w2"},
)


@lru_cache(maxsize=1)
def measured(bits):
    from derive.networks.feedforward import FeedForward

    (found,) = FeedForward("tanh").critical_points(sigma_b2=sp.Rational(1, 20), digits=30, certified=True)
    return found.sigma_w2


def ball(point, bits):
    return measured(bits)


def quadratures(point, digits):
    with mpmath.workdps(20):
        second = lambda t: _ff.mean(lambda x: mpmath.tanh(x) ** 2, t)  # noqa: E731
        square = lambda t: _ff.mean(lambda x: mpmath.sech(x) ** 4, t)  # noqa: E731
        q = mpmath.findroot(lambda t: t - second(t) / square(t) - mpmath.mpf(1) / 20, (0.5, 0.6), solver="anderson")
        return 1 / square(q)


def checks():
    yield enclosure(
        "balls",
        ball,
        radius=Fraction(1, 10**22),
        within=Fraction(1, 10**21),
        method="q between two signs of (q - sigma_b2) E phi'^2 - E phi^2 in balls; unique in the range searched",
    )
    yield digits("quadrature", quadratures, digits=10, method="mpmath.quad and findroot")
