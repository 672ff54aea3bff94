r"""The kernel next to c = 1, for orders that are no half-integers.

With :math:`y = (1-c)/2`,

.. math:: J_\alpha = 1 - \frac{\alpha^2\,y}{\alpha-1/2}
    - \frac{\Gamma(\alpha+1)^2\,y^{\alpha+1/2}}{\cos(\pi\alpha)\,\Gamma(\alpha+1/2)\Gamma(\alpha+3/2)}
    + O\bigl(y^{\min(2,\alpha+3/2)}\bigr),\qquad \alpha > -\tfrac12 .

Below alpha = 1/2 the fractional power is the larger term, above it the smaller one.  At alpha = 1/2 both coefficients
have a pole and the limit has a logarithm (``kernel_near_one_half_order``); at alpha = 3/2, 5/2, ... the pole of the
fractional power meets that of a later regular term.
"""

import sympy as sp

from derive.claim import Claim
from derive.evidence import decay

from . import _kernel, _kernel_steps
from ._kernel import HALF, alpha

y = sp.Symbol("y", positive=True)
near_one = sp.Function("near_one")

CLAIM = Claim(
    id="kernel_near_one",
    title="J_alpha for c -> 1",
    statement=sp.Eq(
        near_one(alpha, y),
        1
        - alpha**2 / (alpha - HALF) * y
        - sp.gamma(alpha + 1) ** 2
        / (sp.cos(sp.pi * alpha) * sp.gamma(alpha + HALF) * sp.gamma(alpha + 3 * HALF))
        * y ** (alpha + HALF),
    ),
    source=_kernel.source("section C.7, expansion of the kernel at c = 1"),
    meaning=_kernel.MEANING + "; near_one(alpha, y) is J(alpha, 1 - 2y)",
    variables={alpha: "alpha > -1/2, not a half-integer", y: "0 < y < 1"},
    error=y ** sp.Min(2, alpha + 3 * HALF),
    limit=(y, sp.S.Zero),
    uses=("kernel_reflection", "kernel_hypergeometric"),
)


def derive() -> sp.Expr:
    """The reflection solved for J(c): two terms of the regular solution, one of J(-c) at its zero."""
    k = sp.Symbol("k")
    regular = sum(
        (sp.rf(-alpha, j) ** 2 / (sp.rf(HALF - alpha, j) * sp.factorial(j)) * y**j for j in (0, 1)), sp.S.Zero
    )
    constant, power = _kernel_steps.parts_of_kernel(alpha)
    turned = constant * y**power  # J(-c): (1 + (-c))/2 = y, 2F1 = 1 + O(y)
    value = sp.Symbol("value")
    equation = sp.cos(sp.pi * alpha) * (k - value) - turned
    (solved,) = sp.solve(equation, value)
    return sp.expand(solved.subs(k, regular))


def by_angle(point, digits):
    return _kernel.kernel(_kernel.mp(point[alpha]), 1 - 2 * _kernel.mp(point[y]))


def checks():
    yield decay(
        "integral over the angle",
        by_angle,
        y,
        [sp.Rational(1, 2**k) for k in range(4, 36, 2)],
        [{alpha: sp.Rational(p, q)} for p, q in ((-1, 4), (1, 5), (4, 5), (1, 1), (6, 5))],
        error=y ** sp.Min(2, alpha + 3 * HALF),
        method="quotient of two integrals over the angle by mpmath.quad at y = 2^-k",
        digits=40,
    )
