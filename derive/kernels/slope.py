r"""Derivatives of the kernel in c, in balls: the slope on boxes, and Taylor coefficients of every order.

The kernel's derivative is of the same family, with :math:`\nu = \alpha - 1/2 > -1`:

.. math:: J_\alpha'(c) = \frac12\left(\frac{\Gamma(\alpha+1)}{\Gamma(\alpha+1/2)}\right)^2 x^\nu\,
    {}_2F_1(1/2, 1/2; \nu + 1; x), \qquad x = \frac{1+c}2.

The quotient of gamma functions increases in :math:`\alpha` (their logarithmic derivatives do), the hypergeometric
function increases in x and falls in :math:`\nu`, so that boxes are enclosed by values at corners, as in
:mod:`derive.kernels.balls`.  Higher derivatives follow from the differential equation
:math:`(1-c^2)J'' + (2\alpha-1)cJ' - \alpha^2 J = 0`: with :math:`J(c_0+t) = \sum a_n t^n`,

.. math:: (1-c_0^2)(n+1)(n+2)\,a_{n+2} = (n+1)(2n+1-2\alpha)\,c_0\,a_{n+1} + (n-\alpha)^2 a_n.
"""

from __future__ import annotations

from typing import Any

from flint import arb, arb_series, ctx

from derive.kernels.balls import ends, half, hypergeometric, kernel_ball, sharpened, unit_interval

__all__ = ["compose_series", "slope_ball", "taylor_balls"]


def _factor(alpha: Any) -> Any:
    """(Gamma(alpha+1)/Gamma(alpha+1/2))^2 / 2, increasing in alpha."""
    return (2 * ((alpha + 1).lgamma() - (alpha + half()).lgamma())).exp() / 2


def slope_ball(alpha: Any, c: Any) -> Any:
    """dJ_alpha/dc on balls, at flint's current precision; not finite where it diverges or the domain is left.

    It diverges at c = 1 for alpha <= 1/2, and at c = -1 for alpha < 1/2.
    """
    if not (alpha > -half() and c.overlaps(arb(0, 1)) and alpha.is_finite()):
        return arb("nan")
    bits = ctx.prec
    (a0, a1), (x0, x1) = ends(alpha), unit_interval(*ends(c))
    exact = alpha.is_exact() and c.is_exact()
    high = _corner(a1, a0, x1, bits)
    if exact:
        return high * _power(x1, alpha - half())
    low = _corner(a0, a1, x0, bits)
    return low.union(high) * _power(x0, alpha - half()).union(_power(x1, alpha - half()))


def _corner(rising: Any, falling: Any, x: Any, bits: int) -> Any:
    """The slope without its power of x, with the increasing factor at one alpha and the falling one at another."""
    if x == 1:
        return sharpened(lambda: _factor(rising) * _summed_at_one(falling), bits)
    return sharpened(lambda: _factor(rising) * hypergeometric(falling + half(), x), bits)


def _summed_at_one(alpha: Any) -> Any:
    """2F1(1/2, 1/2; alpha + 1/2; 1) by Gauss, where it converges."""
    if not alpha > half():
        return arb("nan")
    return ((alpha + half()).lgamma() + (alpha - half()).lgamma() - 2 * alpha.lgamma()).exp()


def _power(x: Any, nu: Any) -> Any:
    if not x.is_zero():
        return x**nu
    return arb(0) if nu > 0 else arb(1) if nu.is_zero() else arb("nan")


def taylor_balls(alpha: Any, c: Any, terms: int) -> list[Any]:
    """The first Taylor coefficients of J_alpha at a ball inside (-1, 1), in balls."""
    a = [kernel_ball(alpha, c), slope_ball(alpha, c)]
    width = 1 - c * c
    for n in range(terms - 2):
        pull = (n + 1) * (2 * n + 1 - 2 * alpha) * c * a[n + 1] + (n - alpha) * (n - alpha) * a[n]
        a.append(pull / (width * ((n + 1) * (n + 2))) if width > 0 else arb("nan"))
    return a[:terms]


def compose_series(alpha: Any, c: Any) -> Any:
    """J_alpha of a power series in t (an ``arb_series``) with constant term inside (-1, 1); alpha is a constant."""
    inner = arb_series([0, *c.coeffs()[1:]])
    return arb_series(taylor_balls(alpha, c[0], ctx.cap))(inner)
