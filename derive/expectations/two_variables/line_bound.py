"""A proven exponential bound of a piecewise analytic function on the real line."""

from __future__ import annotations

from functools import lru_cache
from math import inf, log
from typing import Any

from flint import arb, ctx

from derive.errors import UnsupportedError
from derive.expectations.bounds.growth import Growth, upper_growth
from derive.expectations.bounds.strips import exponential_bound
from derive.expectations.one_variable.enclose_integral import Piece
from derive.expectations.one_variable.integrand import Integrand
from derive.numerics.compile import compile_ball, to_arb

__all__ = ["line_bound", "power_bound"]

_CELLS = 64


@lru_cache(maxsize=256)
def line_bound(f: Integrand, spread: float) -> tuple[float, float]:
    """(log C, s) with |f(x)| <= C e^{s|x|} for all real x, good for |x| of the order of ``spread``.

    The middle is covered by real balls, both ends by the rules of :mod:`derive.expectations.bounds.growth`.
    Raises :class:`~derive.errors.UnsupportedError` where either fails.
    """
    first, last = f.pieces[0], f.pieces[-1]
    start, tails = _tails(f, 2.0)
    found = [exponential_bound(tail, start, max(spread, start)) for tail in tails]
    if any(size == inf for size, _ in found):
        raise UnsupportedError(f"{last.expr} or {first.expr} grows too fast for an exponential bound")
    middle = max(_largest(p, start) for p in f.pieces)
    return max(log(max(middle, 1e-300)), *(size for size, _ in found)), max(slope for _, slope in found)


@lru_cache(maxsize=256)
def power_bound(f: Integrand, least: float) -> tuple[float, float, float]:
    """(log M, log C, n) with |f| <= M for |x| <= X and |f(x)| <= C |x/X|^n beyond; X is ``least``.

    Raises :class:`~derive.errors.UnsupportedError` where there is a kink beyond X, f grows faster than a power, or no
    bound is known.
    """
    start, tails = _tails(f, least)
    if start != least or any(g.a2 > 0 or g.a1 + 2 * g.a2 * start > 0 for g in tails):
        raise UnsupportedError(f"no bound of {f.pieces[-1].expr} by a power is known beyond {least:g}")
    middle = max(_largest(p, start) for p in f.pieces)
    return log(max(middle, 1e-300)), max(g.at_start(start) for g in tails), max(g.n for g in tails)


def _tails(f: Integrand, least: float) -> tuple[float, tuple[Growth, Growth]]:
    """Where both tails begin, and how they grow."""
    first, last = f.pieces[0], f.pieces[-1]
    ends = [abs(float(e)) for p in f.pieces for e in (p.left, p.right) if not e.is_infinite]
    start = max([least, *(1.5 * e for e in ends)])
    return start, (upper_growth(last.expr, last.x, start), upper_growth(first.expr, first.x, start, mirrored=True))


def _largest(piece: Piece, start: float) -> float:
    """An upper bound of |f| on the part of a piece within [-start, start]."""
    with ctx.workprec(64):
        f = compile_ball(piece.expr, (piece.x,))
        low = arb(-start) if piece.left.is_infinite else to_arb(piece.left)
        high = arb(start) if piece.right.is_infinite else to_arb(piece.right)
        best = 0.0
        for i in range(_CELLS):
            cell = (low + (high - low) * i / _CELLS).union(low + (high - low) * (i + 1) / _CELLS)
            value = f(_inside(cell, piece))
            if not value.is_finite():
                raise UnsupportedError(f"{piece.expr} could not be bounded near x = {float(cell.mid()):.4g}")
            best = max(best, float(value.abs_upper()))
    return best * (1 + 1e-12)


def _inside(cell: Any, piece: Piece) -> Any:
    """The cell without the sliver beyond 0 that rounding may add: roots and real powers live on one side."""
    if piece.left == 0:
        return cell.nonnegative_part()
    return -(-cell).nonnegative_part() if piece.right == 0 else cell
