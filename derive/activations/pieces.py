"""An activation cut into analytic branches, and the points where it is really not analytic.

``Abs``, ``sign``, ``Heaviside``, ``Max``, ``Min`` and ``Piecewise`` are resolved from the inside out: the line is cut
at the exact zeros of what decides between the branches, and on every interval one exact sample point tells which branch
holds.  A cut, and every point where a root, a logarithm or a denominator vanishes, is then kept as a *kink* only if the
expansions from the left and from the right differ, so ``Abs(x)**2`` and ``sin(x)/x`` have none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import sympy as sp

from derive.activations.local import Local, local_series
from derive.activations.values import is_real_at, is_zero, sign_at, sign_of
from derive.activations.zeros import plain, real_zeros, sorted_points
from derive.errors import DomainError, UnsupportedError

__all__ = ["Analysis", "Piece", "analyse"]

_SWITCHES = (sp.Abs, sp.sign, sp.Heaviside, sp.Max, sp.Min, sp.Piecewise)
_ENTIRE = (sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.sech, sp.erf, sp.erfc, sp.erfi, sp.atan, sp.asinh)
_BRANCHED = (sp.log, sp.asin, sp.acos, sp.acosh, sp.atanh, sp.acoth)
_LARGE = 24  # operations, beyond which SymPy's limits are not asked for: they may take minutes
_ORDERS = (1, 3, 10, 40)  # lengths of the expansions compared at a point, one after the other


@dataclass(frozen=True)
class Piece:
    """One analytic branch: the activation equals ``expr`` on the open interval (``left``, ``right``)."""

    left: sp.Expr
    right: sp.Expr
    expr: sp.Expr


@dataclass(frozen=True)
class Analysis:
    """The pieces between the kinks, the kinks in increasing order, and the order of each.

    The order of a kink is the exponent of the first term of the expansion that differs between the two sides (or is no
    non-negative integer): 0 for a jump, 1 for a corner, 2 for a jump of the second derivative, 1/2 for a square root;
    infinity where both sides agree in 40 terms and analyticity could not be shown.
    """

    pieces: tuple[Piece, ...]
    kinks: tuple[sp.Expr, ...]
    orders: tuple[sp.Expr, ...]


@lru_cache(maxsize=512)
def analyse(expr: sp.Expr, x: sp.Symbol) -> Analysis:
    """The analytic pieces and kinks of an expression in ``x``.

    Raises :class:`~derive.errors.UnsupportedError` when a break point cannot be found exactly, and
    :class:`~derive.errors.DomainError` when the expression is not real somewhere.
    """
    pieces = _refined(_resolved(expr, x, -sp.oo, sp.oo), x)
    for piece in pieces:
        _check_real(piece, x)
    merged, kinks, orders = [pieces[0]], [], []
    for piece in pieces[1:]:
        before = merged[-1]
        order = _break_order(before.expr, piece.expr, x, piece.left)
        if order is None:
            merged[-1] = Piece(before.left, piece.right, min(before.expr, piece.expr, key=sp.count_ops))
        else:
            merged.append(piece)
            kinks.append(piece.left)
            orders.append(order)
    return Analysis(tuple(merged), tuple(kinks), tuple(orders))


# ------------------------------------------------------------------------------------------------------- branches


def _resolved(expr: sp.Expr, x: sp.Symbol, left: sp.Expr, right: sp.Expr) -> list[Piece]:
    """The pieces of ``expr`` on an interval, the innermost switch first."""
    switch = _innermost_switch(expr, x)
    if switch is None:
        return [Piece(left, right, expr)]
    cuts = {z for u in _deciders(switch) for z in real_zeros(u, x)}
    pieces = []
    for low, high in _intervals(cuts, left, right):
        branch = _branch(switch, x, sample(low, high))
        pieces += _resolved(_replaced(expr, switch, branch), x, low, high)
    return pieces


def _replaced(expr: sp.Expr, switch: sp.Expr, branch: sp.Expr) -> sp.Expr:
    try:
        found = expr.xreplace({switch: branch})
    except (ValueError, TypeError):  # Max, Min and comparisons of what is infinite
        found = sp.nan
    if found.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
        raise DomainError(f"{plain(expr)} is not finite where {plain(switch)} is {plain(branch)}")
    return found


def _innermost_switch(expr: sp.Basic, x: sp.Symbol) -> sp.Expr | None:
    for node in sp.postorder_traversal(expr):
        if isinstance(node, _SWITCHES) and node.has(x):
            return node
    return None


def _deciders(switch: sp.Expr) -> list[sp.Expr]:
    """The expressions whose zeros are the only points where another branch may take over."""
    if isinstance(switch, sp.Piecewise):
        relations = {
            r
            for _, condition in switch.args
            for r in sp.sympify(condition, strict=True).atoms(sp.core.relational.Relational)
        }
        return sorted((r.lhs - r.rhs for r in relations), key=sp.default_sort_key)
    if isinstance(switch, (sp.Max, sp.Min)):
        args = switch.args
        return [a - b for i, a in enumerate(args) for b in args[i + 1 :]]
    return [switch.args[0]]


def _branch(switch: sp.Expr, x: sp.Symbol, at: sp.Expr) -> sp.Expr:
    """The expression that a switch equals around the point ``at``, which is no zero of its deciders."""
    if isinstance(switch, sp.Piecewise):
        for value, condition in switch.args:
            if _holds(condition, x, at):
                return value
        raise DomainError(f"{plain(switch)} has no value at {at}; let its last condition be True")
    if isinstance(switch, (sp.Max, sp.Min)):
        want = 1 if isinstance(switch, sp.Max) else -1
        best = switch.args[0]
        for other in switch.args[1:]:
            if want * sign_at(other - best, x, at) > 0:
                best = other
        return best
    sign = sign_at(switch.args[0], x, at)
    if isinstance(switch, sp.Abs):
        return sign * switch.args[0]
    return sp.Integer(sign) if isinstance(switch, sp.sign) else sp.Integer(sign > 0)


def _holds(condition: sp.Basic, x: sp.Symbol, at: sp.Expr) -> bool:
    relations = {r: _relation_holds(r, x, at) for r in condition.atoms(sp.core.relational.Relational)}
    return bool(condition.xreplace({r: sp.true if v else sp.false for r, v in relations.items()}))


def _relation_holds(relation: sp.core.relational.Relational, x: sp.Symbol, at: sp.Expr) -> bool:
    sign = sign_at(relation.lhs - relation.rhs, x, at)
    return {"<": sign < 0, "<=": sign <= 0, ">": sign > 0, ">=": sign >= 0, "==": sign == 0, "!=": sign != 0}[
        relation.rel_op
    ]


def _intervals(cuts: Iterable[sp.Expr], left: sp.Expr, right: sp.Expr) -> list[tuple[sp.Expr, sp.Expr]]:
    inside = [c for c in sorted_points(set(cuts)) if _before(left, c) and _before(c, right)]
    edges = [left, *inside, right]
    return list(pairwise(edges))


def _before(a: sp.Expr, b: sp.Expr) -> bool:
    return a == -sp.oo or b == sp.oo or (a != sp.oo and b != -sp.oo and sign_of(b - a) > 0)


def _whole(point: sp.Expr) -> sp.Integer:
    """An integer at most 1 away from a point."""
    number = point.evalf(15 + _magnitude(point))
    if not number.is_comparable:
        raise UnsupportedError(f"the break point {point} has no digits; write the function with explicit break points")
    return sp.Integer(int(number))


def _magnitude(point: sp.Expr) -> int:
    """The number of digits before the decimal point, roughly."""
    return max(0, int(sp.log(1 + abs(point.evalf(15)), 10).evalf(15)))


def sample(left: sp.Expr, right: sp.Expr) -> sp.Rational:
    """A rational point inside an interval, away from small integers where formulas degenerate."""
    if left == -sp.oo and right == sp.oo:
        return sp.Rational(377, 610)
    if right == sp.oo:
        return _whole(left) + sp.Rational(1597, 610)
    if left == -sp.oo:
        return _whole(right) - sp.Rational(1597, 610)
    for digits in (15, 60, 240):
        low, high = (sp.Rational(str(e.evalf(digits))) for e in (left, right))
        middle = (low * 233 + high * 377) / 610
        if _before(left, middle) and _before(middle, right):
            return middle
    raise UnsupportedError(f"the kinks {left} and {right} lie too close together")


# ---------------------------------------------------------------------------------------- singular points, kinks


def _refined(pieces: list[Piece], x: sp.Symbol) -> list[Piece]:
    """The pieces cut once more where an analytic branch may be singular."""
    return [
        Piece(low, high, piece.expr)
        for piece in pieces
        for low, high in _intervals(_singular_points(piece, x), piece.left, piece.right)
    ]


def _singular_points(piece: Piece, x: sp.Symbol) -> set[sp.Expr]:
    points: set[sp.Expr] = set()
    for node in sp.preorder_traversal(piece.expr):
        if isinstance(node, (sp.Pow, sp.Function)) and node.has(x):
            for u in _singular_where(node, x):
                points |= set(real_zeros(u, x))
    return points


def _singular_where(node: sp.Expr, x: sp.Symbol) -> tuple[sp.Expr, ...]:
    """Expressions whose zeros hold every point where this operation is not analytic."""
    if isinstance(node, _ENTIRE):
        return ()
    if isinstance(node, sp.Pow):
        return () if (node.exp.is_Integer and node.exp > 0) or not node.base.has(x) else (node.base,)
    u = node.args[0]
    if isinstance(node, (sp.asin, sp.acos, sp.atanh, sp.acoth)):
        return (1 - u, 1 + u)
    table = {sp.log: u, sp.acosh: u - 1, sp.coth: u, sp.csch: u}
    table |= {sp.tan: sp.cos(u), sp.sec: sp.cos(u), sp.cot: sp.sin(u), sp.csc: sp.sin(u)}
    if node.func in table:
        return (table[node.func],)
    if isinstance(node, sp.gamma) and u.is_positive:
        return ()
    raise UnsupportedError(
        f"it is not known here where {plain(node)} is analytic; use the functions of the formula language"
    )


def _break_order(left: sp.Expr, right: sp.Expr, x: sp.Symbol, at: sp.Expr) -> sp.Expr | None:
    """The order of the kink at ``at``, or None when the function is analytic across it."""
    same = left == right or sp.expand(left - right) == 0
    regular = same and _is_meromorphic(left, x, at)
    for order in _ORDERS[:1] if regular else _ORDERS:
        try:
            before, after = (local_series(e, x, at, side, order) for e, side in ((left, -1), (right, 1)))
        except UnsupportedError:
            return _order_by_limits(left, right, x, at)
        found = _first_difference(before, after)
        if found is not None:
            return found
    if same:
        return None if regular else sp.oo
    return None if _identical(left, right) else sp.oo


def _is_meromorphic(expr: sp.Expr, x: sp.Symbol, at: sp.Expr) -> bool:
    """Whether every root and logarithm is analytic at a point, so that only an infinite value can be irregular.

    Where u = c t**v (1 + ...) with c > 0 on both sides, u**r is Abs(t)**(v r) times an analytic function: analytic when
    v r is even, a kink otherwise.
    """
    for node in sp.preorder_traversal(expr):
        if not node.has(x) or not isinstance(node, (sp.Pow, *_BRANCHED)):
            continue
        if isinstance(node, sp.Pow) and not node.exp.is_Integer and not node.base.is_positive:
            v = _valuation(node.base, x, at)
            if v is None or v % 2 or (v * node.exp) % 2:
                return False
        if isinstance(node, _BRANCHED) and any(_valuation(u, x, at) != 0 for u in _singular_where(node, x)):
            return False
    return True


def _valuation(expr: sp.Expr, x: sp.Symbol, at: sp.Expr) -> sp.Expr | None:
    """The exponent of the leading term at a point, or None when there is none that powers describe."""
    for order in _ORDERS:
        try:
            found = local_series(expr, x, at, 1, order)
        except UnsupportedError:
            return None
        if found.terms:
            return found.valuation
    return None


def _first_difference(before: Local, after: Local) -> sp.Rational | None:
    for exponent in sorted({*before.terms, *after.terms}):
        if not (exponent.is_Integer and exponent >= 0):
            return exponent
        if not is_zero(after.coefficient(exponent) - (-1) ** exponent * before.coefficient(exponent)):
            return exponent
    return None


def _identical(left: sp.Expr, right: sp.Expr) -> bool:
    return sp.expand(left - right) == 0 or sp.simplify(left - right) == 0


def _order_by_limits(left: sp.Expr, right: sp.Expr, x: sp.Symbol, at: sp.Expr) -> sp.Expr:
    """The order of a kink that powers do not describe (logarithms, flat functions), from limits of derivatives."""
    if sp.count_ops(left) + sp.count_ops(right) > _LARGE:
        raise UnsupportedError(f"the behaviour of {plain(left)} at {at} is not that of a power, and was not determined")
    for order in range(3):
        if sp.count_ops(left) + sp.count_ops(right) > 2 * _LARGE:
            break
        low, high = sp.limit(left, x, at, "-"), sp.limit(right, x, at, "+")
        if isinstance(low, sp.AccumBounds) or isinstance(high, sp.AccumBounds):
            return sp.Integer(order)  # an oscillation
        if not (low.is_finite and high.is_finite):
            return sp.Integer(order) if order else -sp.oo
        if not is_zero(low - high):
            return sp.Integer(order)
        left, right = sp.diff(left, x), sp.diff(right, x)
    return sp.oo


def _check_real(piece: Piece, x: sp.Symbol) -> None:
    at = sample(piece.left, piece.right)
    if not is_real_at(piece.expr, x, at):
        raise DomainError(
            f"the branch {plain(piece.expr)} is not a real number at {x.name} = {at}; an activation is real on the line"
        )
