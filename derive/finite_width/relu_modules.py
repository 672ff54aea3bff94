r"""Residual modules that end with ReLU: the cases in which their moments are exact.

Gaussian weights.  Given x and the hidden layers h the units of :math:`x + \eta\,\mathrm{ReLU}(Wh + b)` are
independent, unit i being :math:`x_i + \eta s z_+` with z standard normal and :math:`s^2 = v|h|^2 + \beta`, so all
moments of the squared length after *one* module are exact where those of s are.  After several modules they are where
the width is 1 and the input is not negative: every module multiplies x by :math:`1 + \eta s z_+/|x|`, of one law.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import sympy as sp

from derive.errors import UnsupportedError
from derive.finite_width.exact_numbers import ExactNumbers
from derive.finite_width.power_sums import Polynomial

__all__ = ["after_one_module", "half_normal_moment", "module_factor", "one_module_moment", "width_one_operators"]


def half_normal_moment(j: int) -> sp.Expr:
    r"""E z_+^j for a standard normal z: :math:`2^{j/2-1}\Gamma((j+1)/2)/\sqrt\pi`, and 1 for j = 0.

    >>> [half_normal_moment(j) for j in range(4)]
    [1, sqrt(2)/(2*sqrt(pi)), 1/2, sqrt(2)/sqrt(pi)]
    """
    if j == 0:
        return sp.Integer(1)
    return 2 ** (sp.Rational(j, 2) - 1) * sp.gamma(sp.Rational(j + 1, 2)) / sp.sqrt(sp.pi)


def module_factor(deviation: sp.Expr, ratios: Sequence[sp.Expr], power: int) -> sp.Expr:
    """E (1 + s z_+)^power, E s^j = deviation^j ratios[j]: what a module of width 1 multiplies a positive input by."""
    terms = (sp.binomial(power, j) * deviation**j * ratios[j] * half_normal_moment(j) for j in range(power + 1))
    return sp.expand(sum(terms))


def one_module_moment(x: Sequence[sp.Expr], scale: sp.Expr, deviations: Sequence[sp.Expr], k: int) -> sp.Expr:
    r"""E of the k-th power of :math:`\|x + \eta N(x)\|^2`, ``deviations[j]`` being E s^j of the last pre-activations.

    Given s, k! times the coefficient of t^k in the product over the units of :math:`\sum_r E u_i^{2r} t^r/r!`; then the
    mean over s.
    """
    s = sp.Dummy("s")
    total = [sp.Integer(1)] + [sp.Integer(0)] * k
    for entry, count in Counter(x).items():
        series = [_even_moment(entry, scale * s, r) / sp.factorial(r) for r in range(k + 1)]
        while count:  # the series to the power count, by squaring
            total = _product(total, series) if count % 2 else total
            count //= 2
            series = _product(series, series) if count else series
    powers = sp.Poly(sp.factorial(k) * total[k], s)
    return sp.expand(sum(c * deviations[j] for (j,), c in powers.terms()))


def _product(f: Sequence[sp.Expr], g: Sequence[sp.Expr]) -> list[sp.Expr]:
    """The product of two power series, to the order of both."""
    return [sp.expand(sum(f[i] * g[r - i] for i in range(r + 1))) for r in range(len(f))]


def _even_moment(entry: sp.Expr, step: sp.Expr, r: int) -> sp.Expr:
    """E (entry + step z_+)^(2r)."""
    return sp.expand(
        sum(sp.binomial(2 * r, j) * entry ** (2 * r - j) * step**j * half_normal_moment(j) for j in range(2 * r + 1))
    )


def after_one_module(net: Any, k: int) -> sp.Expr:
    """E M_1^k of a :class:`~derive.finite_width.ResidualReLU` after its first module."""
    net.gaussian_only(2)
    return one_module_moment(net.input, net.scales[0], _deviation_moments(net, 2 * k), k)


def _deviation_moments(net: Any, most: int) -> list[sp.Expr]:
    """E s^j, j = 0, ..., most, of the deviation of the last pre-activations of the first module, given x_0."""
    *_, v = net.variances()
    bias, size = net.bias_variances[0], net.squared_input
    if not net.hidden:
        return [sp.sqrt(sp.expand(v * size + bias)) ** j for j in range(most + 1)]
    if bias != 0:
        raise UnsupportedError(
            "odd moments of the length of hidden layers with biases have no closed form; use bounds(k), or simulate"
        )
    return [sp.sqrt(sp.expand(v * size)) ** j * m for j, m in enumerate(net.hidden_ratios(most))]


def width_one_operators(net: Any, k: int, count: int) -> tuple[list[Any], ExactNumbers, Any]:
    """At width 1 from a positive input: the mean of a polynomial in M' given x, for each module; the numbers; M_0."""
    net.gaussian_only(2)
    if net.width > 1 or not net.input[0].is_nonnegative or any(net.bias_variances[:count]):
        raise UnsupportedError(
            "a module ending with ReLU has a mean output, and moments after several are no product over the modules; "
            "bounds(k) and empirical_variance_bounds() enclose them, simulate estimates them, module='linear' has "
            "exact ones"
        )
    *_, v = net.variances()
    ratios, orders, scales = net.hidden_ratios(2 * k), range(1, k + 1), net.scales[:count]
    made = {(eta, j): module_factor(eta * sp.sqrt(v), ratios, 2 * j) for eta in scales for j in orders}
    numbers = ExactNumbers([*made.values(), net.squared_input])
    factors = {key: numbers(x) for key, x in made.items()}

    def mean(f: Polynomial, eta: sp.Expr) -> Polynomial:
        return {key: c * factors[eta, key[0]] if key else c for key, c in f.items()}

    return [lambda f, eta=eta: mean(f, eta) for eta in scales], numbers, [numbers(net.squared_input)]
