"""The NumPy back end: a program run on blocks of points; float64, no compiler needed.

Each point keeps a copy of the coefficients of the tile it is in, which is renewed only when it leaves the tile; a layer
is then a few hundred array operations on blocks that stay in the cache.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from derive.codegen.approximation.tiles import Tiles
from derive.codegen.backends.arrays import array_operations, evaluate_nodes, horner, normal
from derive.codegen.backends.spread import spread
from derive.codegen.graph import Program

__all__ = ["BLOCK", "EDGE", "NumpyRunner", "Result", "kahan"]

BLOCK = 4096
EDGE = 1.000001  # local coordinates run from -1 to 1; beyond this a point has left its tile
_OPERATIONS = array_operations(np)


@dataclass(frozen=True)
class Result:
    """States, logarithms of products and shown values at the end, and at every layer if asked (factors as they are)."""

    final: dict[str, np.ndarray]
    layers: dict[str, np.ndarray] | None = None


class _Copies:
    """The coefficients of each point's tile, for one group of tables."""

    def __init__(self, tiles: Tiles, size: int) -> None:
        self.tiles = tiles
        self.names = sorted(tiles.coefficients)
        self.middle = [np.full(size, -1.0) for _ in tiles.axes]
        self.inverse = [np.full(size, 1e6) for _ in tiles.axes]
        self.rows = {n: np.zeros((len(tiles.patterns[n]), size)) for n in self.names}

    def local(self, where: list[np.ndarray]) -> list[np.ndarray]:
        """Local coordinates, after renewing the copies of points that have left their tile."""
        found = [(x - m) * i for x, m, i in zip(where, self.middle, self.inverse, strict=True)]
        out = np.abs(found[0]) > EDGE
        for x in found[1:]:
            out |= np.abs(x) > EDGE
        if out.any():
            self._renew(np.flatnonzero(out), where)
            found = [(x - m) * i for x, m, i in zip(where, self.middle, self.inverse, strict=True)]
        return found

    def _renew(self, points: np.ndarray, where: list[np.ndarray]) -> None:
        number = np.zeros(len(points), np.int64)
        lost = np.zeros(len(points), bool)
        for breaks, x, middle, inverse in zip(self.tiles.axes, where, self.middle, self.inverse, strict=True):
            x = x[points]
            lost |= (x < breaks[0] * (1 - 1e-9)) | (x > breaks[-1] * (1 + 1e-9))
            k = np.clip(np.searchsorted(breaks, x, side="right") - 1, 0, len(breaks) - 2)
            number = number * (len(breaks) - 1) + k
            middle[points] = self.tiles.middle(breaks)[k]
            inverse[points] = self.tiles.inverse(breaks)[k]
        for name in self.names:
            self.rows[name][:, points] = self.tiles.coefficients[name][number].T
            self.rows[name][:, points[lost]] = np.nan
        for inverse in self.inverse:
            inverse[points[lost]] = 0.0

    def value(self, name: str, local: list[np.ndarray]) -> np.ndarray:
        return horner(self.rows[name], self.tiles.patterns[name], local)


def kahan(value: Any, increment: Any, carried: Any) -> tuple[Any, Any]:
    """Kahan's sum: the new value and the error its rounding made."""
    step = increment - carried
    total = value + step
    return total, (total - value) - step


class NumpyRunner:
    """Runs a program; ``run(depth, inputs)`` takes arrays of one length for every state and parameter."""

    name = "numpy"

    def __init__(self, program: Program) -> None:
        self.program = program
        needed = program.needed()
        self.steps = [(i, node) for i, node in enumerate(program.graph.nodes) if needed[i]]

    def run(self, depth: int, inputs: Mapping[str, np.ndarray], layers: bool = False, threads: int = 1) -> Result:
        """Iterate; ``threads`` work on different blocks (NumPy releases the interpreter inside array operations)."""
        p = self.program
        size = len(next(iter(inputs.values())))
        names = [*p.states, *p.factors, *p.shown]
        final = {name: np.full(size, np.nan) for name in names}
        record = {n: np.full((depth + 1, size), np.nan) for n in names} if layers else None

        def work(first: int, last: int) -> None:
            for start in range(first, last, BLOCK):
                block = slice(start, min(start + BLOCK, last))
                with np.errstate(all="ignore"):
                    self._block(depth, {n: a[block] for n, a in inputs.items()}, final, record, block)

        spread(work, size, BLOCK, threads)
        return Result(final, record)

    def _block(self, depth: int, inputs: dict, final: dict, record: dict | None, block: slice) -> None:
        p = self.program
        size = block.stop - block.start
        copies = [_Copies(g.tiles, size) for g in p.graph.groups]
        state = dict(inputs)
        product = {n: np.ones(size) for n in p.factors}
        exponent = {n: np.zeros(size) for n in p.factors}
        carried = {n: np.zeros(size) for n in p.sums}
        if record is not None:
            for name in p.states:
                record[name][0, block] = state[name]
        for layer in range(depth):
            if p.index is not None:
                state[p.index] = np.full(size, float(layer + 1))
            values = self._layer(state, copies)
            for name, node in p.factors.items():
                product[name], shift = np.frexp(product[name] * values[node])
                exponent[name] += shift
            for name, node in p.states.items():
                if name in p.sums:
                    state[name], carried[name] = kahan(state[name], values[node], carried[name])
                else:
                    state[name] = normal(np, values[node])
            if record is not None:
                for name in p.states:
                    record[name][layer + 1, block] = state[name]
                for name, node in (*p.factors.items(), *p.shown.items()):
                    record[name][layer + 1, block] = values[node]
        for name, node in p.shown.items() if depth else ():
            final[name][block] = values[node]
        for name in p.states:
            final[name][block] = state[name]
        for name in p.factors:
            final[name][block] = np.log(product[name]) + exponent[name] * np.log(2.0)

    def _layer(self, state: dict, copies: list[_Copies]) -> dict[int, np.ndarray]:
        local: dict[int, list[np.ndarray]] = {}

        def table(group: int, name: str, where: list[np.ndarray]) -> np.ndarray:
            if group not in local:
                local[group] = copies[group].local(where)
            return copies[group].value(name, local[group])

        return evaluate_nodes(self.steps, _OPERATIONS, state, table)
