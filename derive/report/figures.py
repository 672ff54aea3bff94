"""The figures by name.  A provider is a function without arguments that returns a matplotlib Figure.

To add one, write its provider in a file of its own (it may use :mod:`derive.report.plotting`) and list it in
``FIGURES``.  Providers compute what they draw with the package; measured data never enters, except for simulations
with a fixed seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module

from derive.errors import UnknownNameError
from derive.report.figure import Figure

__all__ = ["FIGURES", "Entry", "figure", "figure_names"]


@dataclass(frozen=True)
class Entry:
    """Where a figure is made, what it shows, and the printed figure it corresponds to."""

    module: str
    function: str
    caption: str
    source: str = ""


#: name -> entry; modules are imported when a figure is asked for
FIGURES: dict[str, Entry] = {
    "tanh_residual_dynamics": Entry(
        "derive.report.figures_residual",
        "dynamics",
        "Lengths, cosine distance and gradients of a tanh full residual network, layer by layer, for several starts.",
        "paper 000, Fig. 1, theory",
    ),
    "tanh_residual_exponents": Entry(
        "derive.report.figures_residual",
        "exponents",
        "The limit of the cosine distance and its exponent; the approach to it; the growth of gradients.",
        "paper 000, Fig. 2",
    ),
    "tanh_residual_depths": Entry(
        "derive.report.figures_residual",
        "depths",
        "Where the gradient of a tanh residual network has grown by a given factor: exact levels and their law.",
        "paper 000, Fig. 3, theory curves",
    ),
    "tanh_expansions": Entry(
        "derive.report.figures_residual",
        "expansions",
        "The variance after tanh with its expansions at small and large variance, and what they leave.",
    ),
}


def figure_names() -> tuple[str, ...]:
    """The names of all figures."""
    return tuple(FIGURES)


def figure(name: str) -> Figure:
    """The figure of that name, computed and drawn now.

    Needs matplotlib (the extra ``plot``).  An unknown name raises :class:`~derive.errors.UnknownNameError`.
    """
    entry = FIGURES.get(name)
    if entry is None:
        near = get_close_matches(str(name), FIGURES, n=1)
        hint = f"did you mean {near[0]}?" if near else f"the figures are {', '.join(FIGURES)}"
        raise UnknownNameError(f"no figure is called {name!r}; {hint}")
    from derive.report.plotting import style

    with style():
        drawing = getattr(import_module(entry.module), entry.function)()
    return Figure(name, entry.caption, entry.source, drawing)
