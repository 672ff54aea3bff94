r"""The mean square of alpha-ReLU's slope, finite for alpha > 1/2 only."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits
from derive.networks.residual.equations import SYMBOLS as S

from . import _alpha
from ._alpha import alpha

M = sp.Function("M")
q = S.q
VALUE = alpha**2 * 2 ** (alpha - 2) * sp.gamma(alpha - sp.Rational(1, 2)) / sp.sqrt(sp.pi) * q ** (alpha - 1)

CLAIM = Claim(
    id="alpha_relu_slope_mean",
    title="the mean square of the slope of alpha-ReLU",
    statement=sp.Eq(M(alpha, q), VALUE),
    source=Source("yang2017", "section 5.2, footnote on diverging gradients; formula not printed"),
    meaning="M(alpha, q) = E psi'(u)^2 for u normal with variance q; infinite for alpha <= 1/2",
    variables={alpha: "alpha > 1/2", q: "q > 0"},
)


def derive() -> sp.Expr:
    """The integral over the half-line, a gamma function."""
    x, a = sp.Symbol("x", positive=True), sp.Symbol("a", positive=True)  # a = alpha - 1/2
    integral = sp.integrate(x ** (2 * a - 1) * sp.exp(-(x**2) / (2 * q)), (x, 0, sp.oo))
    return (alpha**2 * integral / sp.sqrt(2 * sp.pi * q)).subs(a, alpha - sp.Rational(1, 2))


def quadrature(point, digits):
    """In t = log x, where the integrand decays exponentially on both sides."""
    a, v = _alpha.number(point[alpha]), _alpha.number(point[q])
    f = lambda t: (a * mpmath.exp((a - 1) * t)) ** 2 * mpmath.exp(t - mpmath.exp(2 * t) / (2 * v))  # noqa: E731
    reach = -(digits + 15) * mpmath.log(10) / (2 * a - 1)
    cuts = [reach * k / 16 for k in range(16, 0, -1)] + [0, 1, 2, 3, 4]
    return mpmath.quad(f, cuts) / mpmath.sqrt(2 * mpmath.pi * v)


def checks():
    points = [{alpha: sp.Rational(79, 100), q: sp.Rational(5, 3)}, {alpha: sp.Rational(3, 5), q: 7}, {alpha: 2, q: 3}]
    yield digits("quadrature", quadrature, points, digits=20, method="mpmath.quad in the logarithm of the input")
