"""The smallest critical weight variance as a result, and piecewise linear activations, whose case is exact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.activations import VARIABLE, Activation
from derive.difference.proofs.enclosure import Condition
from derive.errors import DomainError
from derive.networks.critical.ends import one_sided
from derive.networks.critical.means import Moments
from derive.numerics.ball import Ball

__all__ = ["CriticalMinimum", "corner_value", "everywhere", "steps", "vanishes_at_zero"]


@dataclass(frozen=True)
class CriticalMinimum:
    r"""The smallest weight variance of the critical set, where it is, and what was shown.

    ``place`` is ``"boundary"`` (sigma_b2 = 0, q > 0), ``"interior"`` (sigma_b2 > 0), ``"corner"`` (sigma_b2 = 0 and
    q = 0), ``"everywhere"`` (every q is critical at this weight variance, sigma_b2 = 0; ``q`` is None) or
    ``"infinity"`` (an infimum that is approached as q -> oo and not attained; ``q`` is oo, ``sigma_b2`` None).
    Numbers are Floats with the digits asked for, or balls; exact values stay exact.  In every case but
    ``"everywhere"`` the place is unique.
    """

    activation: Activation
    sigma_w2: Any
    sigma_b2: Any
    q: Any
    place: str
    conditions: tuple[Condition, ...]

    @property
    def attained(self) -> bool:
        """Whether the value is a minimum (and not only an infimum)."""
        return self.place != "infinity"

    def report(self) -> str:
        """The conditions with their evidence, one a line."""
        return "\n".join(map(str, self.conditions))

    def _repr_latex_(self) -> str:
        word = r"\min" if self.attained else r"\inf"
        text = self.sigma_w2.latex() if isinstance(self.sigma_w2, Ball) else sp.latex(self.sigma_w2)
        return rf"$\displaystyle {word}_{{\chi_1 = 1}} \sigma_w^2 = {text}$"


def _piecewise_slopes(phi: Activation) -> list[sp.Expr] | None:
    """The slopes of a piecewise linear activation, or None."""
    slopes = [sp.diff(p.expr, VARIABLE) for p in phi.pieces]
    return None if any(s.has(VARIABLE) for s in slopes) else slopes


def vanishes_at_zero(phi: Activation) -> bool:
    """Whether phi(0) = 0."""
    return sp.simplify(phi(sp.Integer(0))) == 0


def corner_value(moments: Moments) -> sp.Expr:
    """D(0+), exactly: the mean of the squared one-sided slopes."""
    sides = [one_sided(moments.slope, side)[0] for side in (1, -1)]
    value = sp.simplify(sum(e.subs(VARIABLE, 0) ** 2 for e in sides) / 2)
    if not value.is_finite:
        raise DomainError(f"the slope of {moments.phi} is infinite at 0, where weight variances near 0 are critical")
    return value


def everywhere(moments: Moments) -> CriticalMinimum | None:
    """Linear on either side of 0: D is constant and V = q D, so chi_1 = 1 is one weight variance for every q."""
    phi = moments.phi
    linear = _piecewise_slopes(phi) is not None and set(phi.kinks) <= {sp.S.Zero} and vanishes_at_zero(phi)
    if not linear:
        return None
    shown = Condition("phi is linear on either side of 0 and phi(0) = 0", "then V(q) = q D with D constant, exactly")
    return CriticalMinimum(phi, 1 / corner_value(moments), sp.S.Zero, None, "everywhere", (shown,))


def steps(moments: Moments) -> CriticalMinimum | None:
    """Piecewise linear and nowhere steeper (in mean square of the two sides) than at 0: the corner."""
    phi, slopes = moments.phi, _piecewise_slopes(moments.phi)
    if slopes is None or not vanishes_at_zero(phi):
        return None
    corner = corner_value(moments)
    cuts = sorted({abs(k) for k in phi.kinks if k != 0})
    points = [(a + b) / 2 for a, b in zip([sp.S.Zero, *cuts], [*cuts, cuts[-1] + 2], strict=True)]
    slope = moments.slope
    values = [sp.simplify((slope(x) ** 2 + slope(-x) ** 2) / 2 - corner) for x in points]
    if values[0] != 0 or not all(v.is_nonpositive for v in values) or all(v == 0 for v in values):
        return None
    shown = Condition("phi'(x)^2 + phi'(-x)^2 is at most its value at 0", "a step function, compared exactly")
    return CriticalMinimum(phi, 1 / corner, sp.S.Zero, sp.S.Zero, "corner", (shown,))
