r"""The map as w' = a_d w^d + ... over an exact ring, and the terms of a straightened state in words of SymPy.

Shared by Schroeder's (d = 1) and Boettcher's (d >= 2) equation: both find a series t(w) = w + ... in which the map is
t' = mu t or t' = t^d, revert it, and raise it to the power with which w stands in the state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from derive.difference.classes.abbreviations import abbreviate
from derive.difference.classes.conjugacy import Straightened
from derive.difference.near_point.local_map import LocalMap
from derive.difference.near_point.small_variable import SmallVariable
from derive.difference.recurrence import Recurrence
from derive.difference.series import powerseries as ps
from derive.difference.series.coefficients import Coefficients, Grow
from derive.difference.series.laurent import Element
from derive.difference.series.quadratic import Quadratic, as_quadratic
from derive.errors import UnsupportedError

__all__ = ["distance", "readable", "small_step", "straightened"]

_MOST_ZEROS = 24
_READABLE = 60  # operations of a number whose denominators are still made rational by SymPy


def straightened(
    recurrence: Recurrence,
    terms: int,
    z: sp.Symbol,
    degree: int,
    solve: Callable[[list[Any], int], list[Any]],
    coordinate: Callable[[list[Any], SmallVariable, Callable[[Any], sp.Expr]], sp.Expr],
) -> Straightened:
    """The terms of the state in z, ``terms`` + 1 nonzero ones where there are that many.

    ``solve(step, size)`` is the straightening series of the map in w; ``coordinate(series, chart, expr)`` writes
    it in the state, ``expr`` turning coefficients into expressions.
    """
    local = recurrence.local_map()
    size, named = terms + 4, True
    while True:
        step, table, root = small_step(local, size + degree)
        short = _over_a_quadratic_field(step, table)
        names = abbreviate(step, table) if named and short is None else None
        if names is not None:
            step, expr = names.step, names.expr
        elif short is not None:
            step, expr = short, lambda c: c.expr() if isinstance(c, Quadratic) else readable(table.expr(c))  # noqa: B023
        else:
            expr = lambda c: readable(table.expr(c))  # noqa: B023, E731
        straight = solve(step, size)
        inverse = ps.revert(straight, size)
        state = ps.power(inverse[1:], local.chart.power, size - 1)
        if names is not None and names.hides_a_zero([*straight, *state]):
            named = False
            continue
        rows = [(k, expr(b)) for k, b in enumerate(state) if not ps.is_zero(b)][: terms + 1]
        if len(rows) > terms or size > terms + _MOST_ZEROS:
            break
        size += terms + 3
    return Straightened(_summands(local.chart, root, rows, z), lambda: coordinate(straight, local.chart, expr))


def distance(recurrence: Recurrence) -> sp.Expr:
    """|x - x_*|, or |x| at infinity, on the side looked at."""
    chart, x = recurrence.chart, recurrence.x
    return chart.side * (x if chart.at_infinity else x - chart.point)


def small_step(local: LocalMap, size: int) -> tuple[list[Any], Any, int]:
    """The map in w as a list [0, ..., 0, a_d, a_(d+1), ...] with ``size`` coefficients, its table, and the root."""
    for _ in range(20):
        ring, root = local.table.ring, local.chart.root
        found = local.expand(local.moved(), size + abs(local.chart.power))
        chart = local.chart
        if chart.root != root:
            continue
        degree, rest = divmod(found.start, chart.power)
        if rest or degree < 1:
            raise UnsupportedError(
                f"the distance to the point is raised to the power {sp.Rational(found.start, chart.power)}, which is "
                "no integer; Boettcher's series needs a whole degree"
            )
        tail = list(found.coefficients) if chart.side > 0 else ps.neg(found.coefficients)
        head = tail[0]
        if local.table.ring is not ring:
            continue
        try:
            root_of_head = _root(local, head)
        except Grow as need:  # the elements above belong to the smaller ring
            local.table.grow(need.base, need.root)
            continue
        monic = [1, *(0 if ps.is_zero(c) else c / head for c in tail[1:])]
        body = ps.power(monic, sp.Rational(1, chart.power), size)
        return [0] * degree + ps.scale(body, root_of_head)[: size - degree], local.table, chart.root
    raise UnsupportedError("the coefficients bring in ever more constants; simplify the map")


def _root(local: LocalMap, head: Any) -> Any:
    """head**(1/power) as an element."""
    power = local.chart.power
    if power == 1:
        return head
    if power == -1:
        return 1 / head
    return local.table.power(head, sp.Rational(1, power))


def readable(expr: sp.Expr) -> sp.Expr:
    """An algebraic number with its denominators made rational."""
    if expr.free_symbols or expr.is_Rational:
        return expr
    found = as_quadratic([expr])
    if found is not None:
        return found[0].expr()
    if expr.count_ops() > _READABLE or not expr.is_algebraic:
        return expr
    return sp.expand(sp.radsimp(expr))


def _over_a_quadratic_field(step: list[Any], table: Coefficients) -> list[Any] | None:
    """The coefficients in Q(sqrt d), where they lie in one such field."""
    places = [j for j, c in enumerate(step) if isinstance(c, Element)]
    found = as_quadratic([table.expr(step[j]) for j in places]) if places else None
    if found is None:
        return None
    small = list(step)
    for j, c in zip(places, found, strict=True):
        small[j] = c
    return small


def _summands(chart: Any, root: int, rows: list[tuple[int, sp.Expr]], z: sp.Symbol) -> tuple[sp.Expr, ...]:
    """The terms of the state in z."""
    sign = -1 if chart.at_infinity else 1
    return tuple(chart.side * b * z ** (1 + sp.Rational(sign * k, root)) for k, b in rows)
