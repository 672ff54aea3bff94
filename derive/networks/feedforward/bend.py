"""How the correlation map bends at c = 1: K and p of :mod:`derive.networks.feedforward.divergence`."""

from __future__ import annotations

from typing import Any

import mpmath
import sympy as sp

from derive.activations import Activation
from derive.errors import UnsupportedError
from derive.numerics.compile import to_mpf

__all__ = ["bending"]


def _jumps(phi: Activation) -> list[tuple[sp.Expr, sp.Expr]]:
    """Where phi' jumps, and by how much."""
    slope = [sp.diff(p.expr, phi.variable) for p in phi.pieces]
    found = []
    for i, (at, order) in enumerate(zip(phi.kinks, phi.kink_orders, strict=True)):
        if order == 1:
            found.append((at, sp.simplify((slope[i + 1] - slope[i]).subs(phi.variable, at))))
        elif order < 2 and not order.is_Integer:
            raise UnsupportedError(
                f"{phi} behaves like |x - k|^({order}) at k = {at}: no law for that exponent is known"
            )
    return found


def bending(phi: Activation, sigma_w2: Any, q: Any, digits: int) -> tuple[Any, sp.Expr]:
    """(K, p) of epsilon' = chi_1 epsilon - K epsilon^(1+p)."""
    from derive.expectations.values import variance_value

    jumps = _jumps(phi)
    if jumps:
        density = sum(to_mpf(j) ** 2 * mpmath.exp(-(to_mpf(k) ** 2) / (2 * q)) for k, j in jumps)
        density /= mpmath.sqrt(2 * mpmath.pi * q)
        return 2 * sigma_w2 * mpmath.sqrt(q / mpmath.pi) * density / 3, sp.Rational(1, 2)
    second = phi.derivative_away_from_kinks(2)
    return sigma_w2 * q * variance_value(second, q, digits) / 2, sp.Integer(1)
