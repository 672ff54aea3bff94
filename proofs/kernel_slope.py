r"""The derivative of a kernel is a kernel of lower order.

.. math:: (c_{\alpha+1}J_{\alpha+1})' = (\alpha+1)^2 c_\alpha J_\alpha,\quad\text{that is}\quad
    J_{\alpha+1}' = \frac{(\alpha+1)^2}{2\alpha+1}\,J_\alpha,\qquad \alpha > -\tfrac12,\ |c| \le 1.

So the slope of a kernel of order at most 1/2 is not a kernel (its order would be at most -1/2); it exists for |c| < 1,
see ``kernel_slope_everywhere``.
"""

import sympy as sp

from derive import J
from derive.claim import Claim
from derive.evidence import digits

from . import _kernel, _kernel_balls, _kernel_boxes, _kernel_steps
from ._kernel import alpha, c

CLAIM = Claim(
    id="kernel_slope",
    title="the derivative of J_alpha",
    statement=sp.Eq(sp.Derivative(J(alpha + 1, c), c), (alpha + 1) ** 2 / (2 * alpha + 1) * J(alpha, c)),
    source=_kernel.source("section C.7, derivative of the kernel"),
    meaning=_kernel.MEANING,
    variables={alpha: "alpha > -1/2", c: "-1 <= c <= 1"},
    uses=("kernel_hypergeometric",),
)


def derive() -> sp.Expr:
    """d/dx of x^(m+k) over (m+1)_k is m x^(m+k-1) over (m)_k, the series of the order below; factors by gammasimp."""
    constant, power = _kernel_steps.parts_of_kernel(alpha + 1)
    below, lower = _kernel_steps.parts_of_kernel(alpha)
    k, m = _kernel_steps.k, _kernel_steps.mu
    _kernel_steps.same((m + k) / sp.rf(m + 1, k), m / sp.rf(m, k), "the coefficients")
    _kernel_steps.same(power - 1, lower, "the powers")
    factor = constant * power / below / 2  # the 2 from x = (1 + c)/2
    return sp.gammasimp(sp.expand_func(factor)) * J(alpha, c)


def slope(point, digits):
    """A sum on a circle around c."""
    a, r = _kernel.numbers(point)
    return _kernel.slope_by_circle(a + 1, r, 1)


def checks():
    yield digits("circle", slope, _kernel.POINTS, digits=30, method="trapezoidal sum on a circle, mpmath.hyp2f1")
    yield _kernel_balls.on_box(
        "a box around alpha = 1/2",
        lambda a, r: _kernel_balls.slope_on_box(a + 1, r),
        _kernel_balls.BOX,
        method="acb.integral of (alpha + 1) (c + cos t)^alpha over the angle against the corner values of the kernel",
    )
    yield _kernel_boxes.agree_on(
        "a wider box",
        lambda a, r: _kernel_boxes.slope(a + 1, r),
        {alpha: (sp.Rational(1, 4), sp.Rational(3, 4)), c: (sp.Integer(0), sp.Rational(2, 5))},
        method="acb.integral of (alpha + 1) (c + cos t)^alpha over the angle at the corners of parts of the box",
    )
