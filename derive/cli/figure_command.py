"""``derive figure``: one figure as a file, or its numbers."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from derive.cli.output import emit, note, print_json
from derive.errors import InputError

__all__ = ["show_figure"]


def show_figure(options: Namespace) -> int:
    """``derive figure [NAME] [--output FILE]``."""
    from derive.files import write_file
    from derive.report.figure import FORMATS
    from derive.report.figures import FIGURES, figure

    if options.name is None:
        if options.json:
            print_json({name: {"caption": e.caption, "source": e.source} for name, e in FIGURES.items()})
        else:
            for name, entry in FIGURES.items():
                emit(f"{name}: {entry.caption}")
        return 0
    place = Path(options.output or f"{options.name}.pdf")
    form = place.suffix.lstrip(".").lower()
    if form not in FORMATS and not options.json:
        raise InputError(f"--output {place} has no known ending; the forms are {', '.join(FORMATS)}")
    note(options, f"drawing {options.name}")
    made = figure(options.name)
    if options.json:
        print_json(made.data)
        return 0
    write_file(place, made.to_bytes(form))
    note(options, f"written to {place}")
    return 0
