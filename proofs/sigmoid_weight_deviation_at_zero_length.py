r"""At q = 0 the critical weight variance of the sigmoid is 16, so the standard deviation is 4."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

from ._sigmoid import SIGMOID, x

sigma_w = sp.Symbol("sigma_w", positive=True)

CLAIM = Claim(
    id="sigmoid_weight_deviation_at_zero_length",
    title="the preliminary bound",
    statement=sp.Eq(sigma_w, 4),
    source=Source("pabari", "appendix, equation (27)"),
    meaning="sigma_w > 0 solves sigma_w^2 phi'(0)^2 = 1: chi_1 = 1 if q could be 0",
    variables={sigma_w: "standard deviation of a weight times the root of the width"},
    printed=Printed(text="1/sigma_w = 1/16, so sigma_w = 16 (the variance is meant)", statement=sp.Eq(sigma_w, 16)),
)


def derive() -> sp.Expr:
    """Solve sigma_w^2 phi'(0)^2 = 1."""
    return sp.solve(sigma_w**2 * SIGMOID.diff(x).subs(x, 0) ** 2 - 1, sigma_w)[0]


def susceptibility(statement, _point) -> bool:
    """chi_1 at q = 0 with phi' = phi (1 - phi), phi(0) = 1/2."""
    slope = sp.Rational(1, 2) * sp.Rational(1, 2)
    return statement.rhs**2 * slope**2 == 1 and bool(statement.rhs > 0)


def checks():
    yield holds("chi_1 = 1", susceptibility, method="exact value of chi_1 at q = 0")


def printed_checks():
    yield holds("chi_1 = 1", susceptibility, method="exact value of chi_1 at q = 0")
