"""How figures look: one style for all, sized for a page of A4, legible in grey and for the colour-blind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from derive.errors import UnsupportedError

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "panels", "shades", "style"]

#: Okabe and Ito's colours, which remain apart for colour-blind readers
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")

_STYLE: dict[str, Any] = {
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "legend.fontsize": 7.5,
    "legend.frameon": True,
    "legend.framealpha": 0.85,
    "legend.edgecolor": "none",
    "legend.fancybox": False,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 1.3,
    "mathtext.fontset": "cm",
    "figure.dpi": 110,
}


@contextmanager
def style() -> Iterator[None]:
    """The style while a figure is drawn.  Raises UnsupportedError where matplotlib is not installed."""
    try:
        from cycler import cycler
        from matplotlib import rc_context
    except ImportError as missing:
        raise UnsupportedError("figures need matplotlib: pip install 'meanfield-derive[plot]'") from missing
    settings: Any = {**_STYLE, "axes.prop_cycle": cycler(color=COLOURS)}
    with rc_context(settings):
        yield


def panels(columns: int = 1, rows: int = 1, width: float = 7.2, height: float = 2.5) -> tuple[Figure, np.ndarray]:
    """A figure with a row of panels, lettered (a), (b), ... where there are several; sizes in inches, per row."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    if len(axes) > 1:
        for letter, panel in zip("abcdefghijkl", axes, strict=False):
            panel.set_title(f"({letter})")
    return figure, axes


def shades(count: int) -> list[Any]:
    """So many colours of one ordered family, dark to light, for a parameter that runs."""
    from matplotlib import colormaps

    return [colormaps["viridis"](0.9 * i / max(count - 1, 1)) for i in range(count)]
