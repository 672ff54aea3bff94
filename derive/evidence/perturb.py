"""The negative control: statements that differ from the true one by one small mistake.

The mistakes are read off the expression tree of the right-hand side, in a fixed order: every term of every sum is
scaled by 1 + 1/64 and has its sign turned, every argument of a function is scaled, every exponent is moved.  Of a long
list an evenly spaced sample is taken.  A mistake that changes nothing (a factor on a term that is zero, say) is found
out and left away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.functions.elementary.piecewise import ExprCondPair

from derive.evidence.equality import compare

__all__ = ["Perturbation", "perturbations"]

_FACTOR = sp.Rational(65, 64)
_Place = Callable[[sp.Basic], sp.Basic]


@dataclass(frozen=True)
class Perturbation:
    """A wrong statement, and in words what was done to the right one."""

    what: str
    statement: sp.Basic


def _scaled(expr: sp.Expr) -> sp.Expr:
    if expr.is_zero:
        return expr + _FACTOR - 1
    if expr.is_infinite:
        return sp.Integer(1)
    return _FACTOR * expr


def _moved(exponent: sp.Expr) -> sp.Expr:
    """Another exponent of the same kind: integers stay integers, so that real powers stay real."""
    return exponent + 1 if exponent.is_Integer else _FACTOR * exponent


def _term_changes(expr: sp.Expr, place: _Place, root: bool) -> Iterator[tuple[str, sp.Basic]]:
    """The whole of ``expr`` scaled, and (where it is a term of a sum, or everything) with its sign turned."""
    yield f"{expr} scaled by {_FACTOR}", place(_scaled(expr))
    if root and not expr.is_zero:
        yield f"sign of {expr} turned", place(-expr)


def _children(node: sp.Basic) -> Iterator[tuple[int, sp.Basic, bool]]:
    """Which arguments may be changed: position, argument, whether the argument is a term whose sign may be turned."""
    if isinstance(node, (ExprWithLimits, sp.Limit)):
        yield 0, node.args[0], False
        return
    if isinstance(node, (sp.Derivative, sp.Subs, AppliedUndef, Relational)):
        return
    for i, arg in enumerate(node.args):
        if isinstance(arg, sp.Expr):
            yield i, arg, node.is_Add or node.is_Function


def _rebuild(node: sp.Basic, i: int, place: _Place) -> _Place:
    return lambda new: place(node.func(*node.args[:i], new, *node.args[i + 1 :]))


def _walk(node: sp.Basic, place: _Place) -> Iterator[tuple[str, sp.Basic]]:
    if isinstance(node, sp.Piecewise):
        yield from _walk_piecewise(node, place)
        return
    if isinstance(node, sp.Pow) and isinstance(node.exp, sp.Expr):
        yield f"exponent of {node} moved", place(sp.Pow(node.base, _moved(node.exp)))
        if not node.base.is_Atom:
            yield from _walk(node.base, _rebuild(node, 0, place))
        return
    for i, arg, is_term in _children(node):
        inner = _rebuild(node, i, place)
        if arg.is_Symbol:
            yield f"exponent of {arg} in {node} moved", inner(arg**2)
        if is_term and arg.is_Integer and node.is_Function:  # an order or index, which has to stay an integer
            yield f"{arg} in {node} replaced by {arg + 1}", inner(arg + 1)
        elif is_term:
            yield from _term_changes(arg, inner, root=node.is_Add)
        yield from _walk(arg, inner)


def _walk_piecewise(node: sp.Piecewise, place: _Place) -> Iterator[tuple[str, sp.Basic]]:
    for i, (value, condition) in enumerate(node.args):
        inner = _rebuild(node, i, place)

        def put(new: sp.Basic, inner: _Place = inner, condition: sp.Basic = condition) -> sp.Basic:
            return inner(ExprCondPair(new, condition))

        yield from _term_changes(value, put, root=True)
        yield from _walk(value, put)


def _of_rhs(rhs: sp.Basic, place: _Place) -> Iterator[tuple[str, sp.Basic]]:
    if isinstance(rhs, (sp.Tuple, sp.MatrixBase)):
        for i, entry in enumerate(rhs):
            yield from _of_rhs(entry, _entry(rhs, i, place))
    elif isinstance(rhs, sp.Expr):
        yield from _term_changes(rhs, place, root=True)
        if rhs.is_Symbol:
            yield f"exponent of {rhs} moved", place(rhs**2)
        yield from _walk(rhs, place)


def _entry(rhs: Any, i: int, place: _Place) -> _Place:
    """Put something in place of the i-th entry of a tuple or matrix."""

    def put(new: sp.Basic) -> sp.Basic:
        entries = [new if k == i else entry for k, entry in enumerate(rhs)]
        return place(sp.Tuple(*entries) if isinstance(rhs, sp.Tuple) else type(rhs)(*rhs.shape, entries))

    return put


def _all(statement: sp.Basic) -> Iterator[tuple[str, sp.Basic]]:
    if isinstance(statement, sp.Equality):
        lhs = statement.lhs
        yield from _of_rhs(statement.rhs, lambda new: sp.Eq(lhs, new, evaluate=False))
    else:
        yield "the relation negated", statement.negated


def _differs(statement: sp.Basic, changed: sp.Basic) -> bool:
    """Whether the change is one: not provably nothing, and not invisible to 25 digits at every sample point."""
    if type(changed) is not type(statement):
        return True
    found = compare(statement.rhs, changed.rhs)
    return not (found.equal or found.agrees)


def _spread(items: list[tuple[sp.Basic, str]], limit: int) -> list[tuple[sp.Basic, str]]:
    """At most ``limit`` of the items, evenly spaced, the first and the last among them."""
    if len(items) <= limit:
        return items
    return [items[round(k * (len(items) - 1) / (limit - 1))] for k in range(limit)]


def perturbations(statement: sp.Basic, limit: int = 24) -> tuple[list[Perturbation], int]:
    """Wrong statements made from a right one, and how many candidates changed nothing and were left away.

    The same statement gives the same list in every run.  An equation has its right-hand side changed; any other
    relation is negated.

    >>> x, y = sp.symbols("x y", positive=True)
    >>> made, skipped = perturbations(sp.Eq(y, sp.sqrt(x)))
    >>> [p.statement.rhs for p in made]
    [65*sqrt(x)/64, -sqrt(x), x**(65/128)]
    """
    unique: dict[sp.Basic, str] = {}
    for what, changed in _all(statement):
        if changed not in (sp.true, sp.false):
            unique.setdefault(changed, what)
    made, skipped = [], 0
    for changed, what in _spread(list(unique.items()), limit):
        if _differs(statement, changed):
            made.append(Perturbation(what, changed))
        else:
            skipped += 1
    return made, skipped
