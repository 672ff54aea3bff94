"""Limits of the exact moments of ReLU nets: in closed form, and layer by layer for residual ones."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp

from derive.errors import DomainError, UnsupportedError

__all__ = ["empirical_variance_limit", "limit_of_empirical_variance", "residual_wide_limit", "second_moment_rate"]


@lru_cache(maxsize=1)
def second_moment_rate() -> sp.Expr:
    r"""The number r in :math:`E M_j^2 \approx M_0^2 e^{r\sum 1/n_j}` for wide critical ReLU nets without biases.

    Found from one layer of the moment operator: E M'^2/M^2 = 1 + r/n exactly for Gaussian weights.
    """
    from fractions import Fraction

    from derive.finite_width.power_sums import Layer

    n, rates = 7, []
    for n in (7, 11):
        layer = Layer(n, (Fraction(2, n), 0), (0, 0))
        (coefficient,) = layer.mean({(2,): Fraction(1, n**2)}).values()
        rates.append((coefficient * n**2 - 1) * n)
    if rates[0] != rates[1]:
        raise ArithmeticError("the second moment of a Gaussian layer is not 1 + r/n")
    return sp.Rational(rates[0].numerator, rates[0].denominator)


@lru_cache(maxsize=1)
def limit_of_empirical_variance() -> tuple[sp.Expr, sp.Symbol]:
    r""":math:`\int_0^1(2x-1)e^{r\beta x}dx` and its symbol beta.

    With :math:`m(x) = E M_{xd}^2/M_0^2` the mean of the empirical variance is :math:`\int m - 2\int(1-x)m`, because
    E M_i M_j = E M_i^2 for i <= j.
    """
    x, beta = sp.symbols("x beta", positive=True)
    inside = sp.integrate((2 * x - 1) * sp.exp(second_moment_rate() * beta * x), (x, 0, 1))
    return sp.simplify(inside), beta


def empirical_variance_limit(net: Any) -> sp.Expr:
    """The limit for the beta of a net; see :meth:`ReLUNet.empirical_variance_limit`."""
    if any(net.bias_variances) or net.slope:
        raise DomainError("the limit is for ReLU nets without biases; use empirical_variance() for this net")
    if any(net.weight_variance(j) * net.widths[j - 1] != 2 for j in range(1, net.depth + 1)):
        raise DomainError("the limit is for weights of variance 2/fan-in; use empirical_variance() for this net")
    formula, beta = limit_of_empirical_variance()
    if len(set(net.widths[1:])) != 1:
        raise DomainError("the limit is for equal widths; use empirical_variance() for this net")
    total = sp.Rational(net.depth, net.widths[1])
    squared = net.input if isinstance(net.input, sp.Expr) else sum(x**2 for x in net.input)
    return (squared / net.widths[0]) ** 2 * formula.subs(beta, total)


def residual_wide_limit(net: Any, digits: int) -> list[tuple[sp.Expr, sp.Expr]]:
    """The rows of :meth:`ResidualReLU.wide_limit`."""
    if net.module != "relu" or net.hidden:
        raise UnsupportedError("wide_limit is for one-layer modules ending with ReLU; the others have moment()")
    n = net.width
    start = (net.squared_input / n, net.input_sum(1) / n, n * net.weight_variance(n, n))
    m, a, v = (x.evalf(digits + 10) for x in start)
    rows = [(m, a)]
    for eta, bias in zip(net.scales, net.bias_variances, strict=True):
        q, step = v * m + bias.evalf(digits + 10), eta.evalf(digits + 10)
        mean = sp.sqrt(q / (2 * sp.pi)).evalf(digits + 10)
        m, a = m + 2 * step * a * mean + step**2 * q / 2, a + step * mean
        rows.append((m, a))
    return [(m.evalf(digits), a.evalf(digits)) for m, a in rows]
