r"""The free constant of one tanh full residual network, proved to lie in a ball."""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, enclosure

from . import _tanh

c = sp.Symbol("c", real=True)
VALUES = {"sigma_v2": "1.13", "sigma_w2": "0.77", "sigma_a2": "0.43", "sigma_b2": "0.31"}

CLAIM = Claim(
    id="tanh_frn_length_constant",
    title="the constant of one start, and with it the length at any depth",
    statement=sp.Eq(c, sp.Rational(18631165688019506891781937618741952825526, 10**40)),
    source=Source("derive", "difference: constants"),
    meaning=(
        "c = A(P_0) for sigma_v2 = 1.13, sigma_w2 = 0.77, sigma_a2 = 0.43, sigma_b2 = 0.31, p_0 = 1, to 40 "
        "decimals; A is the "
        "Abel function of the length without constant term"
    ),
    variables={c: "the constant"},
    uses=("tanh_frn_abel_function",),
)


def ball(point, bits):
    from derive.difference.digits.constants import constant_value
    from derive.networks.residual.laws import length_recurrence
    from derive.networks.values import read_values

    values = read_values({}, {**VALUES, "p0": 1})
    from derive.activations import activation

    law = length_recurrence("full", activation("tanh"))
    return constant_value(law, values.P0, digits=38, certified=True, params=values.parameters).ball.arb


def extrapolated(point, digits):
    """V by quadrature, mpmath iteration, Neville extrapolation in 1/sqrt(P) of A's leading terms minus n."""
    sv2, sw2, sa2, sb2 = (mpmath.mpf(VALUES[k]) for k in ("sigma_v2", "sigma_w2", "sigma_a2", "sigma_b2"))
    growth, kick = sv2 + sa2, mpmath.sqrt(2 / mpmath.pi) * sv2 / mpmath.sqrt(sw2)
    leading = lambda p: p / growth + 2 * kick * mpmath.sqrt(p) / growth**2 + kick**2 * mpmath.log(p) / growth**3  # noqa: E731
    stops = [20 * 2**j for j in range(6)]
    p, table = 1 + sb2 / sw2, []
    for n in range(1, stops[-1] + 1):
        p += sv2 * _tanh.variance_of_tanh(sw2 * p) + sa2
        if n in stops:
            table.append((1 / mpmath.sqrt(p), leading(p) - n))
    xs, row = [x for x, _ in table], [y for _, y in table]
    for width in range(1, len(xs)):
        row = [(xs[i + width] * row[i] - xs[i] * row[i + 1]) / (xs[i + width] - xs[i]) for i in range(len(row) - 1)]
    return row[0]


def checks():
    yield enclosure(
        "enclosure of the constant",
        ball,
        radius=Fraction(1, 10**38),
        within=Fraction(1, 10**38),
        bits=160,
        method="Abel series, defect bounded on a circle, remainder of V's series, all side conditions in balls",
    )
    yield digits(
        "Neville extrapolation",
        extrapolated,
        digits=7,
        method="640 layers in mpmath with V by quadrature, extrapolated in 1/sqrt(P); no code of the package",
    )
