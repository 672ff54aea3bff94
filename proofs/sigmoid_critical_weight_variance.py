r"""The sharp constant of Theorem 1: the smallest sigma_w2 of a critical sigmoid network, attained at sigma_b2 = 0."""

from fractions import Fraction

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, enclosure

from . import _sigmoid

minimum = sp.Symbol("minimum", positive=True)

CLAIM = Claim(
    id="sigmoid_critical_weight_variance",
    title="the sharp constant of Theorem 1",
    statement=sp.Eq(minimum, sp.Rational("103.0075538555193223354600734463126381")),
    source=Source("pabari", "appendix, end of the proof; Figure 5"),
    meaning=(
        "minimum = the smallest sigma_w2 with chi_1 = 1 over all sigma_b2 >= 0, to 34 decimals; attained at "
        "sigma_b2 = 0 and one q only"
    ),
    variables={minimum: "the smallest weight variance"},
    uses=("sigmoid_slope_squared_derivative", "sigmoid_critical_system_has_one_solution"),
    printed=Printed(
        text="numerical computation gives sigma_w = 103.05 (the variance is meant)",
        statement=sp.Eq(minimum, sp.Rational("103.05")),
    ),
)


def by_boxes(_point, _bits):
    """The general routine: every q >= 0 by expansions at both ends and boxes between, then interval Newton."""
    from derive.networks.critical.minimum import minimal_critical_weight_variance

    found = minimal_critical_weight_variance("sigmoid", digits=40, certified=True)
    assert found.place == "boundary" and found.sigma_b2 == 0
    return found.sigma_w2.arb


def by_integrals(_point, bits):
    """D decreases and q D - V changes sign between two points 2^-105 apart: 1/D there, by acb.integral."""
    from flint import arb, ctx

    with ctx.workprec(160):
        low, high = arb(45), arb(46)
        for _ in range(106):
            m = ((low + high) / 2).mid()
            sign = m * _sigmoid.at("D", m) - _sigmoid.at("V", m)
            if sign < 0:
                low = m
            elif sign > 0:
                high = m
            else:
                break
        return (1 / _sigmoid.at("D", low)).union(1 / _sigmoid.at("D", high))


def root(_point, digits):
    """mpmath: the root of q D = V by the secant method on quadratures."""
    import mpmath

    def sign(q):
        V, D = _sigmoid.spot(q, digits)
        return q * D - V

    q = mpmath.findroot(sign, (mpmath.mpf("45.6"), mpmath.mpf("45.63")), solver="secant")
    return 1 / _sigmoid.spot(q, digits)[1]


def _boxes(within=Fraction(1, 10**34)):
    return enclosure(
        "every q >= 0 in balls",
        by_boxes,
        radius=Fraction(1, 10**36),
        within=within,
        method="branch and bound over q, both ends by expansions, interval Newton",
    )


def checks():
    yield _boxes()
    yield enclosure(
        "bisection with direct integrals",
        by_integrals,
        radius=Fraction(1, 10**28),
        within=Fraction(1, 10**28),
        method="acb.integral at two points around the sign change; 1/D increases with q",
    )
    yield digits("quadrature", root, digits=25, method="mpmath.quad and the secant method, no code of the package")


def printed_checks():
    yield _boxes(Fraction(1, 200))  # two printed decimals
