r"""Proven bounds of an analytic expression on a strip around the real line.

:func:`strip_bound` gives numbers C, s with |f(x + it)| <= C e^{s|x|} for |t| <= y, or ``None``.  Near the origin,
|x| <= X, the strip is covered by complex balls on each of which the expression is certainly analytic and bounded
(a box is halved until its bound is within a factor of the largest value seen); beyond, the rules of
:mod:`derive.expectations.bounds.growth` hold.  By reflection the upper half of the strip is enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import e as EULER
from math import exp, log
from typing import Any

import sympy as sp
from flint import acb, arb, ctx

from derive.errors import UnsupportedError
from derive.expectations.bounds.growth import Growth, upper_growth
from derive.numerics.compile import compile_ball

__all__ = ["StripBound", "exponential_bound", "strip_bound", "widest_strip"]

_BITS = 64
_MAX_BOXES = 6000
_STARTS = (2.0, 4.0, 8.0, 16.0, 32.0)
_WIDTHS = (8.0, 6.0, 4.5, 3.5, 3.0, 2.5, 2.0, 1.75, 1.5, 1.25, 1.0, 0.85, 0.7, 0.55, 0.45, 0.35, 0.25, 0.18, 0.12, 0.08)


@dataclass(frozen=True)
class StripBound:
    """|f(x + it)| <= size * exp(growth*|x|) for |t| <= width."""

    width: float
    size: Any
    growth: Any


@lru_cache(maxsize=256)
def widest_strip(expr: sp.Expr, x: sp.Symbol) -> float | None:
    """A half-width on which a bound is known, near the largest; None if none is (poles on or crowding to the line)."""
    inside = None
    for width in _WIDTHS:
        if _cover(expr, x, width) is not None:
            inside = width
            break
    if inside is None or inside == _WIDTHS[0]:
        return inside
    outside = _WIDTHS[_WIDTHS.index(inside) - 1]
    for _ in range(2):
        middle = (inside + outside) / 2
        if _cover(expr, x, middle) is not None:
            inside = middle
        else:
            outside = middle
    return inside


def strip_bound(expr: sp.Expr, x: sp.Symbol, width: float, spread: float) -> StripBound | None:
    """The bound on |Im z| <= width, good for |x| of the order of ``spread``; None if the cover fails."""
    found = _cover(expr, x, width)
    if found is None:
        return None
    core, start, tails = found
    log_size, growth = log(max(core, 1e-300)), 0.0
    for tail in tails:
        a0, slope = exponential_bound(tail, start, max(spread, start))
        log_size, growth = max(log_size, a0), max(growth, slope)
    with ctx.workprec(_BITS):
        return StripBound(width, arb(log_size + 1e-9).exp().upper(), arb(growth * (1 + 1e-12)))


def exponential_bound(g: Growth, start: float, spread: float) -> tuple[float, float]:
    """(a, s) with g(x) <= a + s x for x >= start: a concave square lies below its tangent, x^n below its."""
    if g.a2 > 0:
        return float("inf"), 0.0
    slope, constant = g.a1 + 2 * g.a2 * start, g.a0 - g.a2 * start * start
    if g.n > 0:
        constant, slope = constant + g.n * log(g.n * spread / (EULER * start)), slope + g.n / spread
    if slope < 0:
        constant, slope = constant + slope * start, 0.0
    return constant + 1e-9 * (1 + abs(constant)), slope


@lru_cache(maxsize=1024)
def _cover(expr: sp.Expr, x: sp.Symbol, width: float) -> tuple[float, float, tuple[Growth, Growth]] | None:
    """(bound for |x| <= X, X, growths to the right and to the left), or None."""
    for start in _STARTS:
        try:
            tails = upper_growth(expr, x, start, width), upper_growth(expr, x, start, width, mirrored=True)
        except UnsupportedError:
            continue
        if any(t.a2 > 0 for t in tails):
            return None
        core = _core(expr, x, start, width)
        return None if core is None else (core, start, tails)
    return None


def _core(expr: sp.Expr, x: sp.Symbol, start: float, width: float) -> float | None:
    """An upper bound of |f| on |x| <= start, 0 <= Im <= width; None where a box stays undecided."""
    with ctx.workprec(_BITS):
        f = compile_ball(expr, (x,))
        best, count = 0.0, 0
        columns = max(2, round(2 * start / width))
        edges = [-start + 2 * start * i / columns for i in range(columns + 1)]
        stack = [(a, b, 0.0, width) for a, b in pairwise(edges)]
        while stack:
            x0, x1, y0, y1 = stack.pop()
            count += 1
            if count > _MAX_BOXES:
                return None
            size = _largest(f, x0, x1, y0, y1)
            if size is not None:
                middle = _largest(f, (x0 + x1) / 2, (x0 + x1) / 2, (y0 + y1) / 2, (y0 + y1) / 2)
                best = max(best, middle or 0.0)
                if size <= max(4 * best, 1e-30):
                    best = max(best, size)
                    continue
            if max(x1 - x0, y1 - y0) < width / 256:
                return None
            if x1 - x0 >= y1 - y0:
                half = (x0 + x1) / 2
                stack += [(x0, half, y0, y1), (half, x1, y0, y1)]
            else:
                half = (y0 + y1) / 2
                stack += [(x0, x1, y0, half), (x0, x1, half, y1)]
    return best


def _largest(f: Any, x0: float, x1: float, y0: float, y1: float) -> float | None:
    """An upper bound of |f| on a closed box, or None if f is not certainly analytic and finite there."""
    box = acb(arb((x0 + x1) / 2, (x1 - x0) / 2 * (1 + 1e-12)), arb((y0 + y1) / 2, (y1 - y0) / 2 * (1 + 1e-12)))
    value = f(box, analytic=True)
    if not value.is_finite():
        return None
    size = float(value.abs_upper())
    return size * (1 + 1e-12) if size < exp(600) else None
