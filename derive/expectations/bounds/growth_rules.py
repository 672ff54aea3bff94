"""Bounds of elementary and error functions on a half-strip, from what is known of their argument.

Each rule is one elementary fact, named beside it.  ``RULES`` maps the SymPy function to its rule.
"""

from __future__ import annotations

from collections.abc import Callable
from math import atan, cos, cosh, erf, exp, inf, isinf, log, pi, tan, tanh
from typing import Protocol

import sympy as sp

from derive.expectations.bounds.extended import (
    SLACK,
    Growth,
    Known,
    NoBound,
    away,
    exp_float,
    fields,
    finished,
    log_of,
    modulus_below,
    monotone,
    near,
    of_sum,
    sup,
)

__all__ = ["RULES"]


class HalfStrip(Protocol):
    """What the rules use of the half-strip: its size, knowledge of subexpressions, real parts of polynomials."""

    x: sp.Symbol
    start: float
    width: float

    def known(self, node: sp.Expr) -> Known:
        """What is known of a node."""

    def real_part_growth(self, u: sp.Expr, side: int) -> Growth:
        """A growth above (1) or below (-1) the real part of a polynomial of degree at most 2."""


def _exp_rule(strip: HalfStrip, u: sp.Expr) -> Known:
    """|e^u| = e^{Re u}; Re e^u > 0 when |Im u| < pi/2."""
    inner = strip.known(u)
    high, low = exp_float(inner.re[1], 1), exp_float(inner.re[0], -1)
    turn = max(abs(inner.im[0]), abs(inner.im[1]))
    re = (low * max(cos(turn), 0.0) * (1 - SLACK), high) if turn < pi / 2 else (-high, high)
    im = (0.0, 0.0) if turn == 0 else (-high, high)
    try:
        return Known(re, im, strip.real_part_growth(u, 1), strip.real_part_growth(u, -1))
    except NoBound:
        if isinf(inner.re[1]):
            raise
        below = None if isinf(inner.re[0]) else Growth(inner.re[0]).moved(-1)
        return Known(re, im, Growth(inner.re[1]).moved(1), below)


def _log_rule(strip: HalfStrip, u: sp.Expr) -> Known:
    """|log u| <= |log|u|| + pi/2 where Re u > 0; log(c + e^w) = w + log(1 + c e^-w) for Re w large."""
    if isinstance(u, sp.cosh):
        w = u.args[0]
        return strip.known(sp.log(1 + sp.exp(2 * w)) - w - sp.log(2))
    softened = _soft_plus(strip, u)
    if softened is not None:
        return softened
    inner = strip.known(u)
    if inner.re[0] <= 0 or inner.below is None:
        raise NoBound
    across = max(abs(inner.im[0]), abs(inner.im[1]))
    turn = atan(across / inner.re[0]) * (1 + 1e-12)  # |arg u|, at most pi/2
    low = log(inner.re[0])
    high = sup(inner.above, strip.start)
    size = Growth(*(max(abs(a), abs(b)) for a, b in zip(fields(inner.above), fields(inner.below), strict=True)))
    above = log_of(size + Growth(turn), strip.start)
    re = (low - SLACK * (1 + abs(low)), high + SLACK * (1 + abs(high)))
    return finished(re, (-turn, turn), above, modulus_below(re, (-turn, turn)))


def _soft_plus(strip: HalfStrip, u: sp.Expr) -> Known | None:
    exponentials = [a for a in sp.Add.make_args(u) if isinstance(a, sp.exp)]
    rest = u - exponentials[0] if len(exponentials) == 1 else None
    if rest is None or rest.has(strip.x) or not rest.is_positive:
        return None
    w = exponentials[0].args[0]
    inner = strip.known(w)
    small = float(rest) * exp_float(-inner.re[0], 1)
    if not small < 0.5:
        return None
    pad = 0.0 if strip.width == 0 else 2 * small
    re, im = (inner.re[0], inner.re[1] + 2 * small), (inner.im[0] - pad, inner.im[1] + pad)
    above = of_sum(inner.above, Growth(log(2 * small + 1e-300)))
    return finished(re, im, above, modulus_below(re, im))


def _tanh_rule(strip: HalfStrip, u: sp.Expr) -> Known:
    """tanh u = +-(1 - 2 e/(1 + e)), |e| = e^{-2|Re u|}; |tanh u| <= max(1, tan|Im u|); increasing on the line."""
    inner = strip.known(u)
    if strip.width == 0:
        return monotone(inner.re, tanh, 1.0)
    across = max(abs(inner.im[0]), abs(inner.im[1]))
    if inner.re[0] <= 0 <= inner.re[1] and across < 1.5:
        size = max(1.0, tan(across)) * (1 + 1e-9)
        return Known((-size, size), (-size, size), Growth(log(size)).moved(1), None)
    side, far = away(inner.re)
    e = exp_float(-2 * far, 1)
    return near(side, 2 * e / (1 - e) if e < 1 else inf)


def _erf_rule(strip: HalfStrip, u: sp.Expr) -> Known:
    """|erfc u| <= e^{-Re u^2} for Re u >= 0, since e^{u^2} erfc u = (2/sqrt pi) int e^{-t^2 - 2ut} dt."""
    inner = strip.known(u)
    if strip.width == 0:
        return monotone(inner.re, erf, 1.0)
    side, far = away(inner.re)
    across = max(abs(inner.im[0]), abs(inner.im[1]))
    return near(side, exp_float(across**2 - far**2, 1))


def _erfc_rule(strip: HalfStrip, u: sp.Expr) -> Known:
    inner = strip.known(u)
    if inner.re[0] >= 0:
        size = exp_float(max(abs(inner.im[0]), abs(inner.im[1])) ** 2 - inner.re[0] ** 2, 1)
        try:
            above = strip.real_part_growth(sp.expand(-(u**2)), 1)
        except NoBound:
            above = Growth(log(size)).moved(1)
        im = (0.0, 0.0) if strip.width == 0 else (-size, size)
        return Known((0.0 if strip.width == 0 else -size, size), im, above, None)
    if strip.width == 0:
        return Known((0.0, 2.0), (0.0, 0.0), Growth(log(2)).moved(1), None)
    inside = _erf_rule(strip, u)
    re, im = (1 - inside.re[1], 1 - inside.re[0]), inside.im
    return finished(re, im, Growth(log(1 + exp(inside.above.a0))), modulus_below(re, im))


def _atan_rule(strip: HalfStrip, u: sp.Expr) -> Known:
    """atan u = +-(pi/2 - atan(1/u)), |atan w| <= artanh|w| <= 1.1 |w| for |w| <= 1/2."""
    inner = strip.known(u)
    if strip.width == 0:
        return monotone(inner.re, atan, pi / 2)
    side, far = away(inner.re)
    if far < 2:
        raise NoBound
    return near(side, 1.1 / far, pi / 2)


def _asinh_rule(strip: HalfStrip, u: sp.Expr) -> Known:
    """|asinh u| <= log(2|u| + 1) + pi/2 for Re u > 0 (u + sqrt(1 + u^2) has argument below pi/2); odd."""
    inner = strip.known(u)
    if strip.width:
        away(inner.re)
    turn = 0.0 if strip.width == 0 else pi / 2
    size = Growth(max(inner.above.a0, 0.0) + log(3), *(max(a, 0.0) for a in fields(inner.above)[1:]))
    low, high = inner.re
    re = (-inf if low < 0 else 0.0, inf if high > 0 else 0.0)
    return finished(re, (-turn, turn), log_of(size + Growth(turn), strip.start), None)


def _sine_rule(strip: HalfStrip, u: sp.Expr) -> Known:
    """|sin u|, |cos u| <= cosh Im u."""
    inner = strip.known(u)
    across = max(abs(inner.im[0]), abs(inner.im[1]))
    size = (exp_float(across, 1) + 1) / 2 if across else 1.0
    im = (0.0, 0.0) if across == 0 else (-size, size)
    return Known((-size, size), im, Growth(log(size)).moved(1), None)


def _cosh_rule(strip: HalfStrip, u: sp.Expr) -> Known:
    """For |Im u| < pi/2: Re cosh u = cosh Re u cos Im u, which is at least cos(Im u) e^{|Re u|}/2."""
    whole, inner = _sinh_rule(strip, u), strip.known(u)
    turn = max(abs(inner.im[0]), abs(inner.im[1]))
    if turn >= pi / 2:
        return whole
    side, far = away(inner.re)
    straight = max(cos(turn) - SLACK, 1e-300)
    below = strip.real_part_growth(side * u, -1) + Growth(log(straight / 2))
    return Known((straight * cosh(min(far, 600.0)) * (1 - SLACK), inf), whole.im, whole.above, below.moved(-1))


def _sinh_rule(strip: HalfStrip, u: sp.Expr) -> Known:
    """|cosh u|, |sinh u| <= e^{|Re u|}, >= (e^{|Re u|} - 1)/2 there."""
    inner = strip.known(u)
    side, _ = away(inner.re)
    above = strip.real_part_growth(side * u, 1)
    below = strip.real_part_growth(side * u, -1) + Growth(-log(4))
    certain = below.at_start(strip.start) > 0 and below.a1 >= 0 and below.a2 >= 0
    im = (0.0, 0.0) if strip.width == 0 else (-inf, inf)
    return Known((-inf, inf), im, above, below.moved(-1) if certain else None)


def _sech_rule(strip: HalfStrip, u: sp.Expr) -> Known:
    """|sech u| <= 2 e^{-|Re u|}/(1 - e^{-2|Re u|}); at most 1 on the line."""
    inner = strip.known(u)
    try:
        side, far = away(inner.re)
        e = exp_float(-2 * far, 1)
        if not e < 1:
            raise NoBound
        above = strip.real_part_growth(-side * u, 1) + Growth(log(2 / (1 - e)))
        size = 2 * exp_float(-far, 1) / (1 - e)
    except NoBound:
        if strip.width:
            raise
        above, size = Growth(0.0), 1.0
    im = (0.0, 0.0) if strip.width == 0 else (-size, size)
    return Known((0.0 if strip.width == 0 else -size, size), im, above.moved(1), None)


def _abs_rule(strip: HalfStrip, u: sp.Expr) -> Known:
    if strip.width:
        raise NoBound
    inner = strip.known(u)
    low, high = inner.re
    return Known((max(0.0, low, -high), max(abs(low), abs(high))), (0.0, 0.0), inner.above, inner.below)


def _step_rule(strip: HalfStrip, u: sp.Expr) -> Known:
    if strip.width:
        raise NoBound
    return Known((-1.0, 1.0), (0.0, 0.0), Growth(0.0).moved(1), None)


RULES: dict[type, Callable[[HalfStrip, sp.Expr], Known]] = {
    sp.exp: _exp_rule,
    sp.log: _log_rule,
    sp.tanh: _tanh_rule,
    sp.erf: _erf_rule,
    sp.erfc: _erfc_rule,
    sp.atan: _atan_rule,
    sp.asinh: _asinh_rule,
    sp.sin: _sine_rule,
    sp.cos: _sine_rule,
    sp.cosh: _cosh_rule,
    sp.sinh: _sinh_rule,
    sp.sech: _sech_rule,
    sp.Abs: _abs_rule,
    sp.sign: _step_rule,
    sp.Heaviside: _step_rule,
}
