r"""softsign is critical at a weight variance almost twice that of tanh, not at a nearly identical one."""

from fractions import Fraction

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, enclosure

from . import _critical

ratio = sp.Symbol("ratio", positive=True)

CLAIM = Claim(
    id="softsign_critical_weight_variance",
    title="critical weight variance of softsign over that of tanh",
    statement=sp.Eq(ratio, sp.Rational("1.783831999639")),
    source=Source("pabari", "section 4.2, Figure 1"),
    meaning=(
        "ratio = the sigma_w2 with chi_1 = 1 of softsign over that of tanh at sigma_b2 = 1/20 (3.14125 and "
        "1.76095), to "
        "twelve decimals"
    ),
    variables={ratio: "ratio of weight variances"},
    printed=Printed(
        text="arctan, softsign and tanh have nearly identical weight variances (read: within a tenth)",
        statement=sp.Eq(ratio, 1),
    ),
)


def ball(_point, _bits):
    softsign = _critical.critical_ball("softsign", (1, 20), (3, 10), (6, 10), 50)
    return softsign / _critical.critical_ball("tanh", (1, 20), (4, 10), (8, 10), 50)


def quadrature(_point, _digits):
    import mpmath

    soft = _critical.by_quadrature(
        lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2, mpmath.mpf(1) / 20, (0.4, 0.42)
    )
    tanh = _critical.by_quadrature(mpmath.tanh, lambda x: mpmath.sech(x) ** 2, mpmath.mpf(1) / 20, (0.55, 0.58))
    return soft / tanh


def _enclosure(within):
    return enclosure(
        "sign changes in balls",
        ball,
        radius=Fraction(1, 10**12),
        within=within,
        method="bisection of q - V/D = sigma_b2 in balls for both activations",
    )


def checks():
    yield _enclosure(Fraction(1, 10**12))
    yield digits("quadrature", quadrature, digits=9, method="mpmath.quad and the secant method")


def printed_checks():
    yield _enclosure(Fraction(1, 10))
