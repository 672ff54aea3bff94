r"""Tables of Gaussian expectations of one activation, built once, measured against balls and kept on disk; float64.

:func:`tables_for` takes the tables of :mod:`derive.codegen.approximation.faces`, or where an activation oscillates
without end those made here from closed forms: large Chebyshev grids, cut into small tiles.  ``Tables.errors`` states
the largest error of each table found against the proven values of :mod:`derive.expectations.values` on a fixed random
sample of the domain and against float64 sums on a wider one (relative; that of C relative to V).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp

from derive.activations import Activation
from derive.codegen import store
from derive.codegen.approximation.charts import Chart, Pentagon, Rectangle, Shape
from derive.codegen.approximation.closed import part_functions, shape_of, slope_function
from derive.codegen.approximation.faces import face_tables
from derive.codegen.approximation.functions import Part, split
from derive.codegen.approximation.tiles import Interpolant, Tiles, breaks_for, fit
from derive.errors import UnsupportedError

__all__ = ["Tables", "tables_for"]

VERSION = "9"
_LARGE, _SMALL = (40, 48), (10, 8)  # points of large and of small tiles, for one and two coordinates
_SETTLED = 5e-16  # what the last coefficients of a large tile may be
_LEFT_OUT = 1e-15  # the same for a small tile; 0.3 of it per power left out
_MOST_LARGE = 12  # tiles; more would take minutes to sample
_PROMISED = 1e-13  # tables that miss this are refused
_ACROSS = (0.02, 0.1, 0.25, 0.5, 0.8, 0.95, 0.99)  # lines on which the cuts of the other axis are chosen


@dataclass(frozen=True)
class Tables:
    """Tables of one activation; ``shapes`` by part: "odd", "even"; ``one`` and ``two`` in coordinates of ``chart``."""

    chart: Chart
    one: Tiles
    two: Tiles | None
    shapes: dict[str, Shape]
    slope: tuple[int, int]
    errors: dict[str, float] = field(default_factory=dict)


@lru_cache(maxsize=32)
def tables_for(phi: Activation, two_inputs: bool) -> Tables:
    """The tables of an activation, from the disk if they have been made before.

    Raises :class:`~derive.errors.UnsupportedError` where no tables can be made, or not to 13 digits.
    """
    name = store.digest(VERSION, sp.srepr(phi.expr), str(two_inputs), *(f"{x}" for x in (*_LARGE, *_SMALL)))
    path = store.folder("tables") / f"{name}.npz"
    loaded = _load(path)
    if loaded is None:
        from derive.codegen.approximation.measure import measured

        loaded = measured(phi, _build(phi, two_inputs))
        store.put(path, lambda where: _save(where, loaded))
    worst = max(loaded.errors, key=lambda name: loaded.errors[name])
    if loaded.errors[worst] > _PROMISED:
        raise UnsupportedError(
            f"the table of {worst} for {phi} misses its proven values by {loaded.errors[worst]:.1e}, so it is not used "
            "(the expectations are not smooth at small variances); use net.trajectory or net.at"
        )
    return loaded


def _build(phi: Activation, two_inputs: bool) -> Tables:
    parts = split(phi)
    if any(p.oscillates for p in parts):
        return _from_closed_forms(phi, parts, two_inputs)
    with np.errstate(all="ignore"):  # what overflows is refused by name
        made = face_tables(phi, two_inputs)
    return Tables(made.chart, made.one, made.two, made.shapes, made.slope)


def _from_closed_forms(phi: Activation, parts: tuple[Part, Part], two_inputs: bool) -> Tables:
    curved = {("odd" if p.parity < 0 else "even"): p for p in parts if p.polynomial is None}
    shapes = {name: shape_of(phi, part) for name, part in curved.items()}
    k, top = 0.25, 2.0
    one: dict[str, Callable[[float], float]] = {}
    two: dict[str, Callable[[float, float], float]] = {}
    for name, part in curved.items():
        functions = part_functions(phi, part, k)
        one[f"A_{name}"], two[f"T_{name}"] = functions.variance, functions.ratio
        if part.parity > 0:
            one["M"] = functions.mean
    floor = float(any(not p.straightens for p in curved.values()))  # there T tends to 0 beside 1
    orders = [s.order for s in shapes.values()]
    orders += [
        min(m for (m,) in sp.Poly(p.polynomial, p.x).monoms() if m)
        for p in parts
        if p.polynomial and p.polynomial.has(p.x)
    ]
    one["S"], order, power = slope_function(phi, orders, k)
    return Tables(
        Rectangle(k),
        _one_input(one, top),
        _two_inputs(two, top, floor) if two_inputs else None,
        shapes,
        (order, power),
    )


def _one_input(functions: dict[str, Callable[[float], float]], top: float) -> Tiles:
    lines = [_vectorised(f) for f in functions.values()]
    large = breaks_for(lines, top, _LARGE[0], _SETTLED)
    known = {name: Interpolant.of(f, (large,), _LARGE[:1]) for name, f in functions.items()}
    small = breaks_for([i.line(0) for i in known.values()], top, _SMALL[0], _LEFT_OUT, large)
    return fit(known, (small,), _SMALL[:1], _LEFT_OUT / 10)


def _two_inputs(functions: dict[str, Callable[[float, float], float]], top: float, floor: float) -> Tiles:
    tops, n = (top, 1.0), _LARGE[1]
    rows = [[x * t for x in _ACROSS[::2]] for t in tops]
    large = [
        breaks_for(
            [_vectorised(_held(f, axis, x)) for f in functions.values() for x in rows[1 - axis]],
            tops[axis],
            n,
            _SETTLED,
            floor=floor,
        )
        for axis in (0, 1)
    ]
    tiles = (len(large[0]) - 1) * (len(large[1]) - 1)
    if tiles > _MOST_LARGE:
        raise UnsupportedError(
            f"tables for two inputs would need {tiles} large tiles (a slow, algebraic approach to the limits); "
            "use net.trajectory"
        )
    known = {name: Interpolant.of(f, large, (n, n)) for name, f in functions.items()}
    small = [
        breaks_for(
            [i.line(axis, x * tops[1 - axis]) for i in known.values() for x in _ACROSS],
            tops[axis],
            _SMALL[1],
            _LEFT_OUT,
            large[axis],
            floor,
        )
        for axis in (0, 1)
    ]
    return fit(known, small, (_SMALL[1], _SMALL[1]), 0.3 * _LEFT_OUT, floor)


def _held(f: Callable[[float, float], float], axis: int, other: float) -> Callable[[float], float]:
    return (lambda x: f(x, other)) if axis == 0 else (lambda x: f(other, x))


def _vectorised(f: Callable[[float], float]) -> Callable[[np.ndarray], np.ndarray]:
    return lambda xs: np.array([f(x) for x in xs])


# ------------------------------------------------------------------------------------------------------ on disk


def _save(path: Path, tables: Tables) -> None:
    import json

    arrays: dict[str, Any] = {}
    for label, tiles in (("one", tables.one), ("two", tables.two)):
        if tiles is None:
            continue
        for i, axis in enumerate(tiles.axes):
            arrays[f"{label}.axis{i}"] = axis
        for name, rows in tiles.coefficients.items():
            arrays[f"{label}.rows.{name}"] = rows
            arrays[f"{label}.pattern.{name}"] = np.array(tiles.patterns[name])
    about = {
        "chart": [type(tables.chart).__name__, *astuple(tables.chart)],
        "shapes": {n: list(astuple(s)) for n, s in tables.shapes.items()},
        "slope": tables.slope,
        "errors": tables.errors,
    }
    with path.open("wb") as file:
        np.savez(file, about=np.array(json.dumps(about)), **arrays)


def _load(path: Path) -> Tables | None:
    import json
    import zipfile

    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
            arrays = {name: data[name] for name in data.files}
            about = json.loads(str(arrays["about"]))
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    name, *numbers = about["chart"]
    return Tables(
        (Rectangle if name == "Rectangle" else Pentagon)(*numbers),
        _tiles(arrays, "one"),
        _tiles(arrays, "two") if "two.axis0" in arrays else None,
        {name: Shape(*numbers) for name, numbers in about["shapes"].items()},
        tuple(about["slope"]),
        about["errors"],
    )


def _tiles(arrays: dict[str, np.ndarray], label: str) -> Tiles:
    axes = tuple(arrays[f"{label}.axis{i}"] for i in range(2) if f"{label}.axis{i}" in arrays)
    names = [key.split(".")[2] for key in arrays if key.startswith(f"{label}.rows.")]
    patterns = {n: tuple(tuple(int(i) for i in p) for p in arrays[f"{label}.pattern.{n}"]) for n in names}
    return Tiles(axes, patterns, {n: arrays[f"{label}.rows.{n}"] for n in names})
