r"""Upper bounds of |f| on a half-line, proved in ball arithmetic.

On a bounded interval [0, T] the maximum is enclosed by bisection: an interval is dropped when its ball lies below a
value that is attained.  Beyond T the exponential bound of :mod:`derive.expectations.asymptotic.numeric_tail` takes
over.
"""

from __future__ import annotations

from functools import lru_cache
from heapq import heappop, heappush
from typing import Any

import sympy as sp

from derive.errors import UnsupportedError
from derive.expectations.asymptotic.asymptote import leading
from derive.expectations.asymptotic.exp_tail import ExpTail
from derive.expectations.asymptotic.numeric_tail import NumericTail
from derive.expectations.asymptotic.pieces import X
from derive.numerics.compile import compile_ball, to_arb

__all__ = ["supremum"]

_BITS = 90
_MAX_BOXES = 3000
_TAYLOR = 4  # derivatives taken at the middle of an interval
_SLACK = sp.Rational(1, 200)  # the bound exceeds the supremum by at most about this fraction


@lru_cache(maxsize=512)
def supremum(expr: sp.Expr) -> sp.Rational:
    """Return a rational upper bound of ``|expr|`` (in ``X``) on x > 0, within about half a percent of the supremum.

    Raises :class:`~derive.errors.UnsupportedError` for functions that are unbounded, or whose limit at infinity is not
    approached exponentially fast.
    """
    from flint import arb, ctx

    expr = sp.sympify(expr, strict=True)
    if not expr.has(X):
        return _upward(abs(to_arb(expr)))
    period = _period(expr)
    if period is not None:
        with ctx.workprec(_BITS):
            return _upward(_on_interval(expr, period, arb(0)))
    tail = ExpTail.of(expr)
    limit, rest = (tail.asymptote, tail.rest()) if tail is not None else leading(expr)
    if tail is not None:
        expr = sp.Add(*(c * X**j for j, c in limit.items())) + rest
    if any(power != 0 for power in limit):
        raise UnsupportedError(f"{expr} is not bounded on x > 0")
    with ctx.workprec(_BITS):
        constant = abs(to_arb(limit.get(sp.S.Zero, sp.S.Zero)))
        decay = NumericTail(rest, sp.oo).decay if rest != 0 else None
        best = max(constant.upper(), abs(compile_ball(expr, X)(arb(1))).lower())
        point = 1 if decay is None else decay.start
        while decay is not None and not _beyond(decay, point) + constant < best * arb(1.002) + arb(2) ** -60:
            point *= 2
        return _upward(_on_interval(expr, point, best))


def _period(expr: sp.Expr) -> int | None:
    """An integer above a period of ``expr`` if it holds X inside sines and cosines of rational frequency only."""
    waves = expr.atoms(sp.sin, sp.cos)
    frequencies = [w.args[0] / X for w in waves if w.has(X)]
    if not frequencies or not all(a.is_Rational for a in frequencies):
        return None
    if expr.xreplace({w: sp.Dummy() for w in waves}).has(X):
        return None
    common = sp.S.Zero
    for a in frequencies:
        common = sp.gcd(common, a)
    return int(sp.ceiling(2 * sp.pi / common))


def _beyond(decay: Any, point: int) -> Any:
    """A bound of sum_j M_j u^j e^(-a (u - start)) for u >= point; u^j e^(-a u) falls once u >= j/a."""
    from flint import arb

    a = to_arb(decay.rate)
    factor = (a * (decay.start - point)).exp()
    return sum((m * arb(max(point, int(j / float(decay.rate)) + 1)) ** j * factor for j, m in decay.bounds), arb(0))


def _on_interval(expr: sp.Expr, point: int, best: Any) -> Any:
    from flint import arb

    derivatives = [expr]
    for _ in range(_TAYLOR):
        derivatives.append(sp.diff(derivatives[-1], X))
    tapes = [compile_ball(d, X) for d in derivatives]

    def bound(middle: Any, radius: Any) -> tuple[Any, Any]:
        """Taylor's formula on the interval (values at the middle, the last derivative on all of it)."""
        around = middle + arb(0, radius)
        total, weight = arb(0), arb(1)
        values = [abs(tape(middle)) for tape in tapes[:-1]]
        for k, value in enumerate([*values, abs(tapes[-1](around))]):
            total += value * weight
            weight *= radius / (k + 1)
        plain = abs(tapes[0](around))
        found = [v.upper() for v in (total, plain) if v.is_finite()]
        return min(found) if found else arb("inf"), values[0].lower()

    slack = to_arb(1 + _SLACK)
    heap: list[tuple[float, int, Any]] = []
    half = arb(point) / 2
    size, seen = bound(half.mid(), half.mid())
    heappush(heap, (-float(size), 0, (half.mid(), half.mid(), size)))
    for count in range(1, _MAX_BOXES):
        _, _, (middle, radius, size) = heappop(heap)
        if size <= best * slack:
            return max(size, best)
        for side in (-1, 1):
            part, centre = (radius / 2).mid(), (middle + side * radius / 2).mid()
            size, seen = bound(centre, part)
            best = max(best, seen)
            heappush(heap, (-float(size), 2 * count + side, (centre, part, size)))
    raise UnsupportedError(f"no tight bound of |{expr}| was found with {_MAX_BOXES} intervals")


def _upward(value: Any) -> sp.Rational:
    """A rational with few digits that is certainly at least ``value``."""
    mantissa, exponent = (int(part) for part in value.upper().man_exp())
    shift = max(mantissa.bit_length() - 20, 0)
    kept = -(-mantissa >> shift)  # rounded up
    return sp.Rational(kept) * sp.Integer(2) ** (exponent + shift)
