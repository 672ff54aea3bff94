r"""What the correlation does where lengths vanish: q* = 0.

As q tends to 0 only the leading behaviour g of phi at 0 counts, :math:`g = a_\pm |x|^s`, and the correlation obeys the
limiting map :math:`c' = \rho\,W_g(1, c)/V_g(1)`.  For s = 1 without a kink g is linear and the map is :math:`c' = \rho
c`: with dropout correlations vanish, without it they stop moving, at a value that depends on the start.  (The
expansion around it contains :math:`q^{k-1}`, k the order of the next non-zero Taylor coefficient of phi, so c settles
at the rate :math:`\chi_q^{k-1}`.)  A kink or s > 1 leaves a genuine map; ReLU's has slope 1 at c = 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import mpmath
import sympy as sp

from derive.activations import VARIABLE, Activation
from derive.activations.local import local_series
from derive.errors import UnsupportedError
from derive.networks.feedforward.correlation import correlation_gap, gradient_factor, slope_product
from derive.networks.feedforward.values import Layer
from derive.numerics.compile import to_mpf

__all__ = ["Silent", "germ", "silent_correlation"]


@dataclass(frozen=True)
class Silent:
    """1 - c* (None: depends on the start), the slope of the limiting map there, and the rate of c."""

    gap: Any
    slope: Any
    rate: Any
    note: str


def germ(phi: Activation) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """(s, a_minus, a_plus) with phi ~ a_plus x^s right of 0 and a_minus |x|^s left of it, s the smaller exponent."""
    sides = {}
    for side in (-1, 1):
        piece = phi.pieces[0] if side < 0 else phi.pieces[-1]
        for p in phi.pieces:
            if (p.left < 0 and p.right >= 0) if side < 0 else (p.left <= 0 and p.right > 0):
                piece = p
        series = local_series(piece.expr, VARIABLE, sp.S.Zero, side, 12)
        found = [(e, c) for e, c in sorted(series.terms.items(), key=lambda t: t[0]) if sp.simplify(c) != 0]
        sides[side] = found[0] if found else (sp.oo, sp.S.Zero)
    s = min(sides[-1][0], sides[1][0])
    if s == sp.oo:
        raise UnsupportedError(f"{phi} vanishes near 0 to every order looked at; its silent state has no leading term")
    values = {side: sp.simplify(c) if e == s else sp.S.Zero for side, (e, c) in sides.items()}
    return sp.nsimplify(s), values[-1], values[1]


def _next_order(phi: Activation) -> int | None:
    """The order of the first Taylor coefficient beyond the linear one that is not zero."""
    for n in (3, 6, 12, 24):
        found = [k for k, c in enumerate(phi.taylor(n)) if k >= 2 and sp.simplify(c) != 0]
        if found:
            return found[0]
    return None


def silent_correlation(phi: Activation, layer: Layer, chi_q: Any, digits: int) -> Silent:
    """The correlation that lengths on their way to 0 leave behind."""
    s, minus, plus = germ(phi)
    if s == 1 and minus == -plus:
        if layer.rho != 1:
            rho = to_mpf(layer.rho)
            return Silent(mpmath.mpf(1), rho, rho, "q* = 0: each layer multiplies the correlation by keep_probability")
        order = _next_order(phi) if 0 not in phi.kinks else 2
        rate = mpmath.mpf(0) if order is None else chi_q ** (order - 1)
        return Silent(
            None,
            mpmath.mpf(1),
            rate,
            "q* = 0: near silence the layer is linear, so c stops at a value set by the start",
        )
    x = VARIABLE
    leading = Activation(sp.Piecewise((plus * x**s, x > 0), (minus * (-x) ** s, True)))
    from derive.expectations import V

    second = V(leading, 1).doit()
    like = Layer(sp.simplify(layer.rho / second), sp.S.Zero, layer.rho)
    one = mpmath.mpf(1)
    with mpmath.workdps(digits + 5):
        chi = gradient_factor(leading, like, one, digits)
        chi = +mpmath.nint(chi) if abs(chi - 1) < mpmath.mpf(10) ** -(digits - 3) else chi
        gap = correlation_gap(leading, like, one, chi, digits)
        slope = chi if gap == 0 else to_mpf(like.sigma_w2) * slope_product(leading, one, gap, digits)
    return Silent(gap, slope, abs(slope), "q* = 0: c follows the leading behaviour of the activation at 0")
