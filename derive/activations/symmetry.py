"""Parity and monotonicity of an activation, from its analytic pieces.

Each answer is exact or absent: an identity is refuted by a value in balls or proved by SymPy, never assumed from a
sample of values.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import sympy as sp

from derive.activations.local import local_series
from derive.activations.pieces import Analysis, Piece, sample
from derive.activations.values import (
    certainly_negative_at,
    certainly_nonzero,
    in_exponentials,
    is_zero,
    put,
    sign_at,
    sign_of,
)
from derive.activations.zeros import dominated, real_zeros
from derive.errors import UnsupportedError

__all__ = ["is_increasing", "parity"]

_LARGE = {"fraction": 60, "simplify": 25}  # operations, beyond which rewriting may take minutes
_POINTS = tuple(sp.Rational(p, q) for p, q in ((1, 7), (2, 3), (13, 11), (16, 9), (5, 2), (31, 9), (17, 3), (35, 3)))


@lru_cache(maxsize=512)
def parity(analysis: Analysis, x: sp.Symbol) -> str | None:
    """ "odd", "even", or None when neither holds; the zero function counts as even."""
    for name, sign in (("even", 1), ("odd", -1)):
        pairs = zip(analysis.pieces, reversed(analysis.pieces), strict=True)
        if _mirrored_kinks(analysis) and all(_mirrors(piece, mirror, x, sign) for piece, mirror in pairs):
            return name
    return None


def _mirrored_kinks(analysis: Analysis) -> bool:
    kinks = analysis.kinks
    return all(is_zero(a + b) for a, b in zip(kinks, reversed(kinks), strict=True))


def _mirrors(piece: Piece, mirror: Piece, x: sp.Symbol, sign: int) -> bool:
    return _vanishes(piece.expr.subs(x, -x) - sign * mirror.expr, x, mirror.left, mirror.right)


def _vanishes(e: sp.Expr, x: sp.Symbol, left: sp.Expr, right: sp.Expr) -> bool:
    """Whether an analytic expression is identically zero on an interval."""
    if sp.expand(e) == 0:
        return True
    if certainly_nonzero(put(e, x, sample(left, right))):
        return False
    size = sp.count_ops(e)
    if size <= 4 * _LARGE["fraction"] and _as_exponentials(e) == 0:
        return True
    return bool(size <= 4 * _LARGE["simplify"] and sp.simplify(e) == 0)


def _as_exponentials(e: sp.Expr) -> sp.Expr:
    return sp.cancel(sp.together(sp.expand(in_exponentials(e))))


@lru_cache(maxsize=512)
def is_increasing(analysis: Analysis, x: sp.Symbol) -> bool | None:
    """Whether the activation never decreases; None when that cannot be decided exactly."""
    unknown = False
    for piece in analysis.pieces:
        found = _rises(sp.diff(piece.expr, x), x, piece.left, piece.right)
        if found is False:
            return False
        unknown |= found is None
    for at, (low, high) in zip(analysis.kinks, pairwise(analysis.pieces), strict=True):
        if not _jumps_up(low.expr, high.expr, x, at):
            return False
    return None if unknown else True


def _rises(slope: sp.Expr, x: sp.Symbol, left: sp.Expr, right: sp.Expr) -> bool | None:
    """Whether the slope is nowhere negative on an interval."""
    if slope.is_nonnegative or dominated(slope, x):
        return True
    size = sp.count_ops(slope)
    forms = ((_as_it_is, sp.oo), (_one_fraction, _LARGE["fraction"]), (sp.simplify, _LARGE["simplify"]))
    for form, largest in forms:
        if size > largest:
            return None
        try:
            return _rises_between_zeros(form(slope), x, left, right)
        except UnsupportedError:
            if _falls_somewhere(slope, x, left, right):
                return False
    return None


def _as_it_is(e: sp.Expr) -> sp.Expr:
    return e


def _one_fraction(e: sp.Expr) -> sp.Expr:
    return sp.factor(sp.together(e))


def _rises_between_zeros(slope: sp.Expr, x: sp.Symbol, left: sp.Expr, right: sp.Expr) -> bool:
    if slope.is_nonnegative:
        return True
    cuts = [z for z in real_zeros(slope, x) if _inside(z, left, right)]
    return all(sign_at(slope, x, sample(a, b)) >= 0 for a, b in pairwise([left, *cuts, right]))


def _falls_somewhere(slope: sp.Expr, x: sp.Symbol, left: sp.Expr, right: sp.Expr) -> bool:
    """Whether the slope is negative at one of a few exact points; False decides nothing."""
    probes = [sample(left, right), *(sign * p for p in _POINTS for sign in (1, -1))]
    return any(_inside(p, left, right) and certainly_negative_at(slope, x, p) for p in probes)


def _inside(z: sp.Expr, left: sp.Expr, right: sp.Expr) -> bool:
    return (left == -sp.oo or sign_of(z - left) > 0) and (right == sp.oo or sign_of(right - z) > 0)


def _jumps_up(low: sp.Expr, high: sp.Expr, x: sp.Symbol, at: sp.Expr) -> bool:
    before, after = local_series(low, x, at, -1, 1), local_series(high, x, at, 1, 1)
    if before.valuation < 0 or after.valuation < 0:
        return False
    return sign_of(after.coefficient(0) - before.coefficient(0)) >= 0
