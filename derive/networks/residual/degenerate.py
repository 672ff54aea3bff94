r"""Residual networks whose layers act linearly on the lengths: no weights, no branch, or no signal.

* :math:`\sigma_w = 0`: every unit sees its bias only, q is :math:`\sigma_b^2` for both inputs, so p grows by the same
  amount at each layer, p - gamma never changes and gradients pass unchanged.
* :math:`\sigma_v = 0`: the branch adds only biases; the same with :math:`V\varphi` switched off.
* no biases and p0 = 0 with :math:`\varphi(0) = 0`: the signal stays zero, gradients grow by
  :math:`1 + \sigma_v^2\sigma_w^2\varphi'(0)^2` per layer.

These cases have closed forms at every depth; the general solvers, which divide by :math:`\sigma_w^2` and expand for a
growing p, do not cover them.
"""

from __future__ import annotations

import sympy as sp

from derive.activations import Activation
from derive.errors import DomainError
from derive.networks.values import RunValues

__all__ = ["degenerate_value"]


def degenerate_value(phi: Activation, values: RunValues, quantity: str, depth: int) -> sp.Expr | None:
    """The exact value of ``quantity`` at ``depth``, or ``None`` where the run is not degenerate."""
    from derive.expectations import V

    if values.sigma_w2 == 0 or values.sigma_v2 == 0:
        return _constant_growth(values, quantity, depth, values.sigma_v2 * V(phi, values.sigma_b2))
    at_zero = phi(sp.Integer(0))
    if values.p0 == values.sigma_b2 == values.sigma_a2 == 0 and at_zero == 0:
        return _silent(phi, values, quantity, depth)
    return None


def _constant_growth(values: RunValues, quantity: str, depth: int, branch: sp.Expr) -> sp.Expr:
    growth = branch + values.sigma_a2
    p = values.p0 + depth * growth
    if quantity == "p":
        return p
    if quantity == "q":
        return values.sigma_w2 * (p - growth) + values.sigma_b2
    if quantity == "log_chi_ratio":
        return sp.Integer(0)
    s = values.s0
    if quantity == "lam":
        return values.sigma_w2 * (p - growth - s) + values.sigma_b2
    if quantity == "e" and p == 0:
        raise DomainError("p is zero at every depth for these variances, so e has no meaning; give p0 > 0 or a bias")
    return {"s": s, "gamma": p - s, "e": 1 - s / p if p != 0 else sp.nan}[quantity]


def _silent(phi: Activation, values: RunValues, quantity: str, depth: int) -> sp.Expr:
    if quantity == "log_chi_ratio":
        slope = phi.diff(1)(sp.Integer(0))
        return depth * sp.log(1 + values.sigma_v2 * values.sigma_w2 * slope**2)
    if quantity == "e":
        raise DomainError("p is zero at every depth for these variances, so e has no meaning; give p0 > 0 or a bias")
    return sp.Integer(0)
