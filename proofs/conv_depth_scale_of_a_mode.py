r"""The depth scale of a mode needs the modulus: three equal taps on an even ring have lambda = -1/3."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds, outside, under

rate = sp.Function("rate")
chi_c = sp.Symbol("chi_c", positive=True)
lam = sp.Symbol("lam", real=True, nonzero=True)

CLAIM = Claim(
    id="conv_depth_scale_of_a_mode",
    title="depth scale of a mode",
    statement=sp.Eq(rate(chi_c, lam), -sp.log(chi_c * sp.Abs(lam))),
    source=Source("pabari", "equations (21) and (22)"),
    meaning="rate = 1/xi of an off-diagonal mode with the eigenvalue lam of the convolution: |a_l| = |a_0| e^(-l/xi)",
    variables={chi_c: "0 < chi_c", lam: "lam real, not 0"},
    uses=("conv_spectrum_on_an_odd_ring", "conv_spectrum_on_an_even_ring"),
    printed=Printed(
        text="1/xi = -log(chi_c lambda)",
        statement=sp.Eq(rate(chi_c, lam), -sp.log(chi_c * lam)),
        condition="lambda > 0",
    ),
)


def derive() -> sp.Expr:
    """A perturbation a_l = (chi_c lam)^l a_0; the rate is the limit of -log|a_l/a_0|/l, the same for every l."""
    ratio = chi_c * lam
    return -sp.log(sp.Abs(ratio))


def two_layers(statement, point) -> bool | None:
    """Two layers of the mode: e^(-2 rate) is the square of chi_c lam, and the rate is a real number."""
    value = statement.rhs.subs(point)
    if value.is_real is not True:
        return False if value.is_real is False else None
    return bool(sp.simplify(sp.exp(-2 * value) - (point[chi_c] * point[lam]) ** 2) == 0)


def check(points):
    return holds("two layers", two_layers, points, method="exact square of the eigenvalue")


POSITIVE = [{chi_c: sp.Rational(3, 4), lam: sp.Rational(2, 3)}, {chi_c: 2, lam: sp.Rational(1, 5)}]
NEGATIVE = [{chi_c: sp.Rational(3, 4), lam: -sp.Rational(1, 3)}]


def checks():
    yield check(POSITIVE + NEGATIVE)


def printed_checks():
    yield under(check(POSITIVE))
    yield outside(check(NEGATIVE))
