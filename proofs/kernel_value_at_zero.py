r"""At c = 0: :math:`J_\alpha(0) = \Gamma((\alpha+1)/2)^2/(2\sqrt\pi\,\Gamma(\alpha+1/2))`, alpha > -1/2."""

import mpmath
import sympy as sp

from derive.claim import Claim

from . import _kernel, _kernel_boxes, _kernel_checks, _kernel_steps
from ._kernel import HALF, alpha

value = sp.Function("value_at_zero")

CLAIM = Claim(
    id="kernel_value_at_zero",
    title="J_alpha(0)",
    statement=sp.Eq(value(alpha), sp.gamma((alpha + 1) / 2) ** 2 / (2 * sp.sqrt(sp.pi) * sp.gamma(alpha + HALF))),
    source=_kernel.source("section C.7, values of the kernel"),
    meaning=_kernel.MEANING + "; value_at_zero is J(alpha, 0)",
    variables={alpha: "alpha > -1/2"},
    uses=(),
)

POINTS = [{alpha: p[alpha]} for p in _kernel.POINTS]


def derive() -> sp.Expr:
    """Independent inputs: the square of the half-normal mean, divided by the second moment."""
    return sp.simplify(_kernel_steps.half_normal(alpha) ** 2 / _kernel_steps.second_moment())


def checks():
    yield _kernel_checks.over_the_angle(lambda a: _kernel.kernel(a, mpmath.mpf(0)), POINTS)
    yield _kernel_checks.on_interval(
        lambda a: _kernel_boxes.kernel(a, a * 0), {alpha: (sp.Rational(-2, 5), sp.Integer(4))}
    )
