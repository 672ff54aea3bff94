r"""Where the search for fixed points of :math:`Q(q) = A\,V(q) + B` may begin and end, with proofs.

Near 0 (only B = 0 needs an argument, since :math:`Q \ge B`).  Where the Taylor remainder of
:math:`V'' = E(\varphi^2)''''/4` is bounded (:func:`~derive.expectations.expectation_small_remainder`), V'' keeps its
sign on :math:`[0, q_1]`, so that F = Q - q is convex or concave there and its roots are counted by signs at the ends.
Elsewhere, with :math:`|\varphi(x)/x - a_\pm| \le D r` for :math:`0 < \pm x \le r` from the second derivative of the
pieces,

.. math:: \bigl|V(q)/q - \tfrac12(a_+^2 + a_-^2)\bigr| \le D'r + \sqrt2\,\frac{V(2q)}q e^{-r^2/4q} + \dots

Far out, V is bounded by its exact large-variance terms and their remainder, by the square of sup|phi|, or from
:math:`|\varphi| \le M` on :math:`[-X, X]` and :math:`|\varphi(x)| \le C|x/X|^n` beyond:
:math:`V(q) \le M^2 + C^2\,E|z|^{2n}\,(q/X^2)^n`, which for n < 1 falls behind q.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy as sp
from flint import arb, ctx

from derive.activations import VARIABLE, Activation
from derive.errors import DeriveError, UnsupportedError
from derive.expectations.homogeneous import closed_variance, homogeneous
from derive.networks.feedforward.isolate import BITS
from derive.numerics.compile import compile_ball, to_arb

__all__ = [
    "Far",
    "concave_near_zero",
    "curvature_at_zero",
    "far_end",
    "scale_free",
    "settled_near_zero",
    "slope_at_zero",
]


@dataclass(frozen=True)
class Far:
    """Beyond ``q`` the sign of Q - q is ``sign`` (-1: lengths fall, +1: they grow); ``proved`` says whether for
    sure."""

    q: Any
    sign: int
    proved: bool
    reason: str = ""


def scale_free(phi: Activation) -> tuple[sp.Expr, sp.Expr] | None:
    """(v, a) with V(q) = v q^a exactly, for homogeneous phi (ReLU and its powers, monomials); else None."""
    form = homogeneous(phi)
    return None if form is None else (sp.simplify(closed_variance(form, sp.S.One)), form.degree)


@lru_cache(maxsize=128)
def slope_at_zero(phi: Activation) -> tuple[sp.Expr, sp.Expr] | None:
    """(exponent, coefficient) of the leading power of V(q) as q -> 0, or None where V(0) = 0 to all orders known."""
    from derive.expectations import variance_small_terms

    for order in (1, 2, 4, 8):
        terms = {e: c for e, c in variance_small_terms(phi, sp.Rational(order) + sp.Rational(1, 2)).items() if c != 0}
        if terms:
            least = min(terms)
            return least, sp.simplify(terms[least])
    return None


@lru_cache(maxsize=128)
def curvature_at_zero(phi: Activation) -> sp.Expr:
    """(phi^2)''''(0) of a smooth phi, from its Taylor coefficients."""
    a = phi.taylor(4)
    return sp.simplify(24 * (2 * a[0] * a[4] + 2 * a[1] * a[3] + a[2] ** 2))


@lru_cache(maxsize=128)
def concave_near_zero(phi: Activation) -> tuple[int, sp.Expr] | None:
    """(sign of V'' on [0, q1], q1), where that can be proved; None elsewhere."""
    from derive.expectations import expectation_small_remainder

    x = VARIABLE
    with suppress(DeriveError):
        if not phi.is_smooth:
            return None
        start = curvature_at_zero(phi)
        if start == 0:
            return None
        fourth = sp.diff(phi.expr**2, x, 4)
        bound, exponent, _ = expectation_small_remainder(fourth, 1)
        if exponent != 1:
            return None
        sign = 1 if start > 0 else -1
        if bound == 0:
            return sign, sp.Integer(1)
        return sign, sp.Rational(99, 100) * abs(start) / bound
    return None


def settled_near_zero(phi: Activation, gain: Any, variance: Any) -> Any | None:
    """q1 > 0 such that Q(q) - q (with B = 0) has no root in (0, q1], proved; None where it could not be shown."""
    leading = slope_at_zero(phi)
    if leading is None or leading[0] < 1:
        return None
    with ctx.workprec(BITS):
        target = to_arb(leading[1]) if leading[0] == 1 else arb(0)
        excess = gain * target - 1
        if not (excess > 0 or excess < 0):
            return None
        radius = arb(1)
        for _ in range(60):
            spread = _ratio_spread(phi, radius)
            q1 = arb((radius * radius / 400).mid())
            if spread is not None:
                # E z^2 over |x| > r, and the far part of V, both below sqrt(2) e^{-r^2/4q} times a mean at 2q
                far = arb(2).sqrt() * (-radius * radius / (4 * q1)).exp() * (variance(2 * q1) / q1 + 2 * target)
                if gain * (spread + far) < abs(excess):
                    return q1
            radius = arb((radius / 4).mid())
    return None


def _ratio_spread(phi: Activation, r: Any) -> Any | None:
    """A bound of |(phi(x)/x)^2 - a_side^2| for 0 < |x| <= r, or None."""
    x, worst = phi.variable, arb(0)
    for side in (1, -1):
        piece = next(
            (
                p
                for p in phi.pieces
                if (p.left < 0 or side > 0) and (p.right > 0 or side < 0) and (p.left <= 0 <= p.right)
            ),
            None,
        )
        if piece is None:
            return None
        with suppress(DeriveError, ValueError, ZeroDivisionError):
            slope = to_arb(sp.diff(piece.expr, x).subs(x, 0))
            reach = arb(0).union(side * r)
            end = piece.right if side > 0 else piece.left
            if not end.is_infinite and abs(to_arb(end)) < r:
                return None
            second = compile_ball(sp.diff(piece.expr, x, 2), (x,))(reach)
            if not (second.is_finite() and slope.is_finite()):
                return None
            d = abs(second).upper() * r / 2
            worst = max(worst, (2 * abs(slope) + d) * d, key=float)
            continue
        return None
    return worst


def far_end(phi: Activation, gain: sp.Expr, offset: sp.Expr) -> Far:
    """Where the search may stop, for A = gain > 0 and B = offset, exact."""
    with ctx.workprec(BITS):
        for attempt in (_by_large_terms, _by_supremum, _by_power):
            with suppress(DeriveError, NotImplementedError):
                found = attempt(phi, gain, offset)
                if found is not None:
                    return found
    return Far(arb(10) ** 4, 0, False, f"no bound of V({phi}) at large q is known")


def _by_supremum(phi: Activation, gain: sp.Expr, offset: sp.Expr) -> Far | None:
    from derive.expectations.one_variable.integrand import integrand
    from derive.expectations.two_variables.line_bound import line_bound

    if not phi.is_bounded:
        return None
    if all(limit.is_finite for limit in phi.limits) and phi.is_increasing:
        largest = max((abs(to_arb(limit)).upper() for limit in phi.limits), key=float)
    else:
        log_size, growth = line_bound(integrand(phi), 1.0)
        if growth > 0:
            return None
        largest = arb(log_size).exp()
    q = (to_arb(gain) * largest * largest + to_arb(offset)) * 1.01
    return Far(arb(q.upper()), -1, True)


def _by_power(phi: Activation, gain: sp.Expr, offset: sp.Expr) -> Far | None:
    """V <= M^2 + C^2 E|z|^(2n) (q/X^2)^n, whose quotient by q falls for n < 1."""
    from derive.expectations.one_variable.integrand import integrand
    from derive.expectations.two_variables.line_bound import power_bound

    a, b = to_arb(gain), to_arb(offset)
    for start in (8.0, 64.0):
        try:
            middle, size, power = power_bound(integrand(phi), start)
        except UnsupportedError:
            continue
        if power >= 0.9:
            continue
        n, c, m = arb(max(power, 0.0)), (2 * arb(size)).exp(), (2 * arb(middle)).exp()
        moment = arb(2) ** n * (n + arb(1) / 2).gamma() / arb.pi().sqrt()
        q = arb(1)
        for _ in range(400):
            if a * (m + c * moment * (q / (arb(start) * start)) ** n) + b < q:
                return Far(arb(q.upper()), -1, True)
            q = 4 * q
    return None


def _by_large_terms(phi: Activation, gain: sp.Expr, offset: sp.Expr) -> Far | None:
    """The sign of F = A V + B - q from its leading large-q term, once that outweighs all others and the remainder."""
    for order in (sp.Rational(1, 4), sp.Rational(7, 4)):
        bound, exponent, least = _large_bound(phi, order)
        terms: dict[sp.Expr, sp.Expr] = {sp.Integer(1): sp.Integer(-1), sp.Integer(0): offset}
        for e, c in _large_terms(phi, order).items():
            terms[e] = terms.get(e, sp.Integer(0)) + gain * c
        terms = {e: c for e, c in terms.items() if sp.simplify(c) != 0}
        lead = max(terms, default=None)
        if lead is not None and lead > exponent:
            return _dominated(terms, lead, to_arb(gain) * to_arb(bound), exponent, least)
    return None


@lru_cache(maxsize=64)
def _large_terms(phi: Activation, order: sp.Expr) -> dict[sp.Expr, sp.Expr]:
    from derive.expectations import variance_terms

    return variance_terms(phi, order)


@lru_cache(maxsize=64)
def _large_bound(phi: Activation, order: sp.Expr) -> tuple[Any, sp.Expr, sp.Expr]:
    from derive.expectations import variance_remainder

    bound, exponent, least = variance_remainder(phi, order)
    return to_arb(bound), exponent, least


def _dominated(terms: dict, lead: sp.Expr, rest: Any, exponent: sp.Expr, least: sp.Expr) -> Far | None:
    """The first q = 2^k from which on the leading term is larger than the sum of the others (whose ratios to it
    fall)."""
    main = to_arb(terms[lead])
    if not (main > 0 or main < 0) or not rest.is_finite():
        return None
    others = [(abs(to_arb(c)), to_arb(e - lead)) for e, c in terms.items() if e != lead]
    q = arb(max(1, int(least) + 1))
    for _ in range(60):
        small = rest * q ** to_arb(exponent - lead) + sum((c * q**e for c, e in others), arb(0))
        if abs(main) > small:
            return Far(arb(q.upper()), 1 if main > 0 else -1, True)
        q = 2 * q
    return None
