r"""Proven bounds of an expression far out on the real line: |f(x)| <= exp(a_0 + a_1 x + a_2 x^2) for all x >= X.

The bound is built along the expression tree.  For every node three things are known on the ray x >= X > 0: an
interval of extended reals that holds its values, an upper bound of its modulus and, where one was found, a lower
bound, both as exponentials of quadratics with float coefficients (rounded outwards by a relative 1e-12, far more
than the few roundings that enter).  The rules are elementary: log x <= log X + (x - X)/X; the modulus of a sum of
n terms is at most n times the largest; a reciprocal swaps the bounds; exp of a quadratic is exact; bounded
functions have their bounds.

That is crude, and enough: the Gaussian weight crushes it a few standard deviations out.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, isinf, log, pi
from typing import Any

import sympy as sp

from derive.errors import UnsupportedError

__all__ = ["Quadratic", "ray_majorant", "ray_minorant"]

_SLACK = 1e-12
_LOG_MAX = 700.0

Range = tuple[float, float]


@dataclass(frozen=True)
class Quadratic:
    """a0 + a1 x + a2 x^2 in floating point."""

    a0: float
    a1: float = 0.0
    a2: float = 0.0

    def __add__(self, other: Quadratic) -> Quadratic:
        return Quadratic(self.a0 + other.a0, self.a1 + other.a1, self.a2 + other.a2)

    def times(self, n: float) -> Quadratic:
        """n times the quadratic."""
        return Quadratic(n * self.a0, n * self.a1, n * self.a2)

    def widened(self, up: bool) -> Quadratic:
        """Coefficients moved outwards by the rounding slack."""
        sign = 1 if up else -1

        def moved(a: float) -> float:
            return a + sign * _SLACK * (abs(a) + (1e-3 if a else 0.0))

        return Quadratic(moved(self.a0) + sign * _SLACK, moved(self.a1), moved(self.a2))

    def at(self, x: float) -> float:
        """The value at x."""
        return self.a0 + self.a1 * x + self.a2 * x * x


@dataclass(frozen=True)
class _Known:
    """What is known of a node on the ray: range of values, log of a bound of |.| above and (or None) below."""

    range: Range
    above: Quadratic
    below: Quadratic | None


class _NoBound(Exception):
    pass


def ray_majorant(expr: sp.Expr, x: sp.Symbol, start: float, mirrored: bool = False) -> Quadratic:
    """The quadratic with |f(t)| <= exp(quadratic(t)) for all t >= start > 0; f(-t) instead of f(t) if ``mirrored``.

    Raises :class:`~derive.errors.UnsupportedError` when the rules do not cover the expression.

    >>> x = sp.Symbol("x", real=True)
    >>> bound = ray_majorant(x * sp.tanh(x), x, 10.0)
    >>> bound.at(20.0) >= sp.log(20)
    True
    """
    if mirrored:
        expr = expr.xreplace({x: -x})
    try:
        return _Ray(x, start).known(expr).above.widened(up=True)
    except (_NoBound, OverflowError, ValueError, ZeroDivisionError):
        raise UnsupportedError(
            f"no proven bound is known for {expr} beyond x = {start:.4g}; "
            "write it with elementary, hyperbolic or error functions"
        ) from None


def ray_minorant(expr: sp.Expr, x: sp.Symbol, start: float, mirrored: bool = False) -> Quadratic | None:
    """A quadratic with |f(t)| >= exp(quadratic(t)) for all t >= start, or None if the rules find none."""
    if mirrored:
        expr = expr.xreplace({x: -x})
    try:
        return _Ray(x, start).known(expr).below
    except (_NoBound, OverflowError, ValueError, ZeroDivisionError):
        return None


class _Ray:
    """The rules, at one start X, each node worked out once."""

    def __init__(self, x: sp.Symbol, start: float) -> None:
        self.x, self.start = x, start
        self._seen: dict[sp.Basic, _Known] = {x: self._variable()}

    def known(self, node: sp.Expr) -> _Known:
        found = self._seen.get(node)
        if found is None:
            found = self._seen[node] = self._work_out(node)
        return found

    def _variable(self) -> _Known:
        X = self.start
        upper = Quadratic(log(X) - 1, 1 / X)
        return _Known((X, inf), upper.widened(True), Quadratic(log(X)).widened(False))

    def _work_out(self, node: sp.Expr) -> _Known:
        if not node.has(self.x):
            return _constant(node)
        if isinstance(node, sp.Add):
            return self._sum(node)
        if isinstance(node, sp.Mul):
            return self._product(node)
        if isinstance(node, sp.Pow) and not node.exp.has(self.x):
            return self._power(node)
        if isinstance(node, sp.exp):
            return self._exp(node.args[0])
        rule = _RULES.get(type(node))
        if rule is None or len(node.args) != 1:
            raise _NoBound
        return rule(self, node.args[0])

    def _sum(self, node: sp.Add) -> _Known:
        parts = [self.known(a) for a in node.args]
        low, high = sum(p.range[0] for p in parts), sum(p.range[1] for p in parts)
        if low != low or high != high:
            low, high = -inf, inf
        above = Quadratic(
            max(p.above.a0 for p in parts) + log(len(parts)),
            max(p.above.a1 for p in parts),
            max(p.above.a2 for p in parts),
        )
        return _Known((low, high), _best(above, (low, high)), self._lower_of_sum(parts, (low, high)))

    def _lower_of_sum(self, parts: list[_Known], values: Range) -> Quadratic | None:
        """Terms of one sign: any of them will do.  Otherwise a term that always exceeds twice the others' sum."""
        candidates = [p.below for p in parts if p.below is not None]
        if candidates and (all(p.range[0] >= 0 for p in parts) or all(p.range[1] <= 0 for p in parts)):
            return max(candidates, key=lambda b: (b.a2, b.a1, b.a0))
        margin = log(2 * (len(parts) - 1))
        for part in parts:
            others = [p.above for p in parts if p is not part]
            if part.below is not None and all(_exceeds(part.below, o, margin, self.start) for o in others):
                return Quadratic(part.below.a0 - log(2), part.below.a1, part.below.a2).widened(False)
        least = max(values[0], -values[1])
        return Quadratic(log(least)).widened(False) if least > 0 and not isinf(least) else None

    def _product(self, node: sp.Mul) -> _Known:
        parts = [self.known(a) for a in node.args]
        above, below, values = Quadratic(0.0), Quadratic(0.0), (1.0, 1.0)
        for part in parts:
            above = above + part.above
            below = None if below is None or part.below is None else below + part.below
            values = _times(values, part.range)
        return _Known(values, _best(above.widened(True), values), below and below.widened(False))

    def _power(self, node: sp.Pow) -> _Known:
        base, exponent = self.known(node.base), node.exp
        if not exponent.is_real or (not exponent.is_Integer and base.range[0] < 0):
            raise _NoBound
        n = float(exponent)
        if n > 0:
            values = _power_range(base.range, n, exponent)
            above, below = base.above.times(n), base.below.times(n) if base.below else None
        else:
            if base.below is None:
                raise _NoBound
            above, below = base.below.times(n), base.above.times(n)
            values = _reciprocal_range(_power_range(base.range, -n, -exponent))
        return _Known(values, _best(above.widened(True), values), below and below.widened(False))

    def _exp(self, u: sp.Expr) -> _Known:
        values = self.known(u).range
        image = (_exp_float(values[0], down=True), _exp_float(values[1], down=False))
        if u.is_polynomial(self.x) and sp.degree(u, self.x) <= 2:
            poly = sp.Poly(u, self.x)
            q = Quadratic(*(float(poly.coeff_monomial(self.x**k)) for k in range(3)))
            return _Known(image, q.widened(True), q.widened(False))
        if isinf(values[1]):
            raise _NoBound
        below = None if isinf(values[0]) else Quadratic(values[0]).widened(False)
        return _Known(image, Quadratic(values[1]).widened(True), below)


# rules of the functions ---------------------------------------------------------------------------------------


def _bounded(low: float, high: float, increasing: Any = None) -> Any:
    """A bounded function; ``increasing`` (a float function) sharpens the range of a monotone one."""

    def rule(ray: _Ray, u: sp.Expr) -> _Known:
        values = (low, high)
        if increasing is not None:
            a, b = ray.known(u).range
            values = (
                max(low, _outward(increasing(a), -1) if not isinf(a) else (low if a < 0 else high)),
                min(high, _outward(increasing(b), 1) if not isinf(b) else (low if b < 0 else high)),
            )
        least = max(values[0], -values[1])
        below = Quadratic(log(least)).widened(False) if least > 0 else None
        return _Known(values, Quadratic(log(max(abs(values[0]), abs(values[1]), 1e-300))).widened(True), below)

    return rule


def _outward(value: float, side: int) -> float:
    return value + side * _SLACK * (abs(value) + 1)


def _cosh_like(ray: _Ray, u: sp.Expr) -> _Known:
    """|sinh u|, cosh u <= exp|u|; cosh u >= 1."""
    return _through_exp(ray, u, (1.0, inf), Quadratic(0.0))


def _sinh_rule(ray: _Ray, u: sp.Expr) -> _Known:
    low, high = ray.known(u).range
    below = None
    if low > 0 or high < 0:
        nearest = min(abs(low), abs(high))
        below = Quadratic(log(nearest)).widened(False) if nearest > 0 else None
    values = (0.0 if low >= 0 else -inf, 0.0 if high <= 0 else inf)
    return _through_exp(ray, u, values, below)


def _through_exp(ray: _Ray, u: sp.Expr, values: Range, below: Quadratic | None) -> _Known:
    if not u.is_polynomial(ray.x) or sp.degree(u, ray.x) > 2:
        raise _NoBound
    poly = sp.Poly(u, ray.x)
    q = Quadratic(*(abs(float(poly.coeff_monomial(ray.x**k))) for k in range(3)))
    return _Known(values, q.widened(True), below)


def _log_rule(ray: _Ray, u: sp.Expr) -> _Known:
    inner = ray.known(u)
    low, high = inner.range
    if low <= 0 or inner.below is None:
        raise _NoBound
    values = (log(low) - _SLACK, log(high) + _SLACK if not isinf(high) else inf)
    largest = Quadratic(
        max(abs(v) for v in _parts(inner.above, inner.below, 0)),
        max(abs(v) for v in _parts(inner.above, inner.below, 1)),
        max(abs(v) for v in _parts(inner.above, inner.below, 2)),
    )
    least = max(values[0], -values[1])
    below = Quadratic(log(least)).widened(False) if least > 0 and not isinf(least) else None
    return _Known(values, _best(_log_of_quadratic(largest, ray.start), values), below)


def _parts(a: Quadratic, b: Quadratic, k: int) -> tuple[float, float]:
    return (a.a0, b.a0) if k == 0 else (a.a1, b.a1) if k == 1 else (a.a2, b.a2)


def _log_of_quadratic(q: Quadratic, start: float) -> Quadratic:
    """A quadratic above log(q(x)) for q with coefficients >= 0: q(x)/q(X) <= (x/X)^2 <= exp(2 (x - X)/X)."""
    size = max(q.at(start), 1e-300)
    return Quadratic(log(size) - 2, 2 / start).widened(True)


def _slow(ray: _Ray, u: sp.Expr) -> _Known:
    """asinh: |asinh u| <= |u|, same sign, increasing."""
    inner = ray.known(u)
    low, high = inner.range
    values = (min(low, 0.0) if low < 0 else 0.0, high)
    return _Known(values, inner.above, None)


def _erfc_rule(ray: _Ray, u: sp.Expr) -> _Known:
    """erfc u <= 2 exp(-u^2) for u >= 0 (a quadratic when u is linear); between 0 and 2 otherwise."""
    low, _ = ray.known(u).range
    if low >= 0 and u.is_polynomial(ray.x) and sp.degree(u, ray.x) == 1:
        square = sp.Poly(-(u**2), ray.x)
        q = Quadratic(*(float(square.coeff_monomial(ray.x**k)) for k in range(3)))
        return _Known((0.0, 1.0), (q + Quadratic(log(2))).widened(True), None)
    return _Known((0.0, 2.0), Quadratic(log(2)).widened(True), None)


def _abs_rule(ray: _Ray, u: sp.Expr) -> _Known:
    inner = ray.known(u)
    low, high = inner.range
    least = max(0.0, low, -high)
    return _Known((least, max(abs(low), abs(high))), inner.above, inner.below)


def _sech_rule(ray: _Ray, u: sp.Expr) -> _Known:
    """0 < sech u <= 1, and <= 2 exp(-|u|) when u is linear of one sign."""
    low, high = ray.known(u).range
    if (low >= 0 or high <= 0) and u.is_polynomial(ray.x) and sp.degree(u, ray.x) <= 2:
        poly = sp.Poly(-u if low >= 0 else u, ray.x)
        q = Quadratic(*(float(poly.coeff_monomial(ray.x**k)) for k in range(3)))
        return _Known((0.0, 1.0), (q + Quadratic(log(2))).widened(True), q.widened(False))
    return _Known((0.0, 1.0), Quadratic(0.0).widened(True), None)


def _tanh_float(v: float) -> float:
    from math import tanh

    return tanh(v)


def _erf_float(v: float) -> float:
    from math import erf

    return erf(v)


def _atan_float(v: float) -> float:
    from math import atan

    return atan(v)


_RULES: dict[type, Any] = {
    sp.tanh: _bounded(-1.0, 1.0, _tanh_float),
    sp.erf: _bounded(-1.0, 1.0, _erf_float),
    sp.atan: _bounded(-pi / 2 - 1e-15, pi / 2 + 1e-15, _atan_float),
    sp.sin: _bounded(-1.0, 1.0),
    sp.cos: _bounded(-1.0, 1.0),
    sp.sech: _sech_rule,
    sp.erfc: _erfc_rule,
    sp.cosh: _cosh_like,
    sp.sinh: _sinh_rule,
    sp.log: _log_rule,
    sp.asinh: _slow,
    sp.Abs: _abs_rule,
    sp.sign: _bounded(-1.0, 1.0),
    sp.Heaviside: _bounded(0.0, 1.0),
}


# intervals of extended reals ----------------------------------------------------------------------------------


def _constant(node: sp.Expr) -> _Known:
    value = float(node)
    if abs(value) < 1e-280:
        return _Known((-1e-280, 1e-280), Quadratic(-600.0), None)
    pad = _SLACK * abs(value)
    size = Quadratic(log(abs(value)))
    return _Known((value - pad, value + pad), size.widened(True), size.widened(False))


def _times(a: Range, b: Range) -> Range:
    products = [0.0 if 0.0 in (u, v) else u * v for u in a for v in b]
    return _pad_low(min(products)), _pad_high(max(products))


def _pad_low(v: float) -> float:
    return v if isinf(v) or v == 0 else v - _SLACK * abs(v)


def _pad_high(v: float) -> float:
    return v if isinf(v) or v == 0 else v + _SLACK * abs(v)


def _power_range(values: Range, n: float, exponent: sp.Expr) -> Range:
    low, high = values
    if low >= 0 or (exponent.is_Integer and int(exponent) % 2 == 1):
        return _pad_low(_signed_power(low, n)), _pad_high(_signed_power(high, n))
    if high <= 0:
        return _pad_low(_signed_power(-high, n)), _pad_high(_signed_power(-low, n))
    return 0.0, _pad_high(_signed_power(max(-low, high), n))


def _signed_power(v: float, n: float) -> float:
    if isinf(v):
        return v
    try:
        return abs(v) ** n if v >= 0 else -(abs(v) ** n)
    except OverflowError:
        return inf if v > 0 else -inf


def _reciprocal_range(values: Range) -> Range:
    low, high = values
    if low <= 0 <= high and not (low == 0 or high == 0):
        return -inf, inf
    one = inf if low == 0 else (0.0 if isinf(low) else 1 / low)
    two = -inf if high == 0 else (0.0 if isinf(high) else 1 / high)
    return _pad_low(min(one, two)), _pad_high(max(one, two))


def _exp_float(v: float, down: bool) -> float:
    if v > _LOG_MAX:
        return exp(_LOG_MAX) if down else inf
    if v < -_LOG_MAX:
        return 0.0 if down else exp(-_LOG_MAX)
    return exp(v) * (1 - _SLACK if down else 1 + _SLACK)


def _best(above: Quadratic, values: Range) -> Quadratic:
    """A constant bound where the range is bounded and the quadratic grows."""
    largest = max(abs(values[0]), abs(values[1]))
    grows = above.a2 > 0 or (above.a2 == 0 and above.a1 >= 0)
    if grows and 0 < largest < inf:
        return Quadratic(log(largest)).widened(True)
    return above


def _exceeds(big: Quadratic, small: Quadratic, margin: float, start: float) -> bool:
    """big - small >= margin on the whole ray."""
    d = Quadratic(big.a0 - small.a0, big.a1 - small.a1, big.a2 - small.a2)
    return d.at(start) >= margin and d.a2 >= 0 and d.a1 + 2 * d.a2 * start >= 0
