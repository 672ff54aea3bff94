r"""Theorem 5: where the reciprocals of the widths are summable the length has a limit with finite variance."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits

from . import _fw

variance = sp.Symbol("variance", positive=True)

CLAIM = Claim(
    id="fw_limit_variance",
    title="variance of the limit of the squared length for widths j^2",
    statement=sp.Eq(variance, sp.sinh(sp.sqrt(5) * sp.pi) / (sp.sqrt(5) * sp.pi) - 1),
    source=Source("hanin2018", "Theorem 5: Var M_infinity is finite where the sum of 1/n_j is"),
    meaning=(
        "variance is that of the limit of M_d, critical Gaussian nets without biases, n_j = j^2, M_0 = 1. For any "
        "widths it is prod (1 + 5/n_j) - 1, finite if and only if the sum of 1/n_j is"
    ),
    variables={variance: "Var M_infinity"},
    uses=("fw_second_moment_product",),
)


def derive() -> sp.Expr:
    """Euler's product for sinh at the square root of the rate of one layer."""
    from derive.finite_width.laws import second_moment_rate

    x = sp.sqrt(second_moment_rate())
    return sp.sinh(sp.pi * x) / (sp.pi * x) - 1


def product(point, digits):
    """Layers of 1, 4, 9, ... units by chi-square mixtures, the first ten; the factor 1 + (f(1) - 1)/n for the rest."""
    total = mpmath.mpf(1)
    for j in range(1, 11):
        factor = _fw.layer_factor(j * j, 2)
        total *= mpmath.mpf(factor.numerator) / factor.denominator
    rate = int(_fw.layer_factor(1, 2) - 1)
    rest = mpmath.nsum(lambda j: mpmath.log1p(rate / j**2), [11, mpmath.inf])
    return total * mpmath.exp(rest) - 1


def checks():
    yield digits("product", product, digits=20, method="chi-square mixtures and mpmath.nsum of the logarithms")
