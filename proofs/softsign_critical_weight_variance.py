r"""softsign is critical at a weight variance almost twice that of tanh, not at a nearly identical one."""

from fractions import Fraction

import sympy as sp

from derive.claim import Claim, Printed, Source

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

RATIO = _critical.Ratio(
    "softsign", ((3, 10), (6, 10)), lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2, (0.4, 0.42)
)


def checks():
    yield RATIO.enclosure(Fraction(1, 10**12))
    yield RATIO.digits()


def printed_checks():
    yield RATIO.enclosure(Fraction(1, 10))
