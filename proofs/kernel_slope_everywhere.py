r"""The slope for every alpha > -1/2, without the kernel of order alpha - 1.

.. math:: J_\alpha'(c) = (2\alpha+1)\,\frac{J_{\alpha+1}(c) - c\,J_\alpha(c)}{1-c^2},\qquad |c| < 1.

At c = 1 the slope is finite for alpha > 1/2 only, at c = -1 for alpha >= 1/2.
"""

import sympy as sp

from derive import J
from derive.claim import Claim
from derive.evidence import digits

from . import _kernel, _kernel_boxes, _kernel_steps
from ._kernel import alpha, c

CLAIM = Claim(
    id="kernel_slope_everywhere",
    title="the derivative of J_alpha by kernels of higher order",
    statement=sp.Eq(sp.Derivative(J(alpha, c), c), (2 * alpha + 1) * (J(alpha + 1, c) - c * J(alpha, c)) / (1 - c**2)),
    source=_kernel.source("section C.7, derivative of the kernel (this form not printed)"),
    meaning=_kernel.MEANING,
    variables=_kernel.DOMAIN,
    uses=("kernel_slope", "kernel_differential_equation"),
)


def derive() -> sp.Expr:
    """The slope eliminated from the equation of order alpha + 1, whose two derivatives are J_alpha and its slope."""
    return _kernel_steps.slope_by_higher_order()


def slope(point, digits):
    """A sum on a circle around c."""
    a, r = _kernel.numbers(point)
    return _kernel.slope_by_circle(a, r, 1)


def checks():
    yield digits("circle", slope, _kernel.POINTS, digits=50, method="trapezoidal sum on a circle, mpmath.hyp2f1")
    yield _kernel_boxes.agree_on(
        "a box",
        _kernel_boxes.slope,
        {alpha: (sp.Rational(3, 10), sp.Rational(7, 10)), c: (sp.Rational(1, 5), sp.Rational(1, 2))},
        method="acb.integral of alpha (c + cos t)^(alpha-1) over the angle at the corners of parts of the box",
    )
