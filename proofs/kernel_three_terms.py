r"""The three-term recurrence in alpha.

.. math:: J_{\alpha+2} = c\,J_{\alpha+1} + \frac{(\alpha+1)^2(1-c^2)}{(2\alpha+3)(2\alpha+1)}\,J_\alpha,
    \qquad \alpha > -\tfrac12,\ |c| \le 1.

As alpha falls to -1/2 the last term tends to a limit: J_alpha/(2 alpha + 1) stays finite for |c| < 1.
"""

import sympy as sp

from derive import J
from derive.claim import Claim
from derive.evidence import digits

from . import _kernel, _kernel_balls, _kernel_boxes, _kernel_steps
from ._kernel import HALF, alpha, c

CLAIM = Claim(
    id="kernel_three_terms",
    title="the recurrence of J_alpha in alpha",
    statement=sp.Eq(
        J(alpha + 2, c),
        c * J(alpha + 1, c) + (alpha + 1) ** 2 * (1 - c**2) / ((2 * alpha + 3) * (2 * alpha + 1)) * J(alpha, c),
    ),
    source=_kernel.source("section C.7, recurrence of the kernels"),
    meaning=_kernel.MEANING,
    variables={alpha: "alpha > -1/2", c: "-1 <= c <= 1"},
    uses=("kernel_slope", "kernel_differential_equation"),
)


def derive() -> sp.Expr:
    """The differential equation with both derivatives written by lower orders."""
    return _kernel_steps.three_terms()


def two_above(point, digits):
    a, r = _kernel.numbers(point)
    return _kernel.kernel(a + 2, r)


def checks():
    yield digits(
        "integral over the angle",
        two_above,
        _kernel.POINTS,
        digits=50,
        method="quotient of two integrals over the angle by mpmath.quad",
    )
    yield _kernel_balls.on_box(
        "a box around alpha = 1/2",
        lambda a, r: _kernel_balls.angular_on_box(a + 2, r),
        {alpha: _kernel_balls.BOX[alpha], c: (HALF, HALF + sp.Rational(1, 100))},
        method="acb.integral over the angle against the corner values of the lower kernels",
    )
    yield _kernel_boxes.agree_on(
        "a wider box",
        lambda a, r: _kernel_boxes.kernel(a + 2, r),
        {alpha: (sp.Rational(1, 4), sp.Rational(3, 4)), c: (sp.Rational(1, 5), sp.Rational(1, 2))},
        method="acb.integral over the angle at the corners of parts of the box",
    )
