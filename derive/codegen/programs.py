"""Programs kept on disk, so that another process need not work them out; their constants and tables are float64.

The name of a file is a hash of the system and of the state of the code that makes programs (names, sizes and times of
its files): a program made by other code is never used.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp

import derive
from derive.activations import Activation
from derive.codegen import store
from derive.codegen.approximation.tiles import Tiles
from derive.codegen.graph import Graph, Node, Program
from derive.system import RecurrenceSystem

__all__ = ["kept", "name_of", "name_of_system"]

_ROOMS = ("activations", "codegen", "expectations", "networks", "numerics")


def kept(name: str, make: Callable[[], Program]) -> Program:
    """The program of that name from the disk; made and put there if it is not."""
    path = store.folder("programs") / f"{name}.npz"
    found = _load(path)
    if found is None:
        found = make()
        store.put(path, lambda where: _save(where, found))
    return found


def name_of(*parts: Any) -> str:
    """A name for the program of something that text, numbers and activations decide together with the code."""
    texts = [sp.srepr(p.expr) + sp.srepr(p.variable) if isinstance(p, Activation) else str(p) for p in parts]
    return store.digest(_code(), *texts)


def name_of_system(system: RecurrenceSystem, factors: Mapping[str, sp.Expr], shown: Mapping[str, sp.Expr]) -> str:
    """The same from a system itself."""
    rows = [(u.state.name, u.value) for u in system.updates] + [*factors.items()] + [*shown.items()]
    activations = set().union(*(e.atoms(Activation) for _, e in rows))
    texts = [f"{n} {sp.srepr(e)}" for n, e in rows]
    named = sorted(activations, key=str)
    return name_of("system", *map(str, named), *named, len(factors), len(shown), system.index, *texts)


@lru_cache(maxsize=1)
def _code() -> str:
    """What changes with the code that makes programs."""
    home = Path(derive.__file__).parent
    files = sorted(path for room in _ROOMS for path in (home / room).rglob("*.py"))
    about = [(path.relative_to(home).as_posix(), path.stat()) for path in files]
    state = (f"{name} {s.st_size} {s.st_mtime_ns}" for name, s in about)
    return store.digest(derive.__version__, sp.__version__, *state)


def _save(path: Path, program: Program) -> None:
    arrays: dict[str, Any] = {}
    for i, group in enumerate(program.graph.groups):
        arrays |= {f"{i}.axis.{a}": breaks for a, breaks in enumerate(group.tiles.axes)}
        for name, rows in group.tiles.coefficients.items():
            arrays[f"{i}.rows.{name}"] = rows
            arrays[f"{i}.pattern.{name}"] = np.array(group.tiles.patterns[name])
    about = {
        "nodes": [[n.op, n.args, n.value] for n in program.graph.nodes],
        "groups": [[g.coordinates, list(g.tiles.patterns)] for g in program.graph.groups],
        "results": [program.states, program.factors, program.shown],
        "inputs": [program.parameters, program.index, sorted(program.sums)],
    }
    with path.open("wb") as file:
        np.savez(file, **(arrays | {"about": np.array(json.dumps(about))}))


def _load(path: Path) -> Program | None:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
            about = json.loads(str(data["about"]))
            graph = Graph()
            for i, (coordinates, names) in enumerate(about["groups"]):
                graph.group(tuple(coordinates), _tiles(data, i, names))
            for op, args, value in about["nodes"]:
                node = Node(op, tuple(args), tuple(value) if isinstance(value, list) else value)
                graph.known[node] = len(graph.nodes)
                graph.nodes.append(node)
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return None
    states, factors, shown = about["results"]
    parameters, index, sums = about["inputs"]
    return Program(graph, states, factors, shown, tuple(parameters), index, frozenset(sums))


def _tiles(data: Any, group: int, names: list[str]) -> Tiles:
    axes: list[np.ndarray] = []
    while f"{group}.axis.{len(axes)}" in data:
        axes.append(data[f"{group}.axis.{len(axes)}"])
    patterns = {n: tuple(tuple(p) for p in data[f"{group}.pattern.{n}"].tolist()) for n in names}
    return Tiles(tuple(axes), patterns, {n: data[f"{group}.rows.{n}"] for n in names})
