r"""The critical weight variance of the sigmoid at the bias variance of the experiments, 0.09."""

from fractions import Fraction

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, enclosure

from . import _critical

critical = sp.Symbol("critical", positive=True)

CLAIM = Claim(
    id="sigmoid_critical_weight_variance_with_bias",
    title="critical weight variance of the sigmoid at sigma_b2 = 0.09",
    statement=sp.Eq(critical, sp.Rational("103.225023059159")),
    source=Source("pabari", "section 4.2, bottom right of Figure 1"),
    meaning="critical = the sigma_w2 with chi_1 = 1 at sigma_b2 = 9/100, to twelve decimals",
    variables={critical: "weight variance"},
    uses=("sigmoid_length_is_unique",),
)


def ball(_point, _bits):
    return _critical.critical_ball("sigmoid", (9, 100), (45, 1), (47, 1), 70)


def quadrature(_point, _digits):
    import mpmath

    s = lambda x: 1 / (1 + mpmath.exp(-x))  # noqa: E731
    return _critical.by_quadrature(s, lambda x: s(x) * s(-x), mpmath.mpf(9) / 100, (45.8, 45.9))


def checks():
    yield enclosure(
        "sign change in balls",
        ball,
        radius=Fraction(1, 10**15),
        within=Fraction(1, 10**12),
        method="bisection of q - V/D = sigma_b2 in balls",
    )
    yield digits("quadrature", quadrature, digits=14, method="mpmath.quad and the secant method")
