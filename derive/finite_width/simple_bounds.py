r"""Bounds of moments of residual nets that hold for every k, and the best of all: :func:`combined_bounds`.

With :math:`X_\ell = (E M_\ell^k)^{1/2k}` Minkowski's inequality gives :math:`X_\ell \le X_{\ell-1} +
\eta\,(E|N|^{2k})^{1/2k}`, and :math:`E[|N(x)|^{2k} \mid x]` is a polynomial in M with coefficients that are not
negative, whose mean is at most its value at :math:`X^2` because :math:`E M^j \le (E M^k)^{j/k}`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from derive.errors import DomainError
from derive.numerics.ball import Ball
from derive.numerics.compile import to_arb

__all__ = ["combined_bounds", "minkowski"]

_BITS = 192


def combined_bounds(net: Any, growth: Any, k: int, count: int) -> tuple[Fraction, Fraction]:
    """The largest lower and the smallest upper bound of E M^k after ``count`` modules ending with ReLU."""
    biased = any(net.bias_variances[:count])
    if biased and not net.nonnegative:
        raise DomainError(f"with biases the lower bound needs entries that are not negative, not {min(net.input)}")
    lower = [_power(growth.bounds("moment", j)[0], k, j) for j in range(1, min(k, 2) + 1)]
    upper = [_end(minkowski(net, k, count))]
    if not biased:
        upper += [growth.bounds("moment", k)[1]] if k < 3 else []
        upper += [_end(_equal_entries(net, count))] if k == 1 else []
    return max(lower), min(upper)


def _power(low: Fraction, k: int, j: int) -> Fraction:
    """A lower bound of low^(k/j), by Jensen's inequality one of E M^k where low is one of E M^j."""
    from flint import ctx

    if low <= 0:
        return Fraction(0)
    with ctx.workprec(_BITS):
        base = to_arb(sp.Rational(low.numerator, low.denominator))
        return Ball.from_arb(base ** to_arb(sp.Rational(k, j))).bounds()[0]


def _end(ball: Any) -> Fraction:
    return Ball.from_arb(ball).bounds()[1]


def minkowski(net: Any, k: int, count: int) -> Any:
    """A ball whose upper end bounds E M^k after ``count`` modules of any kind, Gaussian weights."""
    from flint import arb, ctx

    with ctx.workprec(_BITS):
        made: dict[sp.Expr, dict] = {}
        x = to_arb(net.squared_input).sqrt()
        for eta, bias in zip(net.scales[:count], net.bias_variances[:count], strict=True):
            if bias not in made:
                made[bias] = {j: to_arb(c) for j, c in net.output_polynomial(k, bias).items()}
            mean = sum((c * x ** (2 * j) for j, c in made[bias].items()), arb(0))
            x += to_arb(eta) * mean.root(2 * k)
        return x ** (2 * k)


def _equal_entries(net: Any, count: int) -> Any:
    """The product of the means for equal entries, where A = sqrt(n M) is largest."""
    from flint import arb, ctx

    n, (*_, v) = net.width, net.variances()
    _, first, second = net.hidden_ratios(2)
    with ctx.workprec(_BITS):
        mean = (to_arb(v) * n / (2 * arb.pi())).sqrt() * to_arb(first)
        square = to_arb(v) * n / 2 * to_arb(second)
        total = to_arb(net.squared_input)
        for eta in net.scales[:count]:
            e = to_arb(eta)
            total *= 1 + 2 * e * mean + e**2 * square
        return total
