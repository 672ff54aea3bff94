r"""Cho and Saul's integral, for real orders.

.. math:: c_\alpha J_\alpha(c) = \frac{\Gamma(\alpha+1)}{2\pi}(1-c^2)^{\alpha+1/2}
    \int_0^{\pi/2}\frac{\cos^\alpha t\,dt}{(1-c\cos t)^{\alpha+1}},\qquad \alpha > -\tfrac12,\ |c| < 1.

Printed there for integer alpha.  The integral exists for alpha > -1; at c = 1 it diverges, and its factor vanishes.
"""

import sympy as sp

from derive import J, c_alpha
from derive.claim import Claim

from . import _kernel, _kernel_boxes, _kernel_checks, _kernel_steps
from ._kernel import HALF, Angle, alpha, c
from ._kernel_steps import t

CLAIM = Claim(
    id="kernel_cho_saul",
    title="J_alpha by Cho and Saul's integral",
    statement=sp.Eq(
        c_alpha(alpha) * J(alpha, c),
        sp.gamma(alpha + 1)
        / (2 * sp.pi)
        * (1 - c**2) ** (alpha + HALF)
        * Angle(sp.cos(t) ** alpha / (1 - c * sp.cos(t)) ** (alpha + 1), (t, 0, sp.pi / 2)),
    ),
    source=_kernel.source("section C.7.1, the integral quoted from Cho and Saul 2009"),
    meaning=_kernel.MEANING,
    variables=_kernel.DOMAIN,
)


def derive() -> sp.Expr:
    """The radial integral, and 1/cosh w = cos t."""
    return _kernel_steps.cho_saul_moment()


def checks():
    yield _kernel_checks.two_dimensional()
    yield _kernel_checks.on_a_box(
        _kernel_boxes.moment,
        "acb.integral of (c + cos t)^alpha and of the second moment, at the corners of parts of the box",
    )
