r"""The second derivative of the squared slope of the sigmoid at 0 is -1/16, not -1."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds, symbolic

from ._sigmoid import SIGMOID, x

curvature = sp.Symbol("curvature", real=True)

CLAIM = Claim(
    id="sigmoid_slope_squared_curvature",
    title="curvature of the squared slope of the sigmoid at 0",
    statement=sp.Eq(curvature, -sp.Rational(1, 16)),
    source=Source("pabari", "appendix, second derivative test"),
    meaning="curvature = second derivative of phi'(x)^2 at x = 0; negative, so 0 is a maximum",
    variables={curvature: "the second derivative"},
    printed=Printed(text="Phi''(0) = -1", statement=sp.Eq(curvature, -1)),
)


def derive() -> sp.Expr:
    """Differentiate three times."""
    return sp.diff(SIGMOID.diff(x) ** 2, x, 2).subs(x, 0)


def by_series():
    """Twice the coefficient of x^2 in (1/4 - tanh(x/2)^2/4)^2, with tanh y = y + O(y^3)."""
    y2 = x**2 / 4
    return 2 * sp.expand((sp.Rational(1, 4) - y2 / 4) ** 2).coeff(x, 2)


def logistic(statement, _point) -> bool:
    """From y' = y(1-y) alone: y'' = y'(1-2y), y''' = y''(1-2y) - 2y'^2 at y = 1/2."""
    y = sp.Rational(1, 2)
    y1 = y * (1 - y)
    y2 = y1 * (1 - 2 * y)
    y3 = y2 * (1 - 2 * y) - 2 * y1**2
    return statement.rhs == 2 * y2**2 + 2 * y1 * y3


def checks():
    yield symbolic("series", by_series, method="Taylor series of the square of (1 - tanh^2)/4")
    yield holds("logistic equation", logistic, method="derivatives at 0 from y' = y (1 - y)")


def printed_checks():
    yield holds("logistic equation", logistic, method="derivatives at 0 from y' = y (1 - y)")
