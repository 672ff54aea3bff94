r"""The growth of the gradient in an alpha-ReLU full residual network: chi_0/chi_l is a power of the depth."""

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits

from . import _alpha
from ._alpha import R, alpha

exponent = sp.Function("R")

CLAIM = Claim(
    id="alpha_frn_gradient_exponent",
    title="exponent of the gradient's growth, alpha-ReLU full residual network",
    statement=sp.Eq(exponent(alpha), R),
    source=Source("yang2017", "section 5.2, backward dynamics; theorem B.2.1 (formula stripped, rebuilt)"),
    meaning="R(alpha) = lim log(chi_0/chi_l)/log l; no variance enters",
    variables={alpha: "1/2 < alpha < 1"},
    uses=("alpha_frn_length_growth", "frn_gradient_recurrence", "alpha_relu_slope_mean"),
    printed=Printed(
        text="chi_0/chi_l grows like l^R, R = alpha^2/((1 - alpha)(2 alpha - 1)), for every choice of variances",
        statement=sp.Eq(exponent(alpha), R),
    ),
)


def derive() -> sp.Expr:
    """One layer adds sigma_v2 sigma_w2 E psi'^2 = rho K P^(alpha-1), and K P^(alpha-1) ~ 1/((1 - alpha) l)."""
    return sp.factor(_alpha.slope_over_square() / (1 - alpha))


def iteration(point, digits):
    """Growth of the iterated logarithm from l to 2l over log 2, extrapolated once in 1/l."""
    logs = _alpha.lengths(float(point[alpha]), 1.0, 0.5, 0.25, 0.5, 1.0, 1 << 20)[1]
    rate = lambda n: (logs[2 * n] - logs[n]) / mpmath.log(2)  # noqa: E731
    return 2 * rate(1 << 19) - rate(1 << 18)


def checks():
    yield digits(
        "direct iteration",
        iteration,
        [{alpha: sp.Rational(79, 100)}, {alpha: sp.Rational(3, 5)}],
        digits=4,
        method="a million layers in float64; the logarithm's growth per doubling of the depth",
    )


def printed_checks():
    yield from checks()
