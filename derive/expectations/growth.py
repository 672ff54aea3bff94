r"""Proven bounds of an expression far out: on the half-strip Re z >= X > 0, |Im z| <= y (y = 0: on the real line).

The bound has the form

.. math:: \log|f(z)| \le a_0 + n \log(x/X) + a_1 x + a_2 x^2, \qquad x = \mathrm{Re}\, z .

It is built along the expression tree.  For every node four things are known on the half-strip: intervals of extended reals
that hold its real and its imaginary part, an upper bound of its modulus and, where one was found, a lower one, both of
the form above with float coefficients (moved outwards by a relative 1e-12, far more than the few roundings that enter).
The elementary facts used stand beside each rule.  All of this is crude, and enough: the Gaussian weight crushes what is
left a few standard deviations out.

A node that is not analytic on the whole half-strip (a branch cut or a kink may enter) has no bound there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import atan, cos, erf, exp, inf, isinf, isnan, log, pi, sqrt, tan, tanh

import sympy as sp

from derive.errors import UnsupportedError

__all__ = ["Growth", "upper_growth", "lower_growth"]

_SLACK = 1e-12
_LOG_MAX = 690.0

Range = tuple[float, float]


@dataclass(frozen=True)
class Growth:
    """a0 + n log(x/X) + a1 x + a2 x^2 for x >= X."""

    a0: float
    n: float = 0.0
    a1: float = 0.0
    a2: float = 0.0

    def __add__(self, other: Growth) -> Growth:
        return Growth(self.a0 + other.a0, self.n + other.n, self.a1 + other.a1, self.a2 + other.a2)

    def times(self, k: float) -> Growth:
        """k times the function."""
        return Growth(k * self.a0, k * self.n, k * self.a1, k * self.a2)

    def moved(self, side: int) -> Growth:
        """Coefficients moved up (side 1) or down (-1) by the rounding slack."""

        def outward(a: float) -> float:
            return a + side * _SLACK * (abs(a) + 1e-3) if a else 0.0

        return Growth(self.a0 + side * _SLACK * (abs(self.a0) + 1), *map(outward, (self.n, self.a1, self.a2)))

    def at_start(self, start: float) -> float:
        """The value at x = X."""
        return self.a0 + self.a1 * start + self.a2 * start * start


@dataclass(frozen=True)
class _Known:
    re: Range
    im: Range
    above: Growth
    below: Growth | None


class _NoBound(Exception):
    pass


def upper_growth(expr: sp.Expr, x: sp.Symbol, start: float, width: float = 0.0, mirrored: bool = False) -> Growth:
    """The growth of ``expr`` on Re z >= start > 0, |Im z| <= width; of f(-z) if ``mirrored``.

    Raises :class:`~derive.errors.UnsupportedError` when the rules do not cover the expression there.

    >>> x = sp.Symbol("x", real=True)
    >>> upper_growth(x * sp.tanh(x), x, 10.0).n
    1.0
    """
    try:
        return _HalfStrip(x, start, width).known(_turned(expr, x, mirrored)).above.moved(1)
    except (_NoBound, OverflowError, ValueError, ZeroDivisionError):
        where = f"beyond {'-' if mirrored else ''}{start:.4g}" + (f" within {width:.3g} of the real line" if width else "")
        raise UnsupportedError(f"no proven bound is known for {expr} {where}") from None


def lower_growth(expr: sp.Expr, x: sp.Symbol, start: float, mirrored: bool = False) -> Growth | None:
    """A certain lower bound of log|f| on the real line beyond ``start``, or None."""
    try:
        return _HalfStrip(x, start, 0.0).known(_turned(expr, x, mirrored)).below
    except (_NoBound, OverflowError, ValueError, ZeroDivisionError):
        return None


def _turned(expr: sp.Expr, x: sp.Symbol, mirrored: bool) -> sp.Expr:
    return expr.xreplace({x: -x}) if mirrored else expr


class _HalfStrip:
    """The rules at one start X and width y; each node is worked out once."""

    def __init__(self, x: sp.Symbol, start: float, width: float) -> None:
        self.x, self.start, self.width = x, start, width
        top = Growth(log(start + width), 1.0).moved(1)
        bottom = Growth(log(start)).moved(-1)
        self._seen: dict[sp.Basic, _Known] = {x: _Known((start, inf), (-width, width), top, bottom)}

    def known(self, node: sp.Expr) -> _Known:
        found = self._seen.get(node)
        if found is None:
            found = self._seen[node] = self._work_out(node)
        return found

    def _work_out(self, node: sp.Expr) -> _Known:
        if not node.has(self.x):
            return _constant(node)
        if isinstance(node, sp.Add):
            return self._sum(node)
        if isinstance(node, sp.Mul):
            return self._product(node)
        if isinstance(node, sp.Pow) and not node.exp.has(self.x):
            return self._power(node)
        rule = _RULES.get(type(node))
        if rule is None or len(node.args) != 1:
            raise _NoBound
        return rule(self, node.args[0])

    # sums and products -------------------------------------------------------------------------------------------------

    def _sum(self, node: sp.Add) -> _Known:
        parts = [self.known(a) for a in node.args]
        re, im = _total([p.re for p in parts]), _total([p.im for p in parts])
        above = Growth(
            max(p.above.a0 for p in parts) + log(len(parts)),
            *(max(getattr(p.above, name) for p in parts) for name in ("n", "a1", "a2")),
        )
        return _Known(re, im, _tightest(above.moved(1), re, im), self._sum_below(parts, re, im))

    def _sum_below(self, parts: list[_Known], re: Range, im: Range) -> Growth | None:
        """On the line: terms of one sign.  Anywhere: one term twice as large as all others together, or the real part."""
        candidates = [p.below for p in parts if p.below is not None]
        one_sign = all(p.re[0] >= 0 for p in parts) or all(p.re[1] <= 0 for p in parts)
        if candidates and one_sign and self.width == 0:
            return max(candidates, key=lambda b: (b.a2, b.a1, b.n, b.a0))
        margin = log(2 * (len(parts) - 1))
        for part in parts:
            others = [p.above for p in parts if p is not part]
            if part.below is not None and all(self._exceeds(part.below, o, margin) for o in others):
                return (part.below + Growth(-log(2))).moved(-1)
        return _modulus_below(re, im)

    def _exceeds(self, big: Growth, small: Growth, margin: float) -> bool:
        """big - small >= margin on the whole half-strip."""
        X = self.start
        d = big + small.times(-1)
        return d.at_start(X) >= margin and d.a2 >= 0 and d.n >= 0 and d.a1 + 2 * d.a2 * X >= 0

    def _product(self, node: sp.Mul) -> _Known:
        parts = [self.known(a) for a in node.args]
        re, im, above, below = (1.0, 1.0), (0.0, 0.0), Growth(0.0), Growth(0.0)
        for part in parts:
            re, im = _complex_times(re, im, part.re, part.im)
            above = above + part.above
            below = None if below is None or part.below is None else below + part.below
        return _finished(re, im, above, below)

    def _power(self, node: sp.Pow) -> _Known:
        base, exponent = self.known(node.base), node.exp
        if not exponent.is_real:
            raise _NoBound
        if not exponent.is_Integer:
            return _real_power(base, float(exponent))
        n = abs(int(exponent))
        if exponent < 0:
            base = _reciprocal(base)
        re, im = _integer_power_range(base.re, base.im, n)
        return _finished(re, im, base.above.times(n), base.below.times(n) if base.below else None)

    # polynomial arguments --------------------------------------------------------------------------------------------------

    def real_part_growth(self, u: sp.Expr, side: int) -> Growth:
        """A growth above (side 1) or below (-1) Re u(z), u a real polynomial of degree at most 2.

        Re(b2 z^2 + b1 z + b0) = b2 x^2 + b1 x + b0 - b2 t^2, t = Im z.
        """
        if not u.is_polynomial(self.x):
            raise _NoBound
        poly = sp.Poly(u, self.x)
        if poly.degree() > 2:
            raise _NoBound
        b0, b1, b2 = (float(poly.coeff_monomial(self.x**k)) for k in range(3))
        shift = max(0.0, -side * b2) * self.width**2 * side
        return Growth(b0 + shift, 0.0, b1, b2).moved(side)


# rules of the functions --------------------------------------------------------------------------------------------------


def _exp_rule(strip: _HalfStrip, u: sp.Expr) -> _Known:
    """|e^u| = e^{Re u}; Re e^u > 0 when |Im u| < pi/2."""
    inner = strip.known(u)
    high, low = _exp_float(inner.re[1], 1), _exp_float(inner.re[0], -1)
    turn = max(abs(inner.im[0]), abs(inner.im[1]))
    re = (low * max(cos(turn), 0.0) * (1 - _SLACK), high) if turn < pi / 2 else (-high, high)
    im = (0.0, 0.0) if turn == 0 else (-high, high)
    try:
        return _Known(re, im, strip.real_part_growth(u, 1), strip.real_part_growth(u, -1))
    except _NoBound:
        if isinf(inner.re[1]):
            raise
        below = None if isinf(inner.re[0]) else Growth(inner.re[0]).moved(-1)
        return _Known(re, im, Growth(inner.re[1]).moved(1), below)


def _log_rule(strip: _HalfStrip, u: sp.Expr) -> _Known:
    """Principal branch where Re u > 0: log|u| <= |log u| + pi/2; and log(c + e^w) = w + log(1 + c e^-w) for Re w large."""
    if isinstance(u, sp.cosh):
        w = u.args[0]
        return strip.known(sp.log(1 + sp.exp(2 * w)) - w - sp.log(2))
    softened = _soft_plus(strip, u)
    if softened is not None:
        return softened
    inner = strip.known(u)
    if inner.re[0] <= 0 or inner.below is None:
        raise _NoBound
    turn = 0.0 if inner.im == (0.0, 0.0) else pi / 2
    low = log(inner.re[0])
    high = _sup(inner.above, strip.start)
    size = Growth(*(max(abs(a), abs(b)) for a, b in zip(_fields(inner.above), _fields(inner.below), strict=True)))
    above = _log_of(size + Growth(turn), strip.start)
    re = (low - _SLACK * (1 + abs(low)), high + _SLACK * (1 + abs(high)))
    return _finished(re, (-turn, turn), above, _modulus_below(re, (-turn, turn)))


def _soft_plus(strip: _HalfStrip, u: sp.Expr) -> _Known | None:
    exponentials = [a for a in sp.Add.make_args(u) if isinstance(a, sp.exp)]
    rest = u - exponentials[0] if len(exponentials) == 1 else None
    if rest is None or rest.has(strip.x) or not rest.is_positive:
        return None
    w = exponentials[0].args[0]
    inner = strip.known(w)
    small = float(rest) * _exp_float(-inner.re[0], 1)
    if not small < 0.5:
        return None
    pad = 0.0 if strip.width == 0 else 2 * small
    re, im = (inner.re[0], inner.re[1] + 2 * small), (inner.im[0] - pad, inner.im[1] + pad)
    above = _of_sum(inner.above, Growth(log(2 * small + 1e-300)))
    return _finished(re, im, above, _modulus_below(re, im))


def _tanh_rule(strip: _HalfStrip, u: sp.Expr) -> _Known:
    """tanh u = +-(1 - 2 e/(1 + e)), |e| = e^{-2|Re u|}; |tanh u| <= max(1, tan|Im u|); increasing on the line."""
    inner = strip.known(u)
    if strip.width == 0:
        return _monotone(inner.re, tanh, 1.0)
    across = max(abs(inner.im[0]), abs(inner.im[1]))
    if inner.re[0] <= 0 <= inner.re[1] and across < 1.5:
        size = max(1.0, tan(across)) * (1 + 1e-9)
        return _Known((-size, size), (-size, size), Growth(log(size)).moved(1), None)
    side, far = _away(inner.re)
    e = _exp_float(-2 * far, 1)
    return _near(side, 2 * e / (1 - e) if e < 1 else inf)


def _erf_rule(strip: _HalfStrip, u: sp.Expr) -> _Known:
    """|erfc u| <= e^{-Re u^2} for Re u >= 0, since e^{u^2} erfc u = (2/sqrt pi) int e^{-t^2 - 2ut} dt."""
    inner = strip.known(u)
    if strip.width == 0:
        return _monotone(inner.re, erf, 1.0)
    side, far = _away(inner.re)
    across = max(abs(inner.im[0]), abs(inner.im[1]))
    return _near(side, _exp_float(across**2 - far**2, 1))


def _erfc_rule(strip: _HalfStrip, u: sp.Expr) -> _Known:
    inner = strip.known(u)
    if inner.re[0] >= 0:
        size = _exp_float(max(abs(inner.im[0]), abs(inner.im[1])) ** 2 - inner.re[0] ** 2, 1)
        try:
            above = strip.real_part_growth(sp.expand(-(u**2)), 1)
        except _NoBound:
            above = Growth(log(size)).moved(1)
        im = (0.0, 0.0) if strip.width == 0 else (-size, size)
        return _Known((0.0 if strip.width == 0 else -size, size), im, above, None)
    if strip.width == 0:
        return _Known((0.0, 2.0), (0.0, 0.0), Growth(log(2)).moved(1), None)
    inside = _erf_rule(strip, u)
    re, im = (1 - inside.re[1], 1 - inside.re[0]), inside.im
    return _finished(re, im, Growth(log(1 + exp(inside.above.a0))), _modulus_below(re, im))


def _atan_rule(strip: _HalfStrip, u: sp.Expr) -> _Known:
    """atan u = +-(pi/2 - atan(1/u)), |atan w| <= artanh|w| <= 1.1 |w| for |w| <= 1/2."""
    inner = strip.known(u)
    if strip.width == 0:
        return _monotone(inner.re, atan, pi / 2)
    side, far = _away(inner.re)
    if far < 2:
        raise _NoBound
    return _near(side, 1.1 / far, pi / 2)


def _asinh_rule(strip: _HalfStrip, u: sp.Expr) -> _Known:
    """|asinh u| <= log(2|u| + 1) + pi/2 for Re u > 0 (u + sqrt(1 + u^2) has argument below pi/2); odd."""
    inner = strip.known(u)
    if strip.width:
        _away(inner.re)
    turn = 0.0 if strip.width == 0 else pi / 2
    size = Growth(max(inner.above.a0, 0.0) + log(3), *(max(a, 0.0) for a in _fields(inner.above)[1:]))
    low, high = inner.re
    re = (-inf if low < 0 else 0.0, inf if high > 0 else 0.0)
    return _finished(re, (-turn, turn), _log_of(size + Growth(turn), strip.start), None)


def _sine_rule(strip: _HalfStrip, u: sp.Expr) -> _Known:
    """|sin u|, |cos u| <= cosh Im u."""
    inner = strip.known(u)
    across = max(abs(inner.im[0]), abs(inner.im[1]))
    size = (_exp_float(across, 1) + 1) / 2 if across else 1.0
    im = (0.0, 0.0) if across == 0 else (-size, size)
    return _Known((-size, size), im, Growth(log(size)).moved(1), None)


def _cosh_rule(strip: _HalfStrip, u: sp.Expr) -> _Known:
    """|cosh u|, |sinh u| <= e^{|Re u|}, >= (e^{|Re u|} - 1)/2 there."""
    inner = strip.known(u)
    side, _ = _away(inner.re)
    above = strip.real_part_growth(side * u, 1)
    below = strip.real_part_growth(side * u, -1) + Growth(-log(4))
    certain = below.at_start(strip.start) > 0 and below.a1 >= 0 and below.a2 >= 0
    im = (0.0, 0.0) if strip.width == 0 else (-inf, inf)
    return _Known((-inf, inf), im, above, below.moved(-1) if certain else None)


def _sech_rule(strip: _HalfStrip, u: sp.Expr) -> _Known:
    """|sech u| <= 2 e^{-|Re u|}/(1 - e^{-2|Re u|}); at most 1 on the line."""
    inner = strip.known(u)
    try:
        side, far = _away(inner.re)
        e = _exp_float(-2 * far, 1)
        if not e < 1:
            raise _NoBound
        above = strip.real_part_growth(-side * u, 1) + Growth(log(2 / (1 - e)))
        size = 2 * _exp_float(-far, 1) / (1 - e)
    except _NoBound:
        if strip.width:
            raise
        above, size = Growth(0.0), 1.0
    im = (0.0, 0.0) if strip.width == 0 else (-size, size)
    return _Known((0.0 if strip.width == 0 else -size, size), im, above.moved(1), None)


def _abs_rule(strip: _HalfStrip, u: sp.Expr) -> _Known:
    if strip.width:
        raise _NoBound
    inner = strip.known(u)
    low, high = inner.re
    return _Known((max(0.0, low, -high), max(abs(low), abs(high))), (0.0, 0.0), inner.above, inner.below)


def _step_rule(strip: _HalfStrip, u: sp.Expr) -> _Known:
    if strip.width:
        raise _NoBound
    return _Known((-1.0, 1.0), (0.0, 0.0), Growth(0.0).moved(1), None)


_RULES: dict[type, Callable[[_HalfStrip, sp.Expr], _Known]] = {
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
    sp.sinh: _cosh_rule,
    sp.sech: _sech_rule,
    sp.Abs: _abs_rule,
    sp.sign: _step_rule,
    sp.Heaviside: _step_rule,
}


# helpers of the rules ------------------------------------------------------------------------------------------------------


def _away(re: Range) -> tuple[int, float]:
    """(sign, distance from 0) of a real part that keeps one sign."""
    if re[0] > 0:
        return 1, re[0]
    if re[1] < 0:
        return -1, -re[1]
    raise _NoBound


def _near(side: int, radius: float, centre: float = 1.0) -> _Known:
    """Values within ``radius`` of side*centre."""
    if isinf(radius):
        raise _NoBound
    radius = radius * (1 + 1e-9) + 1e-15
    re = (side * centre - radius, side * centre + radius)
    below = Growth(log(centre - radius)).moved(-1) if radius < centre else None
    return _Known(re, (-radius, radius), Growth(log(centre + radius)).moved(1), below)


def _monotone(re: Range, function: Callable[[float], float], limit: float) -> _Known:
    low, high = (limit * (1 if v > 0 else -1) if isinf(v) else function(v) for v in re)
    low, high = low - _SLACK * (1 + abs(low)), high + _SLACK * (1 + abs(high))
    size = max(abs(low), abs(high))
    return _Known((low, high), (0.0, 0.0), Growth(log(size)).moved(1), _modulus_below((low, high), (0.0, 0.0)))


def _constant(node: sp.Expr) -> _Known:
    value = float(node)
    if abs(value) < 1e-280:
        return _Known((-1e-280, 1e-280), (0.0, 0.0), Growth(-600.0), None)
    pad = _SLACK * abs(value)
    size = Growth(log(abs(value)))
    return _Known((value - pad, value + pad), (0.0, 0.0), size.moved(1), size.moved(-1))


def _fields(g: Growth) -> tuple[float, float, float, float]:
    return g.a0, g.n, g.a1, g.a2


def _sup(g: Growth, start: float) -> float:
    """The supremum over x >= start of a growth (infinite unless it does not grow)."""
    if g.a2 <= 0 and g.n <= 0 and g.a1 + 2 * g.a2 * start <= 0:
        return g.at_start(start)
    return inf


def _of_sum(a: Growth, b: Growth) -> Growth:
    return Growth(max(a.a0, b.a0) + log(2), max(a.n, b.n), max(a.a1, b.a1), max(a.a2, b.a2)).moved(1)


def _log_of(g: Growth, start: float) -> Growth:
    """A growth above log(g) for g with coefficients >= 0: g(x)/g(X) <= (x/X)^2 for x >= X (log(x/X) <= x/X)."""
    return Growth(log(max(g.at_start(start) + g.n, 1e-300)), 2.0).moved(1)


def _tightest(above: Growth, re: Range, im: Range) -> Growth:
    """A constant where the ranges are bounded and the growth is not."""
    size = sqrt(max(re[0] ** 2, re[1] ** 2) + max(im[0] ** 2, im[1] ** 2)) if not _unbounded(re, im) else inf
    grows = above.a2 > 0 or above.a1 > 0 or above.n > 0 or above.a0 > 0
    if grows and above.a2 >= 0 and above.a1 >= 0 and above.n >= 0 and 0 < size < inf:
        constant = Growth(log(size)).moved(1)
        return constant if (above.a2 or above.a1 or above.n or constant.a0 < above.a0) else above
    return above


def _unbounded(re: Range, im: Range) -> bool:
    return any(isinf(v) for v in (*re, *im))


def _modulus_below(re: Range, im: Range) -> Growth | None:
    least = max(re[0], -re[1], im[0], -im[1])
    return Growth(log(least)).moved(-1) if 0 < least < inf else None


def _finished(re: Range, im: Range, above: Growth, below: Growth | None) -> _Known:
    if any(isnan(v) for v in (*re, *im)):
        re, im = (-inf, inf), (-inf, inf)
    below = below.moved(-1) if below is not None else _modulus_below(re, im)
    return _Known(re, im, _tightest(above.moved(1), re, im), below)


def _reciprocal(w: _Known) -> _Known:
    """1/w: |.| from the lower bound; Re 1/w = Re w/|w|^2 has the sign of Re w."""
    if w.below is None:
        raise _NoBound
    above = w.below.times(-1)
    grows_down = w.below.a2 >= 0 and w.below.a1 >= 0 and w.below.n >= 0
    size = _exp_float(-w.below.a0, 1) if grows_down else inf
    low = 0.0 if w.re[0] >= 0 else -size
    high = 0.0 if w.re[1] <= 0 else size
    if w.im == (0.0, 0.0) and w.re[0] > 0:
        low, high = (0.0 if isinf(w.re[1]) else 1 / w.re[1]), 1 / w.re[0] * (1 + _SLACK)
    im = (0.0, 0.0) if w.im == (0.0, 0.0) else (-size, size)
    return _Known((low, high), im, above.moved(1), w.above.times(-1).moved(-1))


def _real_power(w: _Known, a: float) -> _Known:
    """w^a on the principal branch for Re w > 0; (Re sqrt w)^2 = (|w| + Re w)/2 >= Re w."""
    if w.re[0] <= 0 and not (w.re[0] == 0 and w.im == (0.0, 0.0) and a > 0):
        raise _NoBound
    if a < 0:
        w, a = _reciprocal(w), -a
    if w.im == (0.0, 0.0):
        re = (_power_float(w.re[0], a), _power_float(w.re[1], a) * (1 + _SLACK))
        im = (0.0, 0.0)
    else:
        re = (sqrt(max(w.re[0], 0.0)) * (1 - _SLACK) if a == 0.5 else (0.0 if a <= 1 else -inf), inf)
        im = (-inf, inf)
    return _finished(re, im, w.above.times(a), w.below.times(a) if w.below else None)


def _power_float(v: float, a: float) -> float:
    if isinf(v):
        return inf
    try:
        return v**a
    except OverflowError:
        return inf


def _total(ranges: list[Range]) -> Range:
    low, high = sum(r[0] for r in ranges), sum(r[1] for r in ranges)
    pad = _SLACK * sum(abs(v) for r in ranges for v in r if not isinf(v))
    return (-inf if isnan(low) else low - pad, inf if isnan(high) else high + pad)


def _times(a: Range, b: Range) -> Range:
    products = [0.0 if 0.0 in (u, v) else u * v for u in a for v in b]
    low, high = min(products), max(products)
    return (low if isinf(low) else low - _SLACK * abs(low)), (high if isinf(high) else high + _SLACK * abs(high))


def _minus(a: Range, b: Range) -> Range:
    return _total([a, (-b[1], -b[0])])


def _complex_times(re1: Range, im1: Range, re2: Range, im2: Range) -> tuple[Range, Range]:
    if im1 == im2 == (0.0, 0.0):
        return _times(re1, re2), (0.0, 0.0)
    return _minus(_times(re1, re2), _times(im1, im2)), _total([_times(re1, im2), _times(im1, re2)])


def _integer_power_range(re: Range, im: Range, n: int) -> tuple[Range, Range]:
    if im == (0.0, 0.0):
        return _real_integer_power(re, n), im
    if n == 2:
        return _minus(_real_integer_power(re, 2), _real_integer_power(im, 2)), _times((2.0, 2.0), _times(re, im))
    if n > 8:
        return (-inf, inf), (-inf, inf)
    out_re, out_im = re, im
    for _ in range(n - 1):
        out_re, out_im = _complex_times(out_re, out_im, re, im)
    return out_re, out_im


def _real_integer_power(values: Range, n: int) -> Range:
    low, high = values
    ends = sorted((_signed_power(low, n), _signed_power(high, n)))
    if n % 2 == 0 and low < 0 < high:
        ends[0] = 0.0
    return (ends[0] if isinf(ends[0]) else ends[0] - _SLACK * abs(ends[0])), (
        ends[1] if isinf(ends[1]) else ends[1] + _SLACK * abs(ends[1])
    )


def _signed_power(v: float, n: int) -> float:
    sign = -1.0 if v < 0 and n % 2 else 1.0
    return sign * _power_float(abs(v), n)


def _exp_float(v: float, side: int) -> float:
    if v > _LOG_MAX:
        return exp(_LOG_MAX) if side < 0 else inf
    if v < -_LOG_MAX:
        return 0.0 if side < 0 else exp(-_LOG_MAX)
    return exp(v) * (1 + side * _SLACK)
