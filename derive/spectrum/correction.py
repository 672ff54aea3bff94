r"""The first 1/L correction to the universal law, for any activation.

To second order in 1/L one layer has :math:`\log S = -2\log a - \frac{c_2}{a^2L}(1+2z) + \frac1{L^2}(\dots)`
(:func:`derive.spectrum.transforms.log_s_coefficients`).  Summed over the layers, with
:math:`k_2 = \frac1L\sum (c_2^l/a^2)^2` and :math:`k_4 = \frac1L\sum c_4^l/a^4`, the map from v to
:math:`y = \log(\lambda/a^{2L})` becomes

.. math:: y = \log\frac{v+1}{v-1} + \kappa v + \frac{h(v)}L, \qquad
   h = \tfrac14\bigl[k_2(1-3v^2) + k_4\,v(v^2-1)\bigr].

The activation enters through :math:`k_4` alone; for Gaussian weights
:math:`c_4 = \sigma_w^4\operatorname{Var}\varphi'^2`, for scaled orthogonal ones
:math:`\sigma_w^4(\operatorname{Var}\varphi'^2 - (E\varphi'^2)^2)`.  At fixed y the distribution function moves by
:math:`\frac1{2\pi L}\operatorname{Im}\int h\,dv`, the logarithms of the edges
(:math:`v = \pm\sqrt{(\kappa+2)/\kappa}`) by h/L, and the moments follow from Lagrange's inversion: k_2 moves both
edges down, k_4 moves them apart.
"""

from __future__ import annotations

from math import pi
from typing import Any

import sympy as sp

from derive.spectrum.limit_law import KAPPA

__all__ = ["cdf_shift", "edge_shift", "layer_term", "log_moment_shift", "moment_shift"]

K2, K4 = sp.symbols("k2 k4", real=True)
v, z = sp.symbols("v z")


def layer_term() -> sp.Expr:
    """h(v), derived from the layer's S-transform: -(coefficient of 1/L^2 in log S) in units of a, z = (v-1)/2."""
    from derive.spectrum.transforms import SYMBOLS, log_s_coefficients

    second = log_s_coefficients()[2]
    a, c2, c4 = (SYMBOLS[n] for n in ("a", "c2", "c4"))
    h = sp.expand(-second.subs(SYMBOLS["z"], (v - 1) / 2).subs(a, 1))
    terms = sp.Poly(h, c2, c4)
    return sp.factor(terms.coeff_monomial(c2**2)) * K2 + sp.factor(terms.coeff_monomial(c4)) * K4


def edge_shift(side: int) -> sp.Expr:
    """L times the shift of log lambda at the upper (side = 1) or lower (side = -1) edge.

    >>> sp.factor(edge_shift(1).subs({K2: KAPPA**2, K4: 0}))
    -kappa*(kappa + 3)/2
    """
    return sp.expand(layer_term().subs(v, side * sp.sqrt((KAPPA + 2) / KAPPA)))


def moment_shift(k: int, kappa: sp.Expr, k2: sp.Expr, k4: sp.Expr) -> sp.Expr:
    r"""L times the shift of E e^(k y), k >= 1: :math:`[z^{k-1}](1+z)^k e^{k\kappa(1+2z)}h(1+2z)`."""
    h = sp.Poly(layer_term().subs({v: 1 + 2 * z, K2: k2, K4: k4}), z)
    total = sp.Integer(0)
    for (power,), coefficient in h.terms():
        for j in range(k - power):
            rest = k - 1 - power - j
            total += coefficient * (2 * k * kappa) ** j / sp.factorial(j) * sp.binomial(k, rest)
    return sp.exp(k * kappa) * sp.expand(total)


def log_moment_shift(k: int) -> sp.Expr:
    r"""L times the shift of E y^k: half the residue at infinity of :math:`y_0^k h`, a polynomial in kappa, k2, k4."""
    ring, kappa = sp.ring("kappa", sp.QQ)
    size = k // 2 + 3
    y0 = [kappa, *(ring(sp.QQ(2, 2 * n + 1)) for n in range(size - 1))]  # y_0/v as a series in 1/v^2
    power = [ring(1)] + [ring(0)] * (size - 1)
    for _ in range(k):
        power = [sum((power[i] * y0[n - i] for i in range(n + 1)), ring(0)) for n in range(size)]
    total = sp.Integer(0)
    for (degree,), coefficient in sp.Poly(layer_term(), v).terms():
        place = k + degree + 1  # v^(k + degree - 2n) is 1/v
        if place % 2 == 0:
            total += coefficient * power[place // 2].as_expr().subs(sp.Symbol("kappa"), KAPPA)
    return sp.expand(total / 2)


def cdf_shift(boundary: Any, k2: float, k4: float) -> Any:
    """L times the shift of the distribution function where the boundary value is v (an array)."""
    primitive = k2 * (boundary - boundary**3) / 4 + k4 * (boundary**2 / 2 - 1) * boundary**2 / 8
    return primitive.imag / (2 * pi)
