"""A layer step as a list of float64 operations, the form from which every back end prints or runs it.

Nodes are numbered in the order of evaluation.  Operations: ``input`` (a state or parameter by name), ``const``,
``add``, ``sub``, ``mul``, ``div``, ``sqrt``, ``rsqrt``, ``exp``, ``log``, ``asin``, ``abs``, ``min``, ``max``,
``below`` (the third argument where the first is less than the second, else the fourth) and ``table`` (a table of a
group of tiles).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from derive.codegen.approximation.tiles import Tiles

__all__ = ["Graph", "Group", "Node", "Program"]


@dataclass(frozen=True)
class Node:
    """One operation; ``value`` holds a constant, the name of an input, or (group, table)."""

    op: str
    args: tuple[int, ...] = ()
    value: Any = None


@dataclass(frozen=True)
class Group:
    """Tables that share tiles, and the nodes that give their coordinates."""

    coordinates: tuple[int, ...]
    tiles: Tiles


@dataclass
class Graph:
    """Nodes without repetition, and the groups of tables they use."""

    nodes: list[Node] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    known: dict[Node, int] = field(default_factory=dict)

    def add(self, op: str, *args: int, value: Any = None) -> int:
        """The number of a node, made if it is new; trivial arithmetic with 0 and 1 is carried out."""
        simple = self._simplified(op, args)
        if simple is not None:
            return simple
        node = Node(op, args, value)
        if node not in self.known:
            self.known[node] = len(self.nodes)
            self.nodes.append(node)
        return self.known[node]

    def const(self, value: float) -> int:
        return self.add("const", value=float(value))

    def _constant(self, number: int) -> float | None:
        node = self.nodes[number]
        return node.value if node.op == "const" else None

    def _simplified(self, op: str, args: tuple[int, ...]) -> int | None:
        if op not in ("add", "sub", "mul", "div"):
            return None
        a, b = (self._constant(i) for i in args)
        if op == "mul" and 0.0 in (a, b):
            return self.const(0.0)
        if (op == "add" and b == 0.0) or (op == "sub" and b == 0.0) or (op in ("mul", "div") and b == 1.0):
            return args[0]
        if (op == "add" and a == 0.0) or (op == "mul" and a == 1.0):
            return args[1]
        return None

    def power(self, base: int, exponent: int) -> int:
        """An integer power by multiplications."""
        if exponent < 0:
            return self.add("div", self.const(1.0), self.power(base, -exponent))
        result = self.const(1.0)
        for bit in bin(exponent)[2:]:
            result = self.add("mul", result, result)
            if bit == "1":
                result = self.add("mul", result, base)
        return result

    def group(self, coordinates: tuple[int, ...], tiles: Tiles) -> int:
        """The number of a group of tables at given coordinates."""
        for number, group in enumerate(self.groups):
            if group.coordinates == coordinates and group.tiles is tiles:
                return number
        self.groups.append(Group(coordinates, tiles))
        return len(self.groups) - 1

    def table(self, group: int, name: str) -> int:
        return self.add("table", *self.groups[group].coordinates, value=(group, name))


@dataclass(frozen=True)
class Program:
    """A compiled layer step.

    ``states`` are iterated (name -> node of the next value, or of what is added to the value for those in ``sums``,
    where the rounding error of the addition is carried along); ``factors`` are multiplied up over the layers, with
    the logarithm of the product as result; ``shown`` are values inside a layer, recorded too.  ``parameters`` are
    the remaining inputs; ``index`` is the name of the layer number, if it is used.
    """

    graph: Graph
    states: dict[str, int]
    factors: dict[str, int]
    shown: dict[str, int]
    parameters: tuple[str, ...]
    index: str | None = None
    sums: frozenset[str] = frozenset()

    def levels(self) -> list[int]:
        """For each node how many tables must be looked up before it, one after the other."""
        level: list[int] = []
        for node in self.graph.nodes:
            below = max((level[i] for i in node.args), default=0)
            level.append(below + (node.op == "table"))
        return level

    def needed(self) -> list[bool]:
        """Which nodes take part in a result."""
        use = [False] * len(self.graph.nodes)
        for number in (*self.states.values(), *self.factors.values(), *self.shown.values()):
            use[number] = True
        for number in range(len(use) - 1, -1, -1):
            if use[number]:
                for i in self.graph.nodes[number].args:
                    use[i] = True
        return use

    def table_data(self) -> list[list[np.ndarray]]:
        """Per group: the breaks of its axes, then the rows of its tables in the order of their names."""
        return [
            [np.ascontiguousarray(b) for b in g.tiles.axes]
            + [np.ascontiguousarray(g.tiles.coefficients[n]) for n in sorted(g.tiles.coefficients)]
            for g in self.graph.groups
        ]
