"""Density and distribution function of the universal law at one exact point, to any number of digits."""

from __future__ import annotations

from typing import Any

import sympy as sp
from flint import arb, ctx

from derive.errors import DomainError, PrecisionError
from derive.numerics.compile import arb_to_sympy, to_arb
from derive.numerics.exact import sign_of
from derive.spectrum.angle_digits import angle_ball, edge_ball, tail_ball

__all__ = ["density_and_cdf"]


def density_and_cdf(spectrum: Any, s: sp.Expr, digits: int) -> tuple[Any, Any]:
    """(density of s, P(S <= s)), each right to ``digits`` significant digits; outside the support exact 0 and 1."""
    if spectrum.c == 0:
        raise DomainError("c = 0 puts all singular values at one point: there is no density")
    if sign_of(s) <= 0:
        return sp.Integer(0), sp.Integer(0)
    need = int(3.33 * digits) + 6
    found = (arb(0), arb(0))
    for bits in (need + 60, 2 * need + 200, 4 * need + 1000):
        with ctx.workprec(bits):
            kappa, point = to_arb(spectrum.kappa), to_arb(s)
            y = 2 * point.log() - to_arb(spectrum.log_scale)
            edge = edge_ball(kappa)
            if y > edge:
                return sp.Integer(0), sp.Integer(1)
            if y < -edge:
                return sp.Integer(0), sp.Integer(0)
            if not abs(y) < edge:
                continue
            found = _inside(kappa, point, y, s)
        if all(b.rel_accuracy_bits() >= need for b in found):
            return tuple(arb_to_sympy(b, digits) for b in found)
    raise PrecisionError(f"s = {s} is too close to an edge of the spectrum for {digits} digits; see edges")


def _inside(kappa: Any, s: Any, y: Any, exact: sp.Expr) -> tuple[Any, Any]:
    size = abs(y)
    if size.contains(0):
        size = arb(0) if exact == 1 else size
    if size.is_zero():
        sigma, tau = angle_ball(kappa, arb(0))
        tail = arb(1) / 2
    else:
        sigma, tau = angle_ball(kappa, size)
        tail = tail_ball(kappa, size, sigma, tau)
    density = sigma / (arb.pi() * kappa * s)
    return density, 1 - tail if y > 0 else tail
