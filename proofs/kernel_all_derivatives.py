r"""Every derivative of the kernel at once, also where no kernel of that order exists.

.. math:: J_\alpha^{(n)}(c) = \frac{\Gamma(\alpha+1)^2}{2^n\,\Gamma(\alpha+1/2)\,\Gamma(\alpha-n+3/2)}\,
    x^{\alpha+1/2-n}\,{}_2F_1(\tfrac12,\tfrac12;\alpha-n+\tfrac32;x),\qquad x = \frac{1+c}2,

for real alpha > -1/2 and |c| < 1.  Where alpha - n + 3/2 is 0, -1, ... the limit of the quotient by the gamma function
is meant.  At c = 1 the derivative is finite for n < alpha + 1/2 only.
"""

import sympy as sp

from derive.claim import Claim
from derive.evidence import digits

from . import _kernel, _kernel_boxes, _kernel_steps
from ._kernel import HALF, alpha, c

n = sp.Symbol("n", integer=True, nonnegative=True)
derivative = sp.Function("derivative")
x = (1 + c) / 2

CLAIM = Claim(
    id="kernel_all_derivatives",
    title="all derivatives of J_alpha",
    statement=sp.Eq(
        derivative(alpha, n, c),
        sp.gamma(alpha + 1) ** 2
        / (2**n * sp.gamma(alpha + HALF) * sp.gamma(alpha - n + 3 * HALF))
        * x ** (alpha + HALF - n)
        * sp.hyper((HALF, HALF), (alpha - n + 3 * HALF,), x),
    ),
    source=_kernel.source("section C.7, derivatives of the kernel"),
    meaning=_kernel.MEANING + "; derivative(alpha, n, c) is the n-th derivative of J(alpha, c) in c",
    variables={**_kernel.DOMAIN, n: "n = 0, 1, 2, ..."},
    uses=("kernel_hypergeometric",),
)


def derive() -> sp.Expr:
    """The n-th derivative of x^(m+k), summed: the factor m + k - n + 1, ..., m + k moves the lower parameter by n.

    Coefficient of x^(m+k) in the kernel: (1/2)_k^2/((m+1)_k k!) up to a constant.  After n derivatives in x it is that
    of x^(m-n) 2F1(1/2, 1/2; m-n+1; x) Gamma(m+1)/Gamma(m-n+1); one n in c is half of one in x.
    """
    k, m = _kernel_steps.k, _kernel_steps.mu
    steps = sp.Symbol("n", integer=True, positive=True)
    falling = sp.gamma(m + k + 1) / sp.gamma(m + k - steps + 1)
    rising = lambda a: sp.gamma(a + k) / sp.gamma(a)  # noqa: E731
    moved = sp.gamma(m + 1) / sp.gamma(m - steps + 1) / rising(m - steps + 1)
    _kernel_steps.same(sp.gammasimp(falling / rising(m + 1)), sp.gammasimp(moved), "the coefficients")
    constant, power = _kernel_steps.parts_of_kernel(alpha)
    factor = sp.gammasimp(constant * sp.gamma(power + 1)) / sp.gamma(power - n + 1) / 2**n
    return factor * x ** (power - n) * sp.hyper((HALF, HALF), (power - n + 1,), x)


def by_circle(point, digits):
    """A trapezoidal sum on a circle around c."""
    a, r = _kernel.numbers(point)
    return _kernel.slope_by_circle(a, r, int(point[n]))


def checks():
    points = [{**p, n: k} for p, k in zip(_kernel.POINTS, (1, 2, 3, 4, 5), strict=True)]
    yield digits("circle", by_circle, points, digits=30, method="trapezoidal sum on a circle, mpmath.hyp2f1")
    yield _kernel_boxes.agree_on(
        "a box",
        _kernel_boxes.derivative(2),
        {alpha: (sp.Rational(13, 10), sp.Rational(3, 2)), c: (sp.Rational(1, 5), sp.Rational(2, 5))},
        method="acb.integral of the integrand differentiated twice, at the corners of parts of the box",
        fixed={n: 2},
    )
