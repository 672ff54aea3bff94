r"""Derivatives of a graph of float64 operations, node by node, with the derivatives of tables as tables.

A tile is a polynomial, so its derivative is one; both use the same copy of the coordinates.  :class:`Differentiable` is
a lowering whose tables carry their derivatives, :func:`derivative` the chain rule on its graph.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from derive.activations import Activation
from derive.codegen.approximation.table_set import Tables
from derive.codegen.approximation.tables import tables_for
from derive.codegen.approximation.tiles import Tiles
from derive.codegen.graph import Graph
from derive.codegen.lower import Lowering
from derive.errors import UnsupportedError

__all__ = ["Differentiable", "derivative", "with_derivatives"]


def _name(table: str, axis: int) -> str:
    return f"{table}:{axis}"


def with_derivatives(tiles: Tiles) -> Tiles:
    """The same tiles with the derivative of every table along every axis beside it."""
    patterns, coefficients = dict(tiles.patterns), dict(tiles.coefficients)
    lengths = [len(breaks) - 1 for breaks in tiles.axes]
    for axis, breaks in enumerate(tiles.axes):
        along = [1] * len(lengths)
        along[axis] = lengths[axis]
        inverse = np.broadcast_to(np.asarray(tiles.inverse(breaks)).reshape(along), lengths).reshape(-1, 1)
        for table, pattern in tiles.patterns.items():
            made = _differentiated(pattern, tiles.coefficients[table], axis)
            patterns[_name(table, axis)] = made[0]
            coefficients[_name(table, axis)] = made[1] * inverse
    return replace(tiles, patterns=patterns, coefficients=coefficients)


def _differentiated(
    pattern: tuple[tuple[int, ...], ...], rows: np.ndarray, axis: int
) -> tuple[tuple[tuple[int, ...], ...], np.ndarray]:
    """The derivative's pattern of powers and its coefficients, in local coordinates; no power is skipped."""
    column = {p: rows[:, i] for i, p in enumerate(pattern)}
    found = {tuple(n - (i == axis) for i, n in enumerate(p)): p[axis] * column[p] for p in pattern if p[axis] > 0}
    zero = np.zeros(len(rows))
    if len(pattern[0]) == 1:
        found.setdefault((0,), zero)
    else:
        for first in range(1 + max((p[0] for p in found), default=0)):
            found.setdefault((first, 0), zero)
    powers = tuple(sorted(found))
    return powers, np.column_stack([found[p] for p in powers])


@lru_cache(maxsize=16)
def _tables(phi: Activation, two: bool) -> Tables:
    tables = tables_for(phi, two)
    two_inputs = None if tables.two is None else with_derivatives(tables.two)
    return replace(tables, one=with_derivatives(tables.one), two=two_inputs)


class Differentiable(Lowering):
    """A lowering whose graph :func:`derivative` can differentiate."""

    def _tables(self, phi: Activation, two: bool) -> Tables:
        if phi not in self.given:
            self.given[phi] = _tables(phi, two)
        return self.given[phi]


def derivative(graph: Graph, node: int, by: int, done: dict[int, int] | None = None) -> int:
    """The node of the derivative of ``node`` by the input ``by`` (other inputs held), added to the graph."""
    done = {} if done is None else done
    if node == by:
        return graph.const(1.0)
    if node not in done:
        args = graph.nodes[node].args
        inner = [derivative(graph, i, by, done) for i in args]
        done[node] = _rule(graph, node, inner)
    return done[node]


def _rule(g: Graph, number: int, d: list[int]) -> int:
    node = g.nodes[number]
    op, args = node.op, node.args
    zero = g.const(0.0)
    if op in ("const", "input") or all(i == zero for i in d):
        return zero
    if op in ("add", "sub"):
        return g.add(op, *d)
    if op == "mul":
        settled = _saturating(g, args, d)
        return settled if settled is not None else _plus(g, _times(g, d[0], args[1]), _times(g, args[0], d[1]))
    if op == "div":
        return g.add("div", g.add("sub", d[0], _times(g, number, d[1])), args[1])
    if op == "table":
        group, name = node.value
        total = zero
        for axis, inner in enumerate(d):
            total = _plus(g, total, _times(g, g.table(group, _name(name, axis)), inner))
        return total
    if op == "below":
        return g.add("below", args[0], args[1], d[2], d[3])
    if op in ("min", "max"):
        pair = d if op == "min" else d[::-1]
        return g.add("below", args[0], args[1], *pair)
    if op == "abs":
        return g.add("below", args[0], zero, g.add("sub", zero, d[0]), d[0])
    return _times(g, _unary(g, op, number, args[0]), d[0])


def _unary(g: Graph, op: str, value: int, x: int) -> int:
    if op == "exp":
        return value
    if op == "log":
        return g.add("div", g.const(1.0), x)
    if op == "sqrt":
        return g.add("div", g.const(0.5), value)
    if op == "rsqrt":
        return g.add("mul", g.const(-0.5), g.power(value, 3))
    if op == "asin":
        return g.add("rsqrt", g.add("sub", g.const(1.0), g.add("mul", x, x)))
    raise UnsupportedError(f"no derivative is known of the operation {op}")


def _saturating(g: Graph, args: tuple[int, ...], d: list[int]) -> int | None:
    """The derivative of x/(x + k), written x*y*y with y = (x + k)**(-1/2): k y**4 x', without cancellation."""
    x, square = args
    if g.nodes[square].op != "mul" or len(set(g.nodes[square].args)) != 1:
        return None
    y = g.nodes[square].args[0]
    if g.nodes[y].op != "rsqrt":
        return None
    below = g.nodes[g.nodes[y].args[0]]
    if below.op != "add" or below.args[0] != x or g.nodes[below.args[1]].op != "const":
        return None
    return _times(g, _times(g, below.args[1], g.power(y, 4)), d[0])


def _times(g: Graph, a: int, b: int) -> int:
    return g.add("mul", a, b)


def _plus(g: Graph, a: int, b: int) -> int:
    return g.add("add", a, b)
