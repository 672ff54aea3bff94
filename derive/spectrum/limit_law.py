r"""The law of the squared singular values of a deep residual Jacobian, in closed form.

Green's equation (25) of paper 001 with :math:`\kappa = c/a^2`, :math:`v = 2\lambda G - 1` reads

.. math:: \log\frac{\lambda}{a^{2L}} = \log\frac{v+1}{v-1} + \kappa v .

On the spectrum put :math:`v = \coth\frac{\tau + i\sigma}2`, so that :math:`\log\frac{v+1}{v-1} = \tau + i\sigma` and
:math:`v = (\sinh\tau - i\sin\sigma)/(\cosh\tau - \cos\sigma)`.  The imaginary part of the equation fixes tau, the real
part is :math:`y = \log(\lambda/a^{2L})`:

.. math:: \cosh\tau = \cos\sigma + \kappa\frac{\sin\sigma}\sigma, \qquad
   y = \pm\Bigl(\tau + \frac{\sigma\sinh\tau}{\sin\sigma}\Bigr), \qquad
   \rho(y) = \frac{\sigma}{2\pi\kappa},

one angle :math:`0 < \sigma \le \sigma_m`, :math:`\sigma_m\tan(\sigma_m/2) = \kappa`, for each half.  The angle *is* the
density of y, and y -> -y is the symmetry :math:`\lambda \leftrightarrow a^{4L}/\lambda`.  At the ends
:math:`\sigma = 0`, :math:`\cosh\tau = 1 + \kappa`:

.. math:: \lambda_\pm = a^{2L}\exp\bigl(\pm(\sqrt{\kappa(\kappa+2)} + \operatorname{arcosh}(1+\kappa))\bigr).

The S-transform :math:`a^{-2L}e^{-\kappa(1+2z)}` (23) and Lagrange's inversion give
:math:`E\lambda^k = a^{2Lk}e^{k\kappa}\,{}_1F_1(1-k; 2; -2k\kappa)`, for every complex k since both sides are entire
and of exponential type; in powers of k it has polynomials in kappa as coefficients, hence the cumulants of y.
Up to scale this is the law of a free multiplicative Brownian motion at time 2 kappa (Biane 1997).
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import comb, factorial

import sympy as sp

__all__ = ["edge_exponent", "log_cumulant", "log_moment", "moment", "moment_polynomial"]

KAPPA = sp.Symbol("kappa", positive=True)


def edge_exponent(kappa: sp.Expr) -> sp.Expr:
    """y at the upper edge; minus that at the lower one.

    >>> edge_exponent(sp.Integer(0))
    0
    """
    return sp.sqrt(kappa * (kappa + 2)) + sp.log(1 + kappa + sp.sqrt(kappa * (kappa + 2)))


def moment_polynomial(k: int, kappa: sp.Expr) -> sp.Expr:
    r"""The polynomial 1F1(1-k; 2; -2 k kappa), by the coefficient formula of Lagrange's inversion (integer k).

    :math:`\frac1k [z^{k-1}] (1+z)^k e^{2k\kappa z}`; for k < 0 Kummer's transformation is used.

    >>> moment_polynomial(2, KAPPA)
    2*kappa + 1
    """
    if k <= 0:
        raise ValueError("moment_polynomial is for k >= 1; negative moments follow from the symmetry")
    total = sp.Integer(0)
    for j in range(k):
        total += sp.binomial(k, k - 1 - j) * (2 * k * kappa) ** j / sp.factorial(j)
    return sp.expand(total / k)


def moment(k: sp.Expr, kappa: sp.Expr) -> sp.Expr:
    r"""E e^(k y), y = log(lambda / a^(2L)), for real or complex k; a polynomial times e^(|k| kappa) for integers.

    >>> moment(sp.Integer(2), KAPPA)
    (2*kappa + 1)*exp(2*kappa)
    """
    if k.is_zero:
        return sp.Integer(1)
    if k.is_Integer:
        order = abs(int(k))
        return sp.exp(order * kappa) * moment_polynomial(order, kappa)
    if kappa.is_zero:
        return sp.Integer(1)
    return sp.exp(k * kappa) * sp.hyper([1 - k], [2], -2 * k * kappa)


@lru_cache(maxsize=256)
def log_moment(k: int) -> sp.Expr:
    """E y^k as a polynomial in kappa.

    The n-th term of 1F1 carries the factor s^n, so k + 1 terms of each series give the coefficient of s^k exactly:
    with R_n(s) = (1-s)(2-s)...(n-s) the sum of [s^j]R_n (-2)^n/((n+1)! n! m!) kappa^(n+m) over n + j + m = k.
    """
    found = [Fraction(0)] * (k + 1)
    rising, factor = [1], Fraction(1)
    for n in range(k + 1):
        for j in range(min(n, k - n) + 1):
            found[k - j] += factor * rising[j] / factorial(k - n - j)
        rising = [(n + 1) * low - high for low, high in zip([*rising, 0], [0, *rising], strict=True)]
        factor *= Fraction(-2, (n + 1) * (n + 2))
    return sp.Add(*(sp.Rational(c) * factorial(k) * KAPPA**p for p, c in enumerate(found)))


@lru_cache(maxsize=256)
def log_cumulant(k: int) -> sp.Expr:
    """The k-th cumulant of y as a polynomial in kappa; odd ones vanish.

    >>> log_cumulant(2), log_cumulant(3)
    (kappa**2/3 + 2*kappa, 0)
    """
    return _log_cumulant(k).as_expr()


@lru_cache(maxsize=256)
def _log_cumulant(k: int) -> sp.Poly:
    total = _log_moment(k)
    for j in range(2, k, 2):
        total -= _log_cumulant(j) * _log_moment(k - j) * comb(k - 1, j - 1)
    return total


@lru_cache(maxsize=256)
def _log_moment(k: int) -> sp.Poly:
    return sp.Poly(log_moment(k), KAPPA, domain="QQ")
