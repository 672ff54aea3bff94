r"""The kernel at -c.

.. math:: J_\alpha(-c) = \cos(\pi\alpha)\Bigl[{}_2F_1\bigl(-\alpha,-\alpha;\tfrac12-\alpha;\tfrac{1-c}2\bigr)
    - J_\alpha(c)\Bigr],\qquad \alpha > -\tfrac12,\ \alpha + \tfrac12 \notin \mathbb N,\ |c| < 1.

For integer alpha the hypergeometric function is a polynomial of degree alpha.  At half-integers the bracket has a pole
where the cosine vanishes; the limit has a logarithm (``kernel_near_one_half_order``).
"""

import sympy as sp

from derive import J
from derive.claim import Claim
from derive.evidence import digits

from . import _kernel, _kernel_balls, _kernel_boxes, _kernel_steps
from ._kernel import HALF, alpha, c

CLAIM = Claim(
    id="kernel_reflection",
    title="J_alpha at -c",
    statement=sp.Eq(
        J(alpha, -c),
        sp.cos(sp.pi * alpha) * (sp.hyper((-alpha, -alpha), (HALF - alpha,), (1 - c) / 2) - J(alpha, c)),
    ),
    source=_kernel.source("section C.7 (reflection not printed)"),
    meaning=_kernel.MEANING,
    variables={alpha: "alpha > -1/2, not a half-integer", c: "-1 < c < 1"},
    uses=("kernel_differential_equation", "kernel_hypergeometric"),
)


def derive() -> sp.Expr:
    """J(-c), J(c) and the solution that is regular at c = 1 solve one equation of second order; values at the ends."""
    return _kernel_steps.reflection()


def reflected(point, digits):
    a, r = _kernel.numbers(point)
    return _kernel.kernel(a, -r)


def checks():
    yield digits(
        "integral over the angle",
        reflected,
        _kernel.POINTS,
        digits=50,
        method="quotient of two integrals over the angle at -c by mpmath.quad",
    )
    yield _kernel_balls.on_box(
        "a box",
        lambda a, r: _kernel_balls.angular_on_box(a, -r),
        {alpha: (sp.Rational(7, 10), sp.Rational(7002, 10**4)), c: (HALF, HALF + sp.Rational(1, 5000))},
        method="acb.integral over the angle at -c",
    )
    yield _kernel_boxes.agree_on(
        "a wider box",
        lambda a, r: _kernel_boxes.kernel(a, -r),
        {alpha: (sp.Rational(7, 10), sp.Rational(3, 4)), c: (sp.Rational(1, 5), sp.Rational(3, 10))},
        method="acb.integral over the angle at -c at the corners of parts of the box",
    )
