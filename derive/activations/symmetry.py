"""Parity and monotonicity of an activation, from its analytic pieces.

Each answer is exact or absent: an identity is refuted by a value in balls or proved by SymPy, never assumed from samples.
"""

from __future__ import annotations

from functools import lru_cache

import sympy as sp

from derive.activations.local import is_zero, local_series
from derive.activations.pieces import Analysis, sample
from derive.activations.zeros import real_zeros
from derive.errors import PrecisionError, UnsupportedError
from derive.numerics.exact import sign_of

__all__ = ["is_increasing", "parity"]

_POINTS = (sp.Rational(1, 7), sp.Rational(13, 11), sp.Rational(31, 9))


@lru_cache(maxsize=512)
def parity(analysis: Analysis, x: sp.Symbol) -> str | None:
    """ "odd", "even", or None when neither holds; the zero function counts as even."""
    for name, sign in (("even", 1), ("odd", -1)):
        if _mirrored_kinks(analysis) and all(_mirrors(analysis, piece, x, sign) for piece in analysis.pieces):
            return name
    return None


def _mirrored_kinks(analysis: Analysis) -> bool:
    kinks = analysis.kinks
    return all(is_zero(a + b) for a, b in zip(kinks, reversed(kinks), strict=True))


def _mirrors(analysis: Analysis, piece: object, x: sp.Symbol, sign: int) -> bool:
    mirror = analysis.pieces[len(analysis.pieces) - 1 - analysis.pieces.index(piece)]  # type: ignore[arg-type]
    left, right = mirror.left, mirror.right
    return _vanishes(piece.expr.subs(x, -x) - sign * mirror.expr, x, left, right)  # type: ignore[attr-defined]


def _vanishes(e: sp.Expr, x: sp.Symbol, left: sp.Expr, right: sp.Expr) -> bool:
    """Whether an analytic expression is identically zero on an interval."""
    if e == 0:
        return True
    at = sample(left, right)
    try:
        if sign_of(e.subs(x, at)):
            return False
    except PrecisionError:
        pass  # the value cannot be told from zero: the identity is decided symbolically below
    for form in (sp.expand, lambda e: sp.cancel(sp.together(sp.expand(e.rewrite(sp.exp)))), sp.simplify):
        if form(e) == 0:
            return True
    return False


@lru_cache(maxsize=512)
def is_increasing(analysis: Analysis, x: sp.Symbol) -> bool | None:
    """Whether the activation never decreases; None when that cannot be decided exactly."""
    unknown = False
    for piece in analysis.pieces:
        found = _rises(sp.diff(piece.expr, x), x, piece.left, piece.right)
        if found is False:
            return False
        unknown |= found is None
    for at, low, high in zip(analysis.kinks, analysis.pieces, analysis.pieces[1:], strict=False):
        if not _jumps_up(low.expr, high.expr, x, at):
            return False
    return None if unknown else True


def _rises(slope: sp.Expr, x: sp.Symbol, left: sp.Expr, right: sp.Expr) -> bool | None:
    """Whether the slope is nowhere negative on an interval."""
    if slope.is_nonnegative:
        return True
    for form in (lambda e: e, sp.simplify):
        try:
            cuts = [z for z in real_zeros(form(slope), x) if _inside(z, left, right)]
        except UnsupportedError:
            continue
        edges = [left, *cuts, right]
        return all(sign_of(slope.subs(x, sample(a, b))) >= 0 for a, b in zip(edges, edges[1:], strict=False))
    probes = [sample(left, right), *(s * p for p in _POINTS for s in (1, -1))]
    if any(_inside(p, left, right) and sign_of(slope.subs(x, p)) < 0 for p in probes):
        return False
    return None


def _inside(z: sp.Expr, left: sp.Expr, right: sp.Expr) -> bool:
    return (left == -sp.oo or sign_of(z - left) > 0) and (right == sp.oo or sign_of(right - z) > 0)


def _jumps_up(low: sp.Expr, high: sp.Expr, x: sp.Symbol, at: sp.Expr) -> bool:
    before, after = local_series(low, x, at, -1, 1), local_series(high, x, at, 1, 1)
    if before.valuation < 0 or after.valuation < 0:
        return False
    return sign_of(after.coefficient(0) - before.coefficient(0)) >= 0
