r"""The fixed point of the covariance map: one variance q*, one correlation c*.

Every entry of C(Sigma) with equal variances depends on its own correlation only, and A star leaves matrices that are
constant on and off the diagonal as they are.  So :math:`\Sigma^* = q^*(\delta + (1-\delta)c^*)` with

.. math:: q^* = \sigma_w^2 V(q^*) + \sigma_b^2, \qquad
   q^* (1 - c^*) = \sigma_w^2 \bigl(V(q^*) - W(q^*, c^* q^*)\bigr).

These are the equations of a feed-forward network, solved in :mod:`derive.networks.feedforward.fixed_points`; q* is the
limit of the lengths from a start q0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.activations import Activation
from derive.display import ShownAsTable
from derive.errors import DomainError, PrecisionError
from derive.networks.feedforward.fixed_points import FixedPoint, FixedPoints, fixed_points
from derive.networks.feedforward.trajectory import iterate
from derive.networks.feedforward.values import Layer, Start
from derive.numerics.compile import mpf_to_sympy

__all__ = ["ConvolutionalFixedPoint", "fixed_point"]

_LAYERS = 60


@dataclass(frozen=True)
class ConvolutionalFixedPoint(ShownAsTable):
    """q*, c* and the eigenvalues of the C-map there.

    ``chi_q`` belongs to perturbations of one variance, ``chi_c`` to those of one covariance, ``chi_1`` is the slope of
    the correlation map at c = 1; ``phase`` is ``"ordered"`` (chi_1 < 1, c = 1) or ``"chaotic"`` (chi_1 > 1, c < 1).
    """

    q: sp.Float
    c: sp.Expr
    one_minus_c: sp.Expr
    chi_1: sp.Float
    chi_q: sp.Float
    chi_c: sp.Float
    phase: str

    def covariance(self, size: int) -> sp.Matrix:
        """Sigma* on ``size`` positions."""
        return sp.Matrix(size, size, lambda a, b: self.q if a == b else self.q * self.c)


def fixed_point(phi: Activation, sigma_w2: sp.Expr, sigma_b2: sp.Expr, q0: sp.Expr, digits: int) -> Any:
    """The fixed point reached from the variance ``q0``, to ``digits`` digits."""
    layer = Layer(sigma_w2, sigma_b2, sp.Integer(1))
    point = _reached(phi, layer, q0, fixed_points(phi, layer, digits))
    if point.phase == "critical":
        raise PrecisionError(
            f"chi_1 = 1 to {digits} digits: at the critical line the correlation approaches 1 algebraically and no "
            "rate exists; move the variances or ask for more digits"
        )
    return ConvolutionalFixedPoint(
        point.q, point.c, point.one_minus_c, point.chi_1, point.chi_q, point.chi_c, point.phase
    )


def _reached(phi: Activation, layer: Layer, q0: sp.Expr, found: FixedPoints) -> FixedPoint:
    """The stable point whose basin the lengths from q0 are in, after some layers where there is a choice."""
    if len(found) == 1 and not found.unstable and not found.unbounded:
        point = found[0]
    else:
        q = _some_layers_on(phi, layer, q0, 2 * max(p.basin[0] + p.q for p in found))
        inside = [p for p in found if p.q == q or p.basin[0] < q < p.basin[1]]
        if any(abs(q / u - 1) < sp.Rational(1, 10**10) for u in found.unstable if u):
            raise PrecisionError(f"q0 = {q0} leads to an unstable fixed point of {phi}; give another start q0")
        if not inside:
            raise DomainError(
                f"the variance grows without bound for {phi} from q0 = {q0}: no fixed point; lower sigma_w2 or q0"
            )
        point = inside[0]
    if point.q == 0:
        raise DomainError(f"the variance tends to 0 for {phi}: every signal dies; raise sigma_w2 or sigma_b2")
    return point


def _some_layers_on(phi: Activation, layer: Layer, q0: sp.Expr, far: Any) -> Any:
    """The length some layers after q0, or a length above ``far``."""
    q: Any = q0
    for _, row in zip(range(_LAYERS), iterate(phi, layer, Start(q0), 15), strict=False):
        q = mpf_to_sympy(row["q"], 15)
        if q > far:
            break
    return q
