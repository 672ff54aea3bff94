r"""The kernel of order 1/2 next to c = 1: a logarithm.

.. math:: J_{1/2} = 1 + \tfrac14\,y\log y - \bigl(\log 2 + \tfrac14\bigr)y + O(y^2\log y),\qquad y = \frac{1-c}2 .

It is the limit of ``kernel_near_one``, whose two coefficients have opposite poles at alpha = 1/2.
"""

import sympy as sp

from derive.claim import Claim
from derive.evidence import decay

from . import _kernel
from ._kernel import HALF, alpha
from .kernel_near_one import CLAIM as GENERAL
from .kernel_near_one import y

near_one = sp.Function("near_one_half")

CLAIM = Claim(
    id="kernel_near_one_half_order",
    title="J_(1/2) for c -> 1",
    statement=sp.Eq(near_one(y), 1 + y * sp.log(y) / 4 - (sp.log(2) + sp.Rational(1, 4)) * y),
    source=_kernel.source("section C.7, expansion of the kernel at c = 1"),
    meaning=_kernel.MEANING + "; near_one_half(y) is J(1/2, 1 - 2y)",
    variables={y: "0 < y < 1"},
    error=y**2 * sp.log(y),
    limit=(y, sp.S.Zero),
    uses=("kernel_near_one",),
)


def derive() -> sp.Expr:
    """eps = alpha - 1/2: the terms of order y are f(eps)/eps with f(0) = 0, so the limit is the derivative of f."""
    eps = sp.Symbol("eps")
    terms = (GENERAL.rhs - 1).subs(alpha, HALF + eps)
    cosine = sp.expand_trig(sp.cos(sp.pi * (HALF + eps)))  # -sin(pi eps)
    terms = terms.subs(sp.cos(sp.pi * (HALF + eps)), cosine)
    scaled = sp.expand(eps * terms).subs(sp.sin(sp.pi * eps), sp.pi * eps / sp.Function("s")(eps))
    # s(eps) = pi eps/sin(pi eps) is even and 1 at 0, so that it does not enter the first derivative
    scaled = sp.simplify(scaled.subs(sp.Function("s")(eps), 1))
    assert sp.simplify(scaled.subs(eps, 0)) == 0
    return 1 + sp.expand(sp.expand_func(sp.simplify(sp.diff(scaled, eps).subs(eps, 0))))


def by_angle(point, digits):
    return _kernel.kernel(_kernel.mp(HALF), 1 - 2 * _kernel.mp(point[y]))


def checks():
    yield decay(
        "integral over the angle",
        by_angle,
        y,
        [sp.Rational(1, 2**k) for k in range(4, 60, 4)],
        error=y**2 * sp.log(y),
        method="quotient of two integrals over the angle by mpmath.quad at y = 2^-k",
        digits=50,
    )
