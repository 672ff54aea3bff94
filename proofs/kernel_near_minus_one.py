r"""The kernel next to c = -1: :math:`J_\alpha = K x^{\alpha+1/2}(1 + x/(4\alpha+6) + O(x^2))`, x = (1+c)/2.

:math:`K = \Gamma(\alpha+1)^2/(\Gamma(\alpha+1/2)\Gamma(\alpha+3/2))`, for real alpha > -1/2.  So the kernel is 0 at
c = -1, with slope 0 for alpha > 1/2, K/2 = pi/8 at alpha = 1/2, and an infinite one below.
"""

import sympy as sp

from derive.claim import Claim
from derive.evidence import decay

from . import _kernel, _kernel_steps
from ._kernel import HALF, alpha

x = sp.Symbol("x", positive=True)
near = sp.Function("near_minus_one")

CLAIM = Claim(
    id="kernel_near_minus_one",
    title="J_alpha for c -> -1",
    statement=sp.Eq(
        near(alpha, x),
        sp.gamma(alpha + 1) ** 2
        / (sp.gamma(alpha + HALF) * sp.gamma(alpha + 3 * HALF))
        * x ** (alpha + HALF)
        * (1 + x / (4 * alpha + 6)),
    ),
    source=_kernel.source("section C.7, expansion of the kernel at c = -1"),
    meaning=_kernel.MEANING + "; near_minus_one(alpha, x) is J(alpha, 2x - 1)",
    variables={alpha: "alpha > -1/2", x: "0 < x < 1"},
    error=x ** (alpha + 5 * HALF),
    limit=(x, sp.S.Zero),
    uses=("kernel_hypergeometric",),
)


def derive() -> sp.Expr:
    """Two terms of the hypergeometric series."""
    constant, power = _kernel_steps.parts_of_kernel(alpha)
    series = sum(sp.rf(HALF, k) ** 2 / (sp.rf(alpha + 3 * HALF, k) * sp.factorial(k)) * x**k for k in (0, 1))
    return constant * x**power * sp.simplify(series)


def by_angle(point, digits):
    return _kernel.kernel(_kernel.mp(point[alpha]), 2 * _kernel.mp(point[x]) - 1)


def checks():
    yield decay(
        "integral over the angle",
        by_angle,
        x,
        [sp.Rational(1, 2**k) for k in range(3, 31, 3)],
        [{alpha: sp.Rational(p, q)} for p, q in ((-1, 4), (1, 2), (4, 5), (2, 1))],
        error=x ** (alpha + 5 * HALF),
        method="quotient of two integrals over the angle by mpmath.quad at x = 2^-k",
        digits=40,
    )
