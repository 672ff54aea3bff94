r"""The kernel as an integral over the angle.

.. math:: c_\alpha J_\alpha(c) = \frac{\Gamma(\alpha+1)}{2\pi}\int_0^{\pi-\arccos c}(c+\cos t)^\alpha\,dt,
    \qquad \alpha > -\tfrac12,\ |c| \le 1.

For |c| < 1 it is defined down to alpha > -1; at c = 1 the base has a double zero at the end, which needs alpha > -1/2.
"""

import sympy as sp

from derive import J, c_alpha
from derive.claim import Claim

from . import _kernel, _kernel_boxes, _kernel_checks, _kernel_steps
from ._kernel import Angle, alpha, c
from ._kernel_steps import t

CLAIM = Claim(
    id="kernel_angular",
    title="J_alpha as an integral over the angle",
    statement=sp.Eq(
        c_alpha(alpha) * J(alpha, c),
        sp.gamma(alpha + 1) / (2 * sp.pi) * Angle((c + sp.cos(t)) ** alpha, (t, 0, sp.pi - sp.acos(c))),
    ),
    source=_kernel.source(),
    meaning=_kernel.MEANING,
    variables={alpha: "alpha > -1/2", c: "-1 <= c <= 1"},
)


def derive() -> sp.Expr:
    """Polar coordinates of two independent normals; the product of cosines as a sum."""
    return _kernel_steps.angular_moment()


def checks():
    yield _kernel_checks.two_dimensional()
    yield _kernel_checks.on_a_box(
        _kernel_boxes.moment_by_cosines,
        "acb.integral of cos(t)^alpha (1 - c cos t)^(-alpha-1) at the corners of parts of the box",
    )
