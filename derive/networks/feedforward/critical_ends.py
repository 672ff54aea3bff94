r"""Between which lengths the edge of chaos has to be searched, with proofs.

With :math:`D = E\varphi'^2` the equation for q is :math:`G = (q - \sigma_b^2)D - V = 0` where the bias variance is
given, and :math:`G = D - \rho/\sigma_w^2 = 0` where the weight variance is.

Near zero: G < 0 for :math:`0 < q \le \sigma_b^2`.  Where the expansions with remainders of D, V and their derivatives
(:math:`(E f)' = E f''/2`) show that D falls on :math:`(0, q_0]`, and that K = q D - V is negative or rises there, the
functions D and K/D are monotone: there is one zero in :math:`(0, q_0]` if G changes sign, and none otherwise.
Elsewhere balls of D and V on all of :math:`(0, q_0]` decide (:mod:`derive.networks.critical.ends`).  At infinity the
expansions in powers of :math:`q^{-1/2}` with their remainders decide.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import sympy as sp
from flint import arb, ctx

from derive.activations import VARIABLE, Activation
from derive.errors import DeriveError
from derive.expectations.balls import expectation_ball
from derive.networks.critical.ends import corner_decreases, near_zero, scaled, tail_of
from derive.networks.critical.means import Moments
from derive.networks.critical.small_series import Rests, added, first_sign, small_expansion
from derive.networks.feedforward.isolate import BITS, Bracket
from derive.numerics.compile import to_arb
from derive.numerics.exact import sign_of

__all__ = ["high_end", "low_end"]

_LOW, _HIGH = 1e-3, 500.0  # where nothing is proved


def low_end(phi: Activation, name: str, target: sp.Expr) -> tuple[Any, list[Bracket], str]:
    """q_0, the zeros of G in (0, q_0], and what was not searched.

    ``name`` is the variance given, ``target`` sigma_b2 or rho/sigma_w2.
    """
    biased = name == "sigma_b2" and sign_of(target) > 0
    with ctx.workprec(BITS):
        start = arb((to_arb(target) * 0.999).lower()) if biased else None
        if start is not None and start > _LOW:
            return start, [], ""
        with suppress(DeriveError):
            moments = Moments(phi)
            start = _by_balls(moments, name, target) if start is None else start
            if start is not None and start > _LOW:
                return start, [], ""
            found = _monotone(moments, name, target)
            if found is not None:
                return (*found, "")
        if start is not None:
            return start, [], ""
    return arb(_LOW), [], f"q below {_LOW} was not searched"


def _monotone(moments: Moments, name: str, target: sp.Expr) -> tuple[Any, list[Bracket]] | None:
    """(q_0, the zero in (0, q_0] if there is one), where the expansions show that G can have one at most."""
    if name == "sigma_b2" and target == 0:  # K = 0
        found = first_sign(small_expansion({1: moments.slope.expr**2, 0: -(moments.phi.expr**2)}))
        return None if found is None else (found[0], [])
    q = _signs_hold_to(moments, name)
    if q is None:
        return None
    second, slope = (
        lambda at, f=f: expectation_ball(f, at, BITS - 16) for f in (moments.phi.expr**2, moments.slope.expr**2)
    )
    given = to_arb(target)
    if name == "sigma_w2":
        start, end = to_arb(moments.slope(sp.Integer(0)) ** 2 - target), slope(q) - given
    else:  # K/D rises from 0 or is negative
        start, end = -given, (q - given) * slope(q) - second(q)
    if start.is_zero():
        return q, []
    if not ((start > 0 or start < 0) and (end > 0 or end < 0)):
        return None
    if (start > 0) == (end > 0):
        return q, []
    low = q
    for _ in range(2000):
        low = arb((low / 4).mid())
        value = slope(low) - given if name == "sigma_w2" else (low - given) * slope(low) - second(low)
        if (value > 0 and start > 0) or (value < 0 and start < 0):
            return q, [Bracket(low, q, bool(start > 0))]
    return None


def _signs_hold_to(moments: Moments, name: str) -> Any | None:
    """q_0 with D' < 0 on (0, q_0] and, where the bias is given, K < 0 or K' > 0 there; None where that is not shown."""
    square, slope = moments.phi.expr**2, moments.slope.expr**2
    falls = first_sign(small_expansion({0: sp.diff(slope, VARIABLE, 2) / 2}))
    if falls is None or falls[1] > 0:
        return None
    if name == "sigma_w2":
        return falls[0]
    K = first_sign(small_expansion({1: slope, 0: -square}))
    if K is not None and K[1] < 0:
        return min(falls[0], K[0], key=float)
    parts = {0: slope - sp.diff(square, VARIABLE, 2) / 2, 1: sp.diff(slope, VARIABLE, 2) / 2}
    rises = first_sign(small_expansion(parts))  # K' = D + q D' - V'
    return min(falls[0], rises[0], key=float) if rises is not None and rises[1] > 0 else None


def _by_balls(moments: Moments, name: str, target: sp.Expr) -> Any | None:
    given, corner = to_arb(target), _at_corner(moments.phi, target) if name == "sigma_w2" else False
    for j in range(1, 60, 2):
        reach = arb(2) ** -j
        q = arb((reach * reach / 64).mid())
        D = near_zero(moments, "D", q, reach)
        if D is None:
            continue
        if name == "sigma_w2":
            if given < D or given > D or (corner and corner_decreases(moments, q, reach)):
                return q
            continue
        V = near_zero(moments, "V", q, reach)
        if V is not None and arb(0).union(q) * D < V:
            return q
    return None


def _at_corner(phi: Activation, target: sp.Expr) -> bool:
    """Whether D(0) is the target, exactly."""
    if sp.S.Zero in phi.kinks:
        return False
    return sp.simplify(phi.diff(1)(sp.Integer(0)) ** 2 - target) == 0


def high_end(phi: Activation, name: str, target: sp.Expr) -> tuple[Any, str]:
    """q_1 such that G has no zero beyond, or a large q and what was not searched."""
    with ctx.workprec(BITS):
        with suppress(DeriveError):
            tail = tail_of(Moments(phi))
            if tail is not None:
                terms, rests = _far_terms(tail, name, target)
                for k in range(4, 2000, 2):
                    ball = scaled(terms, rests, arb(2) ** (-arb(k) / 2))
                    if ball > 0 or ball < 0:
                        return arb(2) ** k, ""
        high = arb(max(_HIGH, 100 * float(target) if name == "sigma_b2" else 0.0))
    return high, f"q above {float(high):.4g} was not searched (no expansion of {phi} there)"


def _far_terms(tail: Any, name: str, target: sp.Expr) -> tuple[dict[sp.Expr, sp.Expr], Rests]:
    """G in powers of t = q^(-1/2): D - target, or q F - sigma_b2 D with F = D - V/q."""
    if name == "sigma_w2":
        return added(tail.D, {sp.S.Zero: -target}), (tail.D_rest,)
    terms = added({e - 2: c for e, c in tail.F.items()}, {e: -target * c for e, c in tail.D.items()})
    bias = (to_arb(target) * tail.D_rest[0], tail.D_rest[1])
    return terms, (*((c, e - 2) for c, e in tail.F_rests), *((bias,) if target != 0 else ()))
