r"""Derivatives of Gaussian means with respect to variances and covariances.

*Smooth functions.*  The Gaussian density solves the heat equation: d/dq E f = E f''/2, d/dq_1 E f g = E f''g/2 and
d/dlam E f g = E f'g' (Price 1958).

*Kinks.*  f(sqrt(q) z) differentiated under the integral gives, with rho the N(0, q) density and J_k the jump of f at k,

.. math::

    \partial_q E f = \frac{1}{2q}\Bigl(E\,x f'(x) + \sum_k J_k\,k\,\rho(k)\Bigr),\qquad
    \partial_{q_1} E f g = \frac{1}{2q_1}\bigl(E\,x f'(x)\,g - \lambda\, E f'g'\bigr),

the second for continuous f and g (scaling u_1 changes q_1 and lam together).  A homogeneous f has x f' = a f.  Both
hold where f' exists almost everywhere; at 0 any integrable singularity is allowed in the first.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.activations import Activation
from derive.errors import UnsupportedError

__all__ = ["covariance_slope", "mean_slope", "product_slope", "variance_slope"]


def mean_slope(f: Activation, q: sp.Expr) -> sp.Expr:
    """Return d/dq E(f, q)."""
    from derive.expectations.functions import E

    if f.is_smooth:
        return E(f.diff(2), q) / 2
    degree = _degree(f)
    if degree is not None:
        return degree * E(f, q) / (2 * q)
    return (E(_times_x(f), q) + sum((j * k * _density(k, q) for k, j in _jumps(f)), sp.S.Zero)) / (2 * q)


def variance_slope(phi: Activation, q: sp.Expr) -> sp.Expr:
    """Return d/dq V(phi, q): E(phi phi'' + phi'^2, q) for smooth phi."""
    from derive.expectations.functions import E, V

    if phi.is_smooth:
        first, second = phi.diff(1).expr, phi.diff(2).expr
        return E(Activation(phi.expr * second + first**2), q)
    degree = _degree(phi)
    return mean_slope(Activation(phi.expr**2), q) if degree is None else degree * V(phi, q) / q


def covariance_slope(f: Activation, g: Activation, *numbers: sp.Expr) -> sp.Expr:
    """Return d/dlam E(f, g, q1, q2, lam) = E(f', g', q1, q2, lam)."""
    from derive.expectations.functions import E

    return E(_derivative(f), _derivative(g), *numbers)


def product_slope(f: Activation, g: Activation, q1: sp.Expr, q2: sp.Expr, lam: sp.Expr) -> sp.Expr:
    """Return d/dq1 E(f, g, q1, q2, lam)."""
    from derive.expectations.functions import E

    try:
        second = f.diff(2)
    except UnsupportedError:
        degree = _degree(f)
        scaled = E(_times_x(f), g, q1, q2, lam) if degree is None else degree * E(f, g, q1, q2, lam)
        return (scaled - lam * covariance_slope(f, g, q1, q2, lam)) / (2 * q1)
    return E(second, g, q1, q2, lam) / 2


def _derivative(f: Activation) -> Activation:
    if any(order <= 0 for order in f.kink_orders):
        places = ", ".join(str(k) for k, order in zip(f.kinks, f.kink_orders, strict=True) if order <= 0)
        raise UnsupportedError(
            f"{f} jumps at {places}, so its derivative holds a point mass and the derivative of this mean is not a "
            "mean of activations; differentiate its closed form (.doit()) or its expansion instead"
        )
    return f.derivative_away_from_kinks(1)


def _times_x(f: Activation) -> Activation:
    """x f'(x), by pieces."""
    x = f.variable
    slope = f.derivative_away_from_kinks(1).expr
    if isinstance(slope, sp.Piecewise):
        return Activation(sp.Piecewise(*((x * e, c) for e, c in slope.args)))
    return Activation(x * slope)


def _degree(f: Activation) -> sp.Expr | None:
    """The degree a of a function that is homogeneous (x f' = a f on every piece, its only kink 0), else None."""
    if f.kinks != (0,):
        return None
    x, degree = f.variable, None
    for piece in f.pieces:
        if piece.expr == 0:
            continue
        found = sp.cancel(x * sp.diff(piece.expr, x) / piece.expr)
        if found.has(x) or (degree is not None and found != degree):
            return None
        degree = found
    return degree


def _jumps(f: Activation) -> list[tuple[sp.Expr, sp.Expr]]:
    """The places other than 0 where f jumps, and by how much."""
    found: list[tuple[sp.Expr, sp.Expr]] = []
    for left, right, order in zip(f.pieces, f.pieces[1:], f.kink_orders, strict=False):
        k: Any = right.left
        if order > 0 or k == 0:
            continue
        if order < 0:
            raise UnsupportedError(f"{f} is singular at {k}; no rule for the derivative of its mean")
        jump = right.expr.subs(f.variable, k) - left.expr.subs(f.variable, k)
        found.append((k, sp.simplify(jump)))
    return found


def _density(x: sp.Expr, q: sp.Expr) -> sp.Expr:
    return sp.exp(-(x**2) / (2 * q)) / sp.sqrt(2 * sp.pi * q)
