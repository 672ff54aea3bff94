"""The JAX back end: a program as one loop that XLA compiles for the processor or a GPU; float64.

The operations are those of :mod:`derive.codegen.backends.arrays` with jax.numpy.  Coefficients of tiles are gathered
where they are needed.  Double precision is switched on for these calls alone.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np

from derive.codegen.approximation.tiles import Tiles
from derive.codegen.backends.arrays import array_operations, evaluate_nodes, horner, normal
from derive.codegen.backends.numpy_backend import Result, kahan
from derive.codegen.graph import Program
from derive.errors import UnsupportedError

__all__ = ["JaxRunner"]


class JaxRunner:
    """Runs a program through JAX; the same interface as the NumPy runner.

    XLA compiles once for every number of points (rounded up to an eighth of an octave) and, where every layer is
    recorded, for every depth.  It spreads work over cores by itself: ``threads`` has no effect.
    """

    name = "jax"

    def __init__(self, program: Program) -> None:
        if find_spec("jax") is None:
            raise UnsupportedError("JAX is not installed (pip install 'meanfield-derive[jax]'); use backend='numpy'")
        self.program = program
        self.steps = [(i, program.graph.nodes[i]) for i, used in enumerate(program.needed()) if used]

    def __reduce__(self) -> tuple[Any, ...]:
        return JaxRunner, (self.program,)

    def run(self, depth: int, inputs: Mapping[str, np.ndarray], layers: bool = False, threads: int = 1) -> Result:
        """Iterate all points; see :class:`~derive.codegen.backends.numpy_backend.NumpyRunner`."""
        import jax

        p = self.program
        size = len(next(iter(inputs.values())))
        names = [*p.states, *p.factors, *p.shown]
        if not size:
            record = {n: np.full((depth + 1, 0), np.nan) for n in names} if layers else None
            return Result({n: np.zeros(0) for n in names}, record)
        wide = np.minimum(np.arange(_rounded_up(size)), size - 1)
        with jax.enable_x64(True):
            start = {n: jax.numpy.asarray(np.asarray(inputs[n], float)[wide]) for n in (*p.states, *p.parameters)}
            made, record = self._compiled(start, depth, depth if layers else -1)
            final = {n: np.array(a)[:size] for n, a in made.items()}
            kept = {n: np.array(a)[:, :size] for n, a in record.items()} if layers else None
        return Result(final, kept)

    @functools.cached_property
    def _compiled(self) -> Any:
        import jax

        return jax.jit(self._iterate, static_argnums=2)

    def _iterate(self, start: dict[str, Any], depth: Any, recorded: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """(final values, values at layers 0..recorded); nothing is recorded where that is -1."""
        import jax
        import jax.numpy as jnp

        p = self.program
        one = jnp.ones_like(next(iter(start.values())))
        names = [*p.states, *p.factors, *p.shown]
        carry = {
            "state": {n: start[n] for n in p.states},
            "carried": dict.fromkeys(p.sums, 0 * one),
            "product": dict.fromkeys(p.factors, one),
            "exponent": dict.fromkeys(p.factors, 0 * one),
            "shown": dict.fromkeys(p.shown, jnp.nan * one),
            "record": {n: jnp.full((recorded + 1, one.size), jnp.nan) for n in (names if recorded >= 0 else ())},
        }
        for n in p.states if recorded >= 0 else ():
            carry["record"][n] = carry["record"][n].at[0].set(start[n])
        parameters = {n: start[n] for n in p.parameters}
        end = jax.lax.fori_loop(1, depth + 1, lambda layer, c: self._layer(layer, c, parameters, one), carry)
        logs = {n: jnp.log(end["product"][n]) + end["exponent"][n] * np.log(2.0) for n in p.factors}
        return end["state"] | logs | end["shown"], end["record"]

    def _layer(self, layer: Any, c: dict[str, Any], parameters: dict[str, Any], one: Any) -> dict[str, Any]:
        import jax.numpy as jnp

        p = self.program
        inputs = c["state"] | parameters | ({p.index: layer * one} if p.index else {})
        table = _Gathered(p).table
        values = evaluate_nodes(self.steps, array_operations(jnp), inputs, table)
        values = {i: v * one if np.ndim(v) == 0 else v for i, v in values.items()}
        new: dict[str, Any] = {"state": {}, "carried": {}, "product": {}, "exponent": {}, "record": {}}
        new["shown"] = {n: values[i] for n, i in p.shown.items()}
        for n, i in p.states.items():
            if n in p.sums:
                new["state"][n], new["carried"][n] = kahan(c["state"][n], values[i], c["carried"][n])
            else:
                new["state"][n] = normal(jnp, values[i])
        for n, i in p.factors.items():
            new["product"][n], shift = jnp.frexp(c["product"][n] * values[i])
            new["exponent"][n] = c["exponent"][n] + shift
        rows = new["state"] | {n: values[i] for n, i in p.factors.items()} | new["shown"]
        new["record"] = {n: a.at[layer].set(rows[n]) for n, a in c["record"].items()}
        return new


class _Gathered:
    """Tables at arrays of points: each group's tiles are found once."""

    def __init__(self, program: Program) -> None:
        self.groups = program.graph.groups
        self.found: dict[int, tuple[Any, list[Any]]] = {}

    def table(self, group: int, name: str, where: list[Any]) -> Any:
        import jax.numpy as jnp

        tiles = self.groups[group].tiles
        if group not in self.found:
            self.found[group] = _locate(tiles, where)
        number, local = self.found[group]
        rows = jnp.asarray(tiles.coefficients[name].T)[:, number]
        return horner(rows, tiles.patterns[name], local)


def _locate(tiles: Tiles, where: list[Any]) -> tuple[Any, list[Any]]:
    """Tile numbers and local coordinates, which are NaN outside the table."""
    import jax.numpy as jnp

    number: Any = 0
    lost: Any = False
    local: list[Any] = []
    for axis, x in zip(tiles.axes, where, strict=True):
        breaks = jnp.asarray(axis)
        count = len(axis) - 1
        k = jnp.clip(jnp.searchsorted(breaks, x, side="right") - 1, 0, count - 1)
        number = number * count + k
        local.append((x - jnp.asarray(Tiles.middle(axis))[k]) * jnp.asarray(Tiles.inverse(axis))[k])
        lost |= (x < axis[0] * (1 - 1e-9)) | (x > axis[-1] * (1 + 1e-9))
    return number, [jnp.where(lost, jnp.nan, x) for x in local]


def _rounded_up(size: int) -> int:
    """The next number of points for which code is compiled: 8..15 times a power of two."""
    unit = 1 << max(size.bit_length() - 4, 0)
    return -(-size // unit) * unit
