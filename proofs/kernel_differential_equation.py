r"""The equation :math:`(1-c^2)J'' + (2\alpha-1)\,c\,J' - \alpha^2 J = 0` of the kernel, alpha > -1/2, |c| < 1."""

import sympy as sp

from derive import J
from derive.claim import Claim
from derive.evidence import digits

from . import _kernel, _kernel_boxes, _kernel_steps
from ._kernel import alpha, c

slope = _kernel_steps.SLOPE

CLAIM = Claim(
    id="kernel_differential_equation",
    title="the differential equation of J_alpha",
    statement=sp.Eq(
        sp.Derivative(J(alpha, c), (c, 2)), (alpha**2 * J(alpha, c) - (2 * alpha - 1) * c * slope) / (1 - c**2)
    ),
    source=_kernel.source("section C.7 (equation not printed)"),
    meaning=_kernel.MEANING + "; S(alpha, c) is dJ/dc",
    variables=_kernel.DOMAIN,
    uses=("kernel_hypergeometric",),
)


def derive() -> sp.Expr:
    """The hypergeometric equation for x^(-alpha-1/2) J at x = (1 + c)/2, solved for the second derivative."""
    return _kernel_steps.second_derivative()


def second(point, digits):
    """A sum on a circle around c."""
    a, r = _kernel.numbers(point)
    return _kernel.slope_by_circle(a, r, 2)


def with_slope(statement, point, digits):
    """The right-hand side with the slope as a number from the circle, too."""
    a, r = _kernel.numbers(point)
    first = sp.Float(str(_kernel.slope_by_circle(a, r, 1)), digits + 15)
    return statement.rhs.xreplace({slope: first}).subs(point).evalf(digits + 15)


def checks():
    yield digits(
        "circle",
        second,
        _kernel.POINTS,
        digits=50,
        formula=with_slope,
        method="first and second derivative by trapezoidal sums on a circle, mpmath.hyp2f1",
    )
    yield _kernel_boxes.agree_on(
        "a box",
        _kernel_boxes.derivative(2),
        {alpha: (sp.Rational(13, 10), sp.Rational(3, 2)), c: (sp.Rational(1, 5), sp.Rational(2, 5))},
        method="acb.integral of the integrand differentiated twice, and once, at the corners of parts of the box",
    )
