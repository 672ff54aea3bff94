r"""arctan is critical at a weight variance within one per cent of that of tanh."""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source

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

RATIO = _critical.Ratio("arctan", ((5, 10), (9, 10)), mpmath.atan, lambda x: 1 / (1 + x**2), (0.68, 0.7))


def checks():
    yield RATIO.enclosure(Fraction(1, 10**12))
    yield RATIO.digits()


def printed_checks():
    yield RATIO.enclosure(Fraction(1, 128))
