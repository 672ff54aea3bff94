r"""Not for every activation does dropout lower c* and xi_c: for 1/2 - cos x both rise."""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, enclosure

from . import _dropout

rho = sp.Symbol("rho", positive=True)
R = sp.Rational
correlation = sp.Function("correlation")
NUMBERS = {R(9, 10): R(2472363, 10**8), R(17, 20): R(8415263, 10**8)}

CLAIM = Claim(
    id="dropout_may_raise_the_correlation",
    title="c* for 1/2 - cos x at sigma_w2 = 9/2, sigma_b2 = 1/100, as dropout increases from rho = 9/10 to 17/20",
    statement=sp.Eq(
        correlation(rho), sp.Piecewise((NUMBERS[R(9, 10)], sp.Eq(rho, R(9, 10))), (NUMBERS[R(17, 20)], True))
    ),
    source=Source("derive", "beyond the sentences on dropout of section 3 of schoenholz2017, which are about tanh"),
    meaning=(
        "c* at the one stable length, to eight decimals.  A bounded smooth activation, but not odd: the mean "
        "E phi(u) grows with the length, which dropout raises.  chi_c rises with c*, from 0.034 to 0.082"
    ),
    variables={rho: "rho = 9/10 or 17/20, the probability that a unit is kept"},
    uses=("ff_length_recurrence", "ff_covariance_recurrence"),
)


def ball(point, bits):
    return _dropout.settled("1/2 - cos(x)", R(9, 2), R(1, 100), point[rho], bits)[0]


def stated(statement, point, bits):
    from derive.numerics.compile import to_arb

    return to_arb(sp.nsimplify(statement.rhs.subs(point)))


def iterated(point, digits):
    """The recurrences in mpmath from q = 3, c = 0, means of cosines in closed form."""
    keep, q, lam = mpmath.mpf(point[rho].p) / point[rho].q, mpmath.mpf(3), mpmath.mpf(0)
    for _ in range(400):
        shift = mpmath.mpf(1) / 4 - mpmath.exp(-q / 2)
        pair = shift + mpmath.exp(-q) * mpmath.cosh(lam)
        single = shift + (1 + mpmath.exp(-2 * q)) / 2
        q, lam = mpmath.mpf(9) / 2 * single / keep + mpmath.mpf(1) / 100, mpmath.mpf(9) / 2 * pair + mpmath.mpf(1) / 100
    return lam / q


def checks():
    points = [{rho: keep} for keep in NUMBERS]
    yield enclosure(
        "balls",
        ball,
        points,
        radius=Fraction(1, 10**10),
        within=Fraction(1, 10**8),
        formula=stated,
        method="q* and c* between two signs, closed means in balls",
    )
    yield digits("iteration", iterated, points, digits=5, method="400 layers in mpmath, closed means")
