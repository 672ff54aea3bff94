"""The tables of one activation as plain data, and the file they are kept in; float64."""

from __future__ import annotations

import json
import zipfile
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from derive.codegen.approximation.charts import Chart, Pentagon, Rectangle, Shape
from derive.codegen.approximation.tiles import Tiles

__all__ = ["Tables", "load_tables", "save_tables"]


@dataclass(frozen=True)
class Tables:
    """Tables of one activation; ``shapes`` by part: "odd", "even"; ``one`` and ``two`` in coordinates of ``chart``."""

    chart: Chart
    one: Tiles
    two: Tiles | None
    shapes: dict[str, Shape]
    slope: tuple[int, int]
    errors: dict[str, float] = field(default_factory=dict)


def save_tables(path: Path, tables: Tables) -> None:
    """Write the tables into one file."""
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


def load_tables(path: Path) -> Tables | None:
    """Read them; None where there is no file, or none that can be read."""
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
