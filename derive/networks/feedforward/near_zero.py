"""Where the search for fixed lengths begins: the neighbourhood of q = 0, with or without biases."""

from __future__ import annotations

from typing import Any

import mpmath
import sympy as sp
from flint import arb, ctx

from derive.activations import Activation
from derive.errors import DeriveError
from derive.networks.feedforward.ends import (
    concave_near_zero,
    curvature_at_zero,
    scale_free,
    settled_near_zero,
    slope_at_zero,
)
from derive.networks.feedforward.isolate import BITS, Bracket
from derive.networks.feedforward.values import Layer
from derive.numerics.compile import to_arb, to_mpf
from derive.numerics.exact import sign_of

__all__ = ["near_zero"]


def near_zero(length: Any, gain: Any) -> tuple[Any, bool, Any, list[Bracket], list[str]]:
    """Where the search begins, whether q = 0 is fixed, Q'(0), brackets found on the way, and what was not proved."""
    phi, layer = length.phi, length.layer
    with ctx.workprec(BITS):
        if sign_of(layer.sigma_b2) > 0:
            low = arb((to_arb(layer.sigma_b2) * 0.999).lower())
            return _with_bias(length, gain, low)
        silent = _value_at_zero(phi)
        if silent != 0:
            return _away_from_zero(length, gain)
        power = scale_free(phi)
        if power is not None:
            return _by_power(gain, *power), True, _first_slope(layer, (power[1], power[0])), [], []
        leading = slope_at_zero(phi)
        exponent = sp.oo if leading is None else leading[0]
        slope = _first_slope(layer, leading)
        if leading is not None and exponent == 1 and abs(slope - 1) > 0.05:
            q1 = settled_near_zero(phi, gain, length.variance_ball)
            if q1 is not None:
                return q1, True, slope, [], []
        found = _convex_start(length, gain)
        if found is not None:
            return found[0], True, slope, found[1], []
        q1 = settled_near_zero(phi, gain, length.variance_ball)
        if q1 is not None:
            return q1, True, slope, [], []
    return arb(2) ** -80, True, slope, [], [f"q below 2^-80 was not searched for {phi} (no bound of V there)"]


def _by_power(gain: Any, v: sp.Expr, a: sp.Expr) -> Any:
    """V = v q^a exactly, a not 1: half of the one positive root of A v q^a = q."""
    return arb((((gain * to_arb(v)) ** (1 / to_arb(1 - a))) / 2).lower())


def _first_slope(layer: Layer, leading: tuple[sp.Expr, sp.Expr] | None) -> Any:
    """Q'(0) from the leading power of V."""
    if leading is None or leading[0] > 1:
        return mpmath.mpf(0)
    return mpmath.inf if leading[0] < 1 else to_mpf(layer.gain * leading[1])


def _with_bias(length: Any, gain: Any, low: Any) -> tuple[Any, bool, Any, list[Bracket], list[str]]:
    """B > 0: where V is concave on [0, q1] and F(0) = B > 0, F has one root there if F(q1) < 0 and none if F(q1) >
    0."""
    phi = length.phi
    bent = low < 1e-3 and phi.is_smooth and sign_of(curvature_at_zero(phi)) < 0  # else the cells are few anyway
    found = concave_near_zero(phi) if bent else None
    if found is not None:
        q1 = arb(to_arb(found[1]).lower())
        end = gain * length.variance_ball(q1) + to_arb(length.layer.sigma_b2) - q1
        if q1 > low and (end > 0 or end < 0):
            return q1, False, None, [Bracket(low, q1, True)] if end < 0 else [], []
    return low, False, None, [], []


def _value_at_zero(phi: Activation) -> sp.Expr:
    """phi(0), or what the mean of phi^2 tends to."""
    try:
        value = phi(sp.Integer(0))
    except DeriveError:
        return sp.Integer(1)
    if sp.S.Zero in phi.kinks and phi.kink_orders[phi.kinks.index(sp.S.Zero)] <= 0:
        return sp.Integer(1)
    return sp.simplify(value)


def _away_from_zero(length: Any, gain: Any) -> tuple[Any, bool, Any, list[Bracket], list[str]]:
    r"""V(0) > 0.  For q <= t, V(q) >= V at 0 less what |phi| can lose near 0: found from balls on |x| <= r."""
    from derive.numerics.compile import compile_ball

    phi = length.phi
    for k in range(1, 40):
        r = arb(2) ** -k
        values = [
            compile_ball(p.expr, (phi.variable,))(
                (-r).union(r) if not (p.left == 0 or p.right == 0) else arb(0).union(r if p.left == 0 else -r)
            )
            for p in phi.pieces
            if p.left < 2.0**-k and p.right > -(2.0**-k)
        ]
        if not values or not all(v.is_finite() for v in values):
            continue
        least = min((abs(v).lower() for v in values), key=float)
        if least > 0:
            # half of the mass of |x| lies within r for q <= r^2
            low = gain * least * least / 2
            return arb(min((low * 0.99).lower(), r * r, key=float)), False, None, [], []
    return arb(2) ** -80, False, None, [], [f"q below 2^-80 was not searched for {phi}"]


def _convex_start(length: Any, gain: Any) -> tuple[Any, list[Bracket]] | None:
    """Roots in (0, q1], where V'' keeps its sign: F(0) = 0, so one at most, and it is there if F changes sign."""
    found = concave_near_zero(length.phi)
    if found is None:
        return None
    leading = slope_at_zero(length.phi)
    if leading is None:
        return None
    sign, reach = found
    linear = gain * to_arb(leading[1]) - 1 if leading[0] == 1 else arb(-1)
    exact = sp.simplify(length.layer.gain * leading[1] - 1) if leading[0] == 1 else sp.Integer(-1)
    start = 0 if exact == 0 else 1 if linear > 0 else -1 if linear < 0 else None
    if start is None:
        return None
    q1 = arb(to_arb(reach).lower())
    end = gain * length.variance_ball(q1) - q1
    if start == 0 or start == sign:
        return q1, []  # F leaves 0 in the direction in which it bends: no root
    if not (end > 0 or end < 0):
        return None
    if (end > 0) == (start > 0):
        return q1, []
    low = q1
    for _ in range(2000):  # the root: left of q1, where F has the sign of its slope at 0
        low = arb((low / 4).mid())
        value = gain * length.variance_ball(low) - low
        if (value > 0 and start > 0) or (value < 0 and start < 0):
            return q1, [Bracket(low, q1, start > 0)]
    return None
