r"""Residual modules that end with ReLU: the cases in which their moments are exact.

One layer, Gaussian weights of variance v.  Given x the units of :math:`x + \eta\,\mathrm{ReLU}(Wx)` are independent,
unit i being :math:`x_i + \eta\sqrt v\|x\|\,z_+` with z standard normal, so all moments of the squared length after
*one* module are exact.  After several modules they are where the width is 1 and the input is not negative: then every
module multiplies x by :math:`1 + \eta\sqrt v z_+`.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

__all__ = ["half_normal_moment", "module_factor", "one_module_moment"]


def half_normal_moment(j: int) -> sp.Expr:
    r"""E z_+^j for a standard normal z: :math:`2^{j/2-1}\Gamma((j+1)/2)/\sqrt\pi`, and 1 for j = 0.

    >>> [half_normal_moment(j) for j in range(4)]
    [1, sqrt(2)/(2*sqrt(pi)), 1/2, sqrt(2)/sqrt(pi)]
    """
    if j == 0:
        return sp.Integer(1)
    return 2 ** (sp.Rational(j, 2) - 1) * sp.gamma(sp.Rational(j + 1, 2)) / sp.sqrt(sp.pi)


def module_factor(scale: sp.Expr, deviation: sp.Expr, power: int) -> sp.Expr:
    """E (1 + scale deviation z_+)^power: what a module of width 1 multiplies a positive input by."""
    step = scale * deviation
    return sp.expand(sum(sp.binomial(power, j) * step**j * half_normal_moment(j) for j in range(power + 1)))


def one_module_moment(x: Sequence[sp.Expr], scale: sp.Expr, variance: sp.Expr, k: int) -> sp.Expr:
    r"""E of the k-th power of :math:`\|x + \eta\,\mathrm{ReLU}(Wx)\|^2`, W Gaussian with the given variance.

    k! times the coefficient of t^k in the product over the units of :math:`\sum_r E u_i^r t^r/r!`.
    """
    size = sp.sqrt(sp.expand(variance * sum(entry**2 for entry in x)))
    step = scale * size
    total = [sp.Integer(1)] + [sp.Integer(0)] * k
    units: dict[sp.Expr, list[sp.Expr]] = {}
    for entry in x:
        if entry not in units:
            units[entry] = [_even_moment(entry, step, r) / sp.factorial(r) for r in range(k + 1)]
        series = units[entry]
        total = [sp.expand(sum(total[i] * series[r - i] for i in range(r + 1))) for r in range(k + 1)]
    return sp.expand(sp.factorial(k) * total[k])


def _even_moment(entry: sp.Expr, step: sp.Expr, r: int) -> sp.Expr:
    """E (entry + step z_+)^(2r)."""
    return sp.expand(
        sum(sp.binomial(2 * r, j) * entry ** (2 * r - j) * step**j * half_normal_moment(j) for j in range(2 * r + 1))
    )
