r"""The kernel by one hypergeometric function of positive terms.

.. math:: J_\alpha(c) = \frac{\Gamma(\alpha+1)^2}{\Gamma(\alpha+1/2)\Gamma(\alpha+3/2)}\,x^{\alpha+1/2}\,
    {}_2F_1(\tfrac12,\tfrac12;\alpha+\tfrac32;x),\qquad x = \frac{1+c}2,

for real alpha > -1/2 and -1 <= c <= 1: the series converges at c = 1, too, where it gives J = 1.  At alpha = -1/2 the
factor in front vanishes (c_alpha is infinite there).
"""

import sympy as sp

from derive import J
from derive.claim import Claim

from . import _kernel, _kernel_balls, _kernel_boxes, _kernel_checks, _kernel_steps
from ._kernel import HALF, alpha, c

x = (1 + c) / 2

CLAIM = Claim(
    id="kernel_hypergeometric",
    title="J_alpha by a hypergeometric function",
    statement=sp.Eq(
        J(alpha, c),
        sp.gamma(alpha + 1) ** 2
        / (sp.gamma(alpha + HALF) * sp.gamma(alpha + 3 * HALF))
        * x ** (alpha + HALF)
        * sp.hyper((HALF, HALF), (alpha + 3 * HALF,), x),
    ),
    source=_kernel.source(),
    meaning=_kernel.MEANING,
    variables=_kernel.DOMAIN,
)


def derive() -> sp.Expr:
    """The radial integral, Euler's integral in 1 - tanh(w/2)^2, Euler's transformation; divided by c_alpha."""
    return _kernel_steps.hypergeometric_kernel()


def checks():
    yield _kernel_checks.over_the_angle(_kernel.kernel, _kernel.POINTS)
    yield _kernel_balls.on_box(
        "a box around alpha = 1/2",
        _kernel_balls.angular_on_box,
        _kernel_balls.BOX,
        method="acb.integral over the angle against the hypergeometric function, both on balls",
    )
    yield _kernel_boxes.agree_on(
        "a wider box",
        _kernel_boxes.kernel,
        {alpha: (sp.Rational(3, 5), sp.Rational(4, 5)), c: (sp.Integer(0), sp.Rational(2, 5))},
        method="acb.integral over the angle at the corners of parts of the box",
    )
