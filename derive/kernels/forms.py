r"""The kernel by other functions: hypergeometric, Bessel, elliptic, as an integral over angles, as a power series.

Each form holds for every real :math:`\alpha > -1/2` unless it says otherwise; the claims ``kernel_*`` prove them.
"""

from __future__ import annotations

import sympy as sp

from derive.kernels.closed import closed_kernel, has_closed_form
from derive.kernels.expansions import hermite_coefficients, scale

__all__ = ["angular_form", "bessel_form", "closed_form", "hypergeometric_form", "maclaurin_form"]

_HALF = sp.Rational(1, 2)


def hypergeometric_form(alpha: sp.Expr, c: sp.Expr) -> sp.Expr:
    """K x^(alpha+1/2) 2F1(1/2, 1/2; alpha+3/2; x), x = (1 + c)/2."""
    x = (1 + c) / 2
    return scale(alpha) * x ** (alpha + _HALF) * sp.hyper((_HALF, _HALF), (alpha + 3 * _HALF,), x)


def bessel_form(alpha: sp.Expr, c: sp.Expr) -> sp.Expr:
    """(1 - c^2)^(alpha+1/2)/(2 pi c_alpha) times the integral of t^alpha K_0(t) e^(ct) over the half-line, |c| < 1."""
    from derive.kernels.functions import c_alpha

    t = sp.Dummy("t", positive=True)
    integral = sp.Integral(t**alpha * sp.besselk(0, t) * sp.exp(c * t), (t, 0, sp.oo))
    return (1 - c**2) ** (alpha + _HALF) / (2 * sp.pi * c_alpha(alpha)) * integral


def angular_form(alpha: sp.Expr, c: sp.Expr) -> sp.Expr:
    """Gamma(alpha+1)/(2 pi c_alpha) times the integral of (c + cos t)^alpha over 0 < t < pi - acos c; alpha > -1/2."""
    from derive.kernels.functions import c_alpha

    t = sp.Dummy("t", positive=True)
    integral = sp.Integral((c + sp.cos(t)) ** alpha, (t, 0, sp.pi - sp.acos(c)))
    return sp.gamma(alpha + 1) / (2 * sp.pi * c_alpha(alpha)) * integral


def maclaurin_form(alpha: sp.Expr, c: sp.Expr) -> sp.Expr:
    """The Maclaurin series, |c| <= 1; terms where gamma has a pole are zero."""
    n = sp.Dummy("n", integer=True, nonnegative=True)
    factor = sp.sqrt(sp.pi) * sp.gamma(alpha + 1) ** 2 / (2 ** (2 * alpha + 1) * sp.gamma(alpha + _HALF))
    term = (2 * c) ** n / (sp.factorial(n) * sp.gamma((alpha - n) / 2 + 1) ** 2)
    return factor * sp.Sum(term, (n, 0, sp.oo))


def closed_form(alpha: sp.Expr, c: sp.Expr) -> sp.Expr | None:
    """An arc cosine or elliptic integrals for integer and half-integer alpha, gamma functions at c = 0, else None."""
    if c == 0:
        return hermite_coefficients(alpha, 1)[0]
    return closed_kernel(alpha, c) if has_closed_form(alpha) else None
