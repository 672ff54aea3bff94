r"""Nested square roots :math:`x_{n+1} = \sqrt{1 + x_n}` from 1, without the engine: iteration, and a product in balls.

With :math:`d_n = \varphi - x_n` the step is exactly :math:`d_{n+1} = d_n/(\varphi + x_{n+1})`.  So
:math:`(2\varphi)^n d_n` is a product of factors :math:`2\varphi/(\varphi + x_k) = 1 + d_k/(\varphi + x_k)`, and as
:math:`\varphi + x_k > 2` the factors beyond the K-th multiply to something between 1 and :math:`e^{d_K/2}`.
"""

from __future__ import annotations

import mpmath
import sympy as sp

PHI = (1 + sp.sqrt(5)) / 2


def distance_factor(digits: int) -> mpmath.mpf:
    """lim (2 phi)^n (phi - x_n), by iteration with the digits that cancel added."""
    steps = int(digits / 0.51) + 10  # log10(2 phi) = 0.51
    with mpmath.workdps(2 * digits + 40):
        phi, value = mpmath.phi, mpmath.mpf(1)
        for _ in range(steps):
            value = mpmath.sqrt(1 + value)
        return (2 * phi) ** steps * (phi - value)


def iterate(n: int, digits: int) -> mpmath.mpf:
    """x_n."""
    with mpmath.workdps(digits + 10):
        value = mpmath.mpf(1)
        for _ in range(n):
            value = mpmath.sqrt(1 + value)
        return value


def product_ball():
    """Paris's constant, the product over k >= 1 of 2 phi/(phi + x_k), at flint's current precision."""
    from flint import arb, ctx

    phi = (1 + arb(5).sqrt()) / 2
    value, product = arb(1), arb(1)
    for _ in range(ctx.prec):
        value = (1 + value).sqrt()
        product *= 2 * phi / (phi + value)
    # d_K <= 2^-K d_0, the factors of the step being below 1/2
    tail = arb(2) ** -ctx.prec
    return product * arb(0).union(tail).exp()
