r"""Maclaurin coefficients of the kernel: squares of Hermite coefficients.

.. math:: J_\alpha(c) = \sum_n a_n c^n,\qquad a_n = \frac{\sqrt\pi\,\Gamma(\alpha+1)^2\,2^n}
    {2^{2\alpha+1}\,\Gamma(\alpha+1/2)\,n!\,\Gamma((\alpha-n)/2+1)^2} \ge 0,\qquad \alpha > -\tfrac12,\ |c| \le 1.

For integer alpha every second coefficient vanishes from n = alpha + 2 on (poles of the gamma function).
"""

import mpmath
import sympy as sp

from derive.claim import Claim
from derive.evidence import digits

from . import _kernel, _kernel_boxes, _kernel_steps
from ._kernel import HALF, alpha

n = sp.Symbol("n", integer=True, nonnegative=True)
coefficient = sp.Function("a")

CLAIM = Claim(
    id="kernel_hermite",
    title="Maclaurin coefficients of J_alpha",
    statement=sp.Eq(
        coefficient(alpha, n),
        sp.sqrt(sp.pi)
        * sp.gamma(alpha + 1) ** 2
        * 2**n
        / (2 ** (2 * alpha + 1) * sp.gamma(alpha + HALF) * sp.factorial(n) * sp.gamma((alpha - n) / 2 + 1) ** 2),
    ),
    source=_kernel.source("section C.7 (coefficients not printed)"),
    meaning=_kernel.MEANING + "; a(alpha, n) is the coefficient of c^n in J(alpha, c)",
    variables={alpha: "alpha > -1/2", n: "n = 0, 1, 2, ..."},
)


def derive() -> sp.Expr:
    """(E psi^(n)(z))^2/(n! c_alpha): psi^(n) = Gamma(alpha+1)/Gamma(alpha-n+1) z^(alpha-n), continued in alpha.

    The Hermite coefficient E psi(z) He_n(z) is analytic in alpha > -1 and equals E psi^(n)(z) for alpha > n - 1, hence
    equals its continuation.
    """
    falling = sp.gamma(alpha + 1) / sp.gamma(alpha - n + 1)
    hermite = sp.gammasimp(falling * _kernel_steps.half_normal(alpha - n))
    return sp.gammasimp(hermite**2 / sp.factorial(n) / _kernel_steps.second_moment())


def projection(point, digits):
    """E psi(z) He_n(z) by mpmath.quad in the logarithm of the variable; the square over n! and the second moment."""
    a, order = _kernel.mp(point[alpha]), int(point[n])

    def mean(f, power):
        low = -mpmath.mp.prec / (power + 1)
        cuts = [low + k * (5 - low) / 12 for k in range(13)]
        weight = lambda s: mpmath.exp((power + 1) * s - mpmath.exp(2 * s) / 2)  # noqa: E731
        return mpmath.quad(lambda s: f(mpmath.exp(s)) * weight(s), cuts) / mpmath.sqrt(2 * mpmath.pi)

    hermite = mean(lambda x: mpmath.hermite(order, x / mpmath.sqrt(2)) / mpmath.mpf(2) ** (mpmath.mpf(order) / 2), a)
    return hermite**2 / mpmath.factorial(order) / mean(lambda x: 1, 2 * a)


def checks():
    points = [{alpha: p[alpha], n: k} for p, k in zip(_kernel.POINTS, (0, 1, 2, 5, 4), strict=True)]
    yield digits(
        "projection", projection, points, digits=50, method="mpmath.quad of x^alpha times a Hermite polynomial"
    )
    yield _kernel_boxes.agree_on(
        "a box",
        _kernel_boxes.hermite_square,
        {alpha: (sp.Rational(1, 2), sp.Integer(3))},
        method="acb.integral of x^alpha (x^2 - 1) against the density in log x, at the ends of parts of the interval",
        fixed={n: 2},
    )
