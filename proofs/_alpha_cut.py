"""Moments of alpha-ReLU's slope above a cut: a logarithm where the exponent reaches -1."""

import mpmath
import sympy as sp

from derive.evidence import decay

eps = sp.Symbol("epsilon", positive=True)
above = sp.Function("above")


def derived(alpha: sp.Rational, power: int) -> sp.Expr:
    """The part of int_eps^oo (psi')^power density that does not vanish, from the exponential integral."""
    assert (alpha - 1) * power == -1
    integral = sp.expint(1, eps**2 / 2) / 2  # of exp(-x^2/2)/x from eps on: put y = x^2/2
    near = sp.series(integral, eps, 0, 1).removeO()
    return sp.expand(near * alpha**power / sp.sqrt(2 * sp.pi))


def quadrature(alpha: sp.Rational, power: int):
    def value(point, digits):
        cut = mpmath.mpf(sp.Rational(point[eps]).p) / sp.Rational(point[eps]).q
        slope = mpmath.mpf(alpha.p) / alpha.q
        f = lambda t: slope**power * mpmath.exp(-mpmath.exp(2 * t) / 2) / mpmath.sqrt(2 * mpmath.pi)  # noqa: E731
        low = mpmath.log(cut)
        return mpmath.quad(f, [low, low / 2, 0, 1, 2, 4])

    return value


def quadrature_check(alpha: sp.Rational, power: int):
    return decay(
        "quadrature",
        quadrature(alpha, power),
        eps,
        [sp.Rational(1, 2**k) for k in range(2, 12)],
        error=eps**2,
        digits=20,
        method="mpmath.quad in the logarithm of the input, at cuts that halve",
    )
