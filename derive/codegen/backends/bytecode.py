"""A program as arrays of numbers (float64), for a runner that is compiled once and then reads any program."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from derive.codegen.backends.arrays import row_starts
from derive.codegen.graph import Program

__all__ = ["CODES", "Bytecode"]

_ARITHMETIC = ("add", "sub", "mul", "div", "sqrt", "rsqrt", "exp", "log", "asin", "abs", "min", "max", "below")
#: operations by number: those of a graph, and ``lookup``, which puts the tiles of a group of tables in place
CODES = {name: number for number, name in enumerate((*_ARITHMETIC, "table", "lookup"))}
_WIDTH = 6  # of an instruction: operation, row of the result, up to four arguments


@dataclass(frozen=True)
class Bytecode:
    """Every needed node has a row; instructions act on rows.

    ``axes`` holds (coordinate row, first break, number of tiles), ``groups`` (first axis, axes, first table, tables),
    ``tables`` (first column, columns, first coefficient, first end, ends): a table of two coordinates is a sum of
    polynomials in the second, whose last columns are the ``ends``.
    """

    program: Program

    @cached_property
    def rows(self) -> dict[int, int]:
        """Node number -> row."""
        return {n: i for i, n in enumerate(k for k, used in enumerate(self.program.needed()) if used)}

    @cached_property
    def first_table(self) -> list[int]:
        """The number of the first table of each group, and of all tables."""
        counts = [len(g.tiles.patterns) for g in self.program.graph.groups]
        return [0, *np.cumsum(counts, dtype=int).tolist()]

    @cached_property
    def instructions(self) -> np.ndarray:
        """One line an operation, in order."""
        graph, found, there = self.program.graph, [], set()
        for number, row in self.rows.items():
            node = graph.nodes[number]
            if node.op in ("input", "const"):
                continue
            if node.op == "table":
                group, name = node.value
                if group not in there:
                    there.add(group)
                    found.append([CODES["lookup"], 0, group])
                inside = sorted(graph.groups[group].tiles.patterns).index(name)
                found.append([CODES["table"], row, self.first_table[group] + inside, group])
            else:
                found.append([CODES[node.op], row, *(self.rows[i] for i in node.args)])
        return np.array([line + [0] * (_WIDTH - len(line)) for line in found], np.int64).reshape(-1, _WIDTH)

    @cached_property
    def constants(self) -> np.ndarray:
        """The value of each row before a layer: constants, and 0."""
        nodes = self.program.graph.nodes
        return np.array([nodes[n].value if nodes[n].op == "const" else 0.0 for n in self.rows], float)

    def input_rows(self, names: tuple[str, ...]) -> np.ndarray:
        """The rows of inputs by name, -1 where an input is not used."""
        nodes = self.program.graph.nodes
        where = {nodes[n].value: row for n, row in self.rows.items() if nodes[n].op == "input"}
        return np.array([where.get(n, -1) for n in names], np.int64)

    def result_rows(self, nodes: dict[str, int]) -> np.ndarray:
        return np.array([self.rows[n] for n in nodes.values()], np.int64)

    @cached_property
    def structure(self) -> tuple[np.ndarray, ...]:
        """(axes, groups, tables, ends, breaks, coefficients) of all groups of tables."""
        axes: list[list[int]] = []
        groups: list[list[int]] = []
        tables: list[list[int]] = []
        ends: list[int] = []
        breaks, coefficients = [np.zeros(0)], [np.zeros(0)]
        column, kept, known = 0, 0, 0
        for number, group in enumerate(self.program.graph.groups):
            tiles, names = group.tiles, sorted(group.tiles.patterns)
            groups.append([len(axes), len(tiles.axes), self.first_table[number], len(names)])
            for node, along in zip(group.coordinates, tiles.axes, strict=True):
                axes.append([self.rows.get(node, 0), known, len(along) - 1])
                breaks.append(along)
                known += len(along)
            for name in names:
                pattern, values = tiles.patterns[name], tiles.coefficients[name]
                stops = row_starts(pattern)[1:] if len(tiles.axes) == 2 else [len(pattern)]
                tables.append([column, len(pattern), kept, len(ends), len(stops)])
                ends += stops
                coefficients.append(np.ascontiguousarray(values).ravel())
                column, kept = column + len(pattern), kept + values.size
        shaped = [(axes, 3), (groups, 4), (tables, 5)]
        numbers = [np.array(lines, np.int64).reshape(-1, width) for lines, width in shaped]
        return (*numbers, np.array(ends, np.int64), np.concatenate(breaks), np.concatenate(coefficients))
