r"""The slope at c = 0: :math:`J_\alpha'(0) = \Gamma(\alpha/2+1)^2/(\sqrt\pi\,\Gamma(\alpha+1/2))`, alpha > -1/2."""

import mpmath
import sympy as sp

from derive.claim import Claim
from derive.evidence import digits

from . import _kernel, _kernel_boxes, _kernel_steps
from ._kernel import HALF, alpha

value = sp.Function("slope_at_zero")

CLAIM = Claim(
    id="kernel_slope_at_zero",
    title="the slope of J_alpha at 0",
    statement=sp.Eq(value(alpha), sp.gamma(alpha / 2 + 1) ** 2 / (sp.sqrt(sp.pi) * sp.gamma(alpha + HALF))),
    source=_kernel.source("section C.7, values of the kernel"),
    meaning=_kernel.MEANING + "; slope_at_zero is dJ/dc at c = 0",
    variables={alpha: "alpha > -1/2"},
    uses=(),
)

POINTS = [{alpha: p[alpha]} for p in _kernel.POINTS]


def derive() -> sp.Expr:
    """At c = 0 the slope of E psi(u1) psi(u2) is (E z psi(z))^2, the square of the first Hermite coefficient."""
    return sp.simplify(_kernel_steps.half_normal(alpha + 1) ** 2 / _kernel_steps.second_moment())


def reference(point, digits):
    """A sum on a circle around 0."""
    return _kernel.slope_by_circle(_kernel.mp(point[alpha]), mpmath.mpf(0), 1)


def checks():
    yield digits("circle", reference, POINTS, digits=50, method="trapezoidal sum on a circle, mpmath.hyp2f1")
    yield _kernel_boxes.agree_on(
        "an interval",
        lambda a: _kernel_boxes.slope(a, a * 0),
        {alpha: (sp.Rational(1, 20), sp.Integer(4))},
        method="acb.integral over the angle at the ends of parts of the interval",
        within=sp.Rational(1, 20),
    )
