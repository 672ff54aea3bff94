r"""arctan is critical at a weight variance within one per cent of that of tanh."""

from fractions import Fraction

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, enclosure

from . import _critical

ratio = sp.Symbol("ratio", positive=True)

CLAIM = Claim(
    id="arctan_critical_weight_variance",
    title="critical weight variance of arctan over that of tanh",
    statement=sp.Eq(ratio, sp.Rational("1.006401179788")),
    source=Source("pabari", "section 4.2, Figure 1"),
    meaning=(
        "ratio = the sigma_w2 with chi_1 = 1 of arctan over that of tanh at sigma_b2 = 1/20 (1.77223 and 1.76095), to "
        "twelve decimals"
    ),
    variables={ratio: "ratio of weight variances"},
    printed=Printed(
        text="arctan, softsign and tanh have nearly identical weight variances (read: within 1/128)",
        statement=sp.Eq(ratio, 1),
    ),
)


def ball(_point, _bits):
    arctan = _critical.critical_ball("arctan", (1, 20), (5, 10), (9, 10), 50)
    return arctan / _critical.critical_ball("tanh", (1, 20), (4, 10), (8, 10), 50)


def quadrature(_point, _digits):
    import mpmath

    arctan = _critical.by_quadrature(mpmath.atan, lambda x: 1 / (1 + x**2), mpmath.mpf(1) / 20, (0.68, 0.7))
    tanh = _critical.by_quadrature(mpmath.tanh, lambda x: mpmath.sech(x) ** 2, mpmath.mpf(1) / 20, (0.55, 0.58))
    return arctan / tanh


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
    yield _enclosure(Fraction(1, 128))
