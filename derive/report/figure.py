"""A figure as a value: what is drawn, the numbers it shows, and its forms for print and screen.

Two figures are the same when their numbers are: :attr:`Figure.data` holds every curve, histogram and image with its
label, rounded to nine significant digits, so that a second run on another machine gives the same text.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from derive.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

__all__ = ["FORMATS", "Figure"]

#: the forms a figure can be written in
FORMATS = ("pdf", "svg", "png")

_SIGNIFICANT = 9


@dataclass(frozen=True)
class Figure:
    """A drawing with its name, caption and source.  It shows itself in a notebook."""

    name: str
    caption: str
    source: str
    drawing: Drawing

    def to_bytes(self, form: str = "pdf", dpi: int = 200) -> bytes:
        """The figure as PDF, SVG or PNG, without dates."""
        if form not in FORMATS:
            raise InputError(f"a figure cannot be written as {form!r}; the forms are {', '.join(FORMATS)}")
        metadata = {"pdf": {"CreationDate": None}, "svg": {"Date": None}, "png": {"Software": None}}[form]
        from matplotlib import rc_context

        out = io.BytesIO()
        logging.getLogger("fontTools").setLevel(logging.ERROR)  # it remarks on the missing dates

        with rc_context({"svg.hashsalt": self.name, "svg.fonttype": "path", "pdf.fonttype": 42}):
            self.drawing.savefig(out, format=form, dpi=dpi, metadata=metadata)
        return out.getvalue()

    @property
    def data(self) -> dict[str, Any]:
        """Every curve, bar, image and collection of every panel as lists of numbers."""
        return {"name": self.name, "panels": [_panel(axes) for axes in self.drawing.axes]}

    def to_json(self) -> str:
        """The numbers as JSON text, the same on every machine."""
        return json.dumps(self.data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    def _repr_png_(self) -> bytes:
        return self.to_bytes("png", dpi=110)


def _panel(axes: Axes) -> dict[str, Any]:
    return {
        "title": axes.get_title(loc="left") or axes.get_title(),
        "x": axes.get_xlabel(),
        "y": axes.get_ylabel(),
        "curves": [
            {"label": _label(line), "x": _numbers(line.get_xdata()), "y": _numbers(line.get_ydata())}
            for line in axes.get_lines()
        ],
        "bars": [_bar(p) for p in axes.patches if hasattr(p, "get_height")],
        "areas": [_area(collection) for collection in axes.collections],
        "images": [_numbers(image.get_array()) for image in axes.get_images()],
    }


def _bar(patch: Any) -> list[float | None]:
    return [_number(patch.get_x()), _number(patch.get_width()), _number(patch.get_height())]


def _area(collection: Any) -> dict[str, Any]:
    """A filled band, a set of points, or a mesh with its values."""
    values = collection.get_array()
    corners = (p.vertices for p in collection.get_paths())
    found: dict[str, Any] = {"label": _label(collection)}
    if values is not None:
        return found | {"values": _numbers(values.ravel())}
    return found | {"corners": [[_number(v) for v in row] for path in corners for row in path]}


def _label(artist: Any) -> str:
    """The label that was given; matplotlib's own names for unlabelled artists begin with an underscore."""
    text = str(artist.get_label() or "")
    return "" if text.startswith("_") else text


def _numbers(values: Any) -> list[Any]:
    return [_number(v) for v in _flat(values)]


def _flat(values: Any) -> Iterator[Any]:
    import numpy as np

    array: Any = np.ma.filled(np.ma.asarray(values, dtype=float), np.nan)
    yield from array.ravel().tolist()


def _number(value: float) -> float | None:
    """Nine significant digits; None for what is not a finite number (JSON has no NaN)."""
    import math

    if not math.isfinite(value):
        return None
    return float(f"{value:.{_SIGNIFICANT - 1}e}")
