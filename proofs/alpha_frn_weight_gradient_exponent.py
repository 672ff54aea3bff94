r"""The gradient's exponent is always above the length's; the weight gradient's is alpha/(2 alpha - 1)."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits

from . import _alpha
from ._alpha import R, alpha

weights = sp.Function("weights")

CLAIM = Claim(
    id="alpha_frn_weight_gradient_exponent",
    title="exponent of the weight gradients' growth, alpha-ReLU full residual network",
    statement=sp.Eq(weights(alpha), alpha / (2 * alpha - 1)),
    source=Source("yang2017", "section 5.2: gradients of every parameter are polynomial; exponents not in the text"),
    meaning=(
        "chi_w and chi_v of layer m in a network of L layers are like (L/m)^weights: chi_w = sigma_v2 chi p E psi'^2 "
        "and chi_v = chi E psi^2 gain m^(alpha/(1-alpha)) over chi, and R - alpha/(1 - alpha) = alpha/(2 alpha - 1).  "
        "It falls from infinity at 1/2 to 1 as alpha tends to 1"
    ),
    variables={alpha: "1/2 < alpha < 1"},
    uses=("alpha_frn_gradient_exponent", "alpha_frn_length_growth", "frn_gradient_of_outer_weight"),
)


def derive() -> sp.Expr:
    """R less the exponent of E psi^2 = c q^alpha along the stream."""
    return sp.factor(sp.together(R - alpha / (1 - alpha)))


def iteration(point, digits):
    """log of chi_v(m)/chi_v(2m) over log 2 in float64, extrapolated once."""
    a = float(point[alpha])
    ps, logs = _alpha.lengths(a, 1.0, 0.5, 0.25, 0.5, 1.0, 1 << 20)
    size = lambda m: mpmath.mpf(-logs[m]) + a * mpmath.log(0.5 * ps[m] + 0.5)  # noqa: E731
    rate = lambda m: (size(m) - size(2 * m)) / mpmath.log(2)  # noqa: E731
    return 2 * rate(1 << 19) - rate(1 << 18)


def checks():
    yield digits(
        "direct iteration",
        iteration,
        [{alpha: sp.Rational(79, 100)}, {alpha: sp.Rational(3, 5)}],
        digits=4,
        method="a million layers in float64; chi_v of a layer against that of twice its depth",
    )
