r"""chi_1 = 1 may lie on a branch that no network reaches: GELU at sigma_b2 = 1/20."""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, enclosure

from . import _ff

chi_q = sp.Symbol("chi_q", positive=True)

CLAIM = Claim(
    id="ff_gelu_edge_is_unstable",
    title="chi_q where chi_1 = 1, GELU at sigma_b2 = 1/20",
    statement=sp.Eq(chi_q, sp.Rational(108511, 10**5)),
    source=Source("schoenholz2017", "abstract: xi_c diverges at any order-to-chaos transition, for any activation"),
    meaning=(
        "the factor of the length at the only point with chi_1 = 1 in the range searched, to five "
        "decimals: above 1, so "
        "lengths leave it, and the divergence of xi_c there is never met"
    ),
    variables={chi_q: "the factor"},
    printed=Printed(
        text="there is a stable length q* with chi_1 = 1 (read as chi_q = 1 at most)", statement=sp.Eq(chi_q, 1)
    ),
)


def ball(point, bits):
    from derive.networks import FeedForward

    (found,) = FeedForward("gelu").critical_points(sigma_b2=sp.Rational(1, 20), digits=12, certified=True)
    return found.chi_q


def quadratures(point, digits):
    value = lambda x: x * mpmath.ncdf(x)  # noqa: E731
    slope = lambda x: mpmath.ncdf(x) + x * mpmath.npdf(x)  # noqa: E731
    bend = lambda x: (2 - x * x) * mpmath.npdf(x)  # noqa: E731
    with mpmath.workdps(15):
        square = lambda t: _ff.mean(lambda x: slope(x) ** 2, t)  # noqa: E731
        excess = lambda t: t - _ff.mean(lambda x: value(x) ** 2, t) / square(t) - mpmath.mpf(1) / 20  # noqa: E731
        q = mpmath.findroot(excess, (0.6, 0.8), solver="anderson")
        return 1 + _ff.mean(lambda x: value(x) * bend(x), q) / square(q)


def _enclosure():
    return enclosure(
        "balls",
        ball,
        radius=Fraction(1, 10**8),
        within=Fraction(1, 10**5),
        method="q between two signs, means as balls",
    )


def checks():
    yield _enclosure()
    yield digits("quadrature", quadratures, digits=5, method="mpmath.quad and findroot")


def printed_checks():
    yield _enclosure()
