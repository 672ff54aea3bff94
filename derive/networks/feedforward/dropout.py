r"""Dropout: no critical point, a finite longest memory, and what a mask does to equal inputs.

With :math:`\rho < 1` equal inputs are pulled apart, :math:`c = 1 \mapsto 1 - (1-\rho)\sigma_w^2V/(\rho q)`, and
:math:`\chi_c < 1` everywhere.  Over sigma_w2 at fixed sigma_b2 the scale xi_c has a largest value, found here; its law
as :math:`\rho \to 1` is in :mod:`~derive.networks.feedforward.divergence`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import mpmath
import sympy as sp

from derive.activations import Activation
from derive.display import ShownAsTable
from derive.errors import DomainError, InputError, PrecisionError
from derive.networks.feedforward.critical import critical_points
from derive.networks.feedforward.fixed_points import fixed_points
from derive.networks.feedforward.values import Layer
from derive.numerics.compile import mpf_to_sympy, to_mpf
from derive.numerics.exact import exact_number, variance

__all__ = ["Memory", "longest_memory"]


@dataclass(frozen=True)
class Memory(ShownAsTable):
    """The longest depth scale of correlations under dropout, and where it is found (about 8 digits of sigma_w2)."""

    sigma_w2: sp.Expr
    xi_c: sp.Expr
    c: sp.Expr
    q: sp.Expr


def longest_memory(phi: Activation, rho: sp.Expr, sigma_b2: Any, digits: int) -> Memory:
    """The maximum of xi_c over sigma_w2; xi_c, c and q belong to the sigma_w2 given, to ``digits`` digits."""
    if rho == 1:
        raise InputError("without dropout xi_c has no maximum: it diverges; see .critical_points and .divergence")
    bias = variance(sigma_b2, "sigma_b2")
    points = [p for p in critical_points(phi, sp.Integer(1), {"sigma_b2": bias}, 15, False) if p.stable]
    if not points:
        raise DomainError(f"{phi} has no stable critical point at sigma_b2 = {bias} without dropout to start from")
    middle = float(points[-1].sigma_w2)

    def forgetting(weight: Any) -> Any:
        """1 - chi_c."""
        with mpmath.workdps(40):
            found = fixed_points(phi, Layer(exact_number(weight), bias, rho), 22)[-1]
            return 1 - to_mpf(found.chi_c)

    width = min(0.6, 3 * float(mpmath.sqrt(1 - to_mpf(rho))))  # the peak has the width (1 - rho)^(1/2)
    best = _minimum(forgetting, middle * (1 - width), middle * (1 + width))
    exact = exact_number(best)
    point = fixed_points(phi, Layer(exact, bias, rho), digits)[-1]
    return Memory(mpf_to_sympy(best, 10), point.xi_c, point.c, point.q)


def _minimum(f: Any, low: float, high: float) -> Any:
    """Golden sections, then parabolas through three close points."""
    golden = (mpmath.sqrt(5) - 1) / 2
    a, b = mpmath.mpf(low), mpmath.mpf(high)
    c, d = b - golden * (b - a), a + golden * (b - a)
    fc, fd = f(c), f(d)
    size = b - a
    while b - a > size / 12:
        if fc < fd:
            b, d, fd = d, c, fc
            c = b - golden * (b - a)
            fc = f(c)
        else:
            a, c, fc = c, d, fd
            d = a + golden * (b - a)
            fd = f(d)
    if min(a - low, high - b) <= 0:
        raise PrecisionError(f"xi_c has no maximum for sigma_w2 between {low:.4g} and {high:.4g}")
    x = (a + b) / 2
    for step in (size / 40, size / 1000, size / 30000):
        left, here, right = f(x - step), f(x), f(x + step)
        bend = left - 2 * here + right
        if bend > 0:
            x -= min(step * 20, max(-step * 20, step * (right - left) / (2 * bend)))
    return x
