r"""The second moment of alpha-ReLU is :math:`2^{\alpha-1}\,\Gamma(\alpha+1/2)/\sqrt\pi` for real alpha > -1/2."""

from fractions import Fraction

import mpmath
import sympy as sp

from derive import c_alpha
from derive.claim import Claim
from derive.evidence import digits, enclosure

from . import _kernel, _kernel_boxes, _kernel_steps
from ._kernel import HALF, alpha

CLAIM = Claim(
    id="kernel_second_moment",
    title="c_alpha, the second moment of alpha-ReLU",
    statement=sp.Eq(c_alpha(alpha), 2 ** (alpha - 1) * sp.gamma(alpha + HALF) / sp.sqrt(sp.pi)),
    source=_kernel.source("section B.2, the closed form of c_alpha (formula stripped, rebuilt)"),
    meaning="c_alpha = E psi(u)^2, psi(x) = x^alpha for x > 0 and 0 else, u standard normal; it tends to infinity as "
    "alpha falls to -1/2",
    variables={alpha: "alpha > -1/2"},
)

POINTS = [{alpha: sp.Rational(p, q)} for p, q in ((-7, 23), (0, 1), (5, 17), (1, 2), (47, 19), (83, 11))]


def derive() -> sp.Expr:
    """The half-normal moment of order 2 alpha."""
    return _kernel_steps.second_moment()


def logarithmic_quadrature(point, digits):
    """int x^(2 alpha) exp(-x^2/2) dx/sqrt(2 pi) by mpmath.quad in log x."""
    power = 2 * _kernel.mp(point[alpha]) + 1
    low = -mpmath.mp.prec / power
    cuts = [low + k * (5 - low) / 10 for k in range(11)]
    return mpmath.quad(lambda s: mpmath.exp(power * s - mpmath.exp(2 * s) / 2), cuts) / mpmath.sqrt(2 * mpmath.pi)


def ball(point, bits):
    """The same integral by acb.integral in log x; what is left out on either side is bounded by exponentials."""
    from flint import acb, arb, fmpq

    power = 2 * arb(fmpq(int(point[alpha].p), int(point[alpha].q))) + 1
    low, high = -((bits / power).upper().ceil()), arb(4)
    body = acb.integral(lambda s, _: (power * s - (2 * s).exp() / 2).exp(), acb(low), acb(high)).real
    left = (power * low).exp() / power
    right = (power * high - (2 * high).exp() / 4).exp()  # beyond: the exponent falls at least like -e^(2s)/4, s > 4
    return (body + arb(0).union((left + right).upper())) / (2 * arb.pi()).sqrt()


def checks():
    yield digits("quadrature", logarithmic_quadrature, POINTS, digits=50, method="mpmath.quad of the moment in log x")
    yield enclosure("integral in balls", ball, POINTS, radius=Fraction(1, 10**20), method="acb.integral in log x")
    yield _kernel_boxes.agree_on(
        "an interval",
        _kernel_boxes.second_moment,
        {alpha: (sp.Rational(-2, 5), sp.Integer(4))},
        method="acb.integral of the moment in log x, at the ends of parts of the interval",
        within=sp.Rational(1, 20),
    )
