r"""One limit e* below 1 for alpha-ReLU networks: the kernel is convex, positive at 0, and steeper than 1 at 1."""

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, holds

from . import _alpha
from ._alpha import alpha

excess = sp.Function("excess")
LAW = (1 - alpha) ** 2 / (2 * alpha - 1)

CLAIM = Claim(
    id="alpha_frn_cosine_limit_unique",
    title="the limit e* < 1 of the cosine distance exists and is unique, alpha-ReLU",
    statement=sp.Eq(excess(alpha), LAW),
    source=Source(
        "yang2017", "section 5.2 and theorem B.2.1: e tends to the nonunit fixed point of J_alpha, alpha < 1"
    ),
    meaning=(
        "excess = J_alpha'(1) - 1, positive for alpha > 1/2 but alpha = 1; the slope is infinite for alpha <= 1/2.  "
        "The Maclaurin coefficients of J_alpha are squares, so J(c) - c is convex on [0, 1]; it is positive at 0, zero "
        "at 1 and rises there, so it is positive before and negative after exactly one point e* of (0, 1).  For c < 0, "
        "J(c) - c is positive.  So the drift of e leads to e* from every start but e_0 = 1, for every alpha but 1"
    ),
    variables={alpha: "alpha > 1/2"},
    uses=("kernel_hermite", "kernel_slope_at_one", "kernel_value_at_zero"),
    printed=Printed(
        text="for alpha < 1 the cosine distance tends to the fixed point of J_alpha below 1",
        statement=sp.Eq(excess(alpha), LAW),
    ),
)


def derive() -> sp.Expr:
    """J'(1) = E psi'^2/E psi^2."""
    return sp.factor(_alpha.slope_over_square() - 1)


def quadrature(point, digits):
    """Both means by mpmath.quad in the logarithm of the input."""
    a = _alpha.number(point[alpha])

    def mean(power):
        low = -(digits + 12) * mpmath.log(10) / (power + 1)
        f = lambda t: mpmath.exp((power + 1) * t - mpmath.exp(2 * t) / 2)  # noqa: E731
        return mpmath.quad(f, [low * k / 16 for k in range(16, 0, -1)] + [0, 1, 2, 3])

    return a**2 * mean(2 * a - 2) / mean(2 * a) - 1


def sign(statement, point) -> bool:
    """At alpha = 2/3 and 3/2 the excess is positive, at 1 zero; its exact values."""
    known = {sp.Rational(2, 3): sp.Rational(1, 3), sp.Integer(1): sp.Integer(0), sp.Rational(3, 2): sp.Rational(1, 8)}
    return all(statement.rhs.subs(alpha, a) == value for a, value in known.items())


def checks():
    points = [{alpha: sp.Rational(7, 10)}, {alpha: sp.Rational(9, 10)}, {alpha: sp.Rational(5, 2)}]
    yield digits("quadrature", quadrature, points, digits=15, method="mpmath.quad of E psi'^2 and E psi^2")
    yield holds("exact values", sign, method="gamma functions at 2/3, 1 and 3/2 by hand: 4/3, 1 and 9/8 less 1")


def printed_checks():
    yield from checks()
