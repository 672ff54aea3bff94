"""Run the notebooks of this folder.  ``--write`` stores what they print; without it, differences are an error.

Formulas, numbers and tables are compared as text; of a picture only that there is one.  Needs nbclient and ipykernel,
both in the extra ``test``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
PICTURES = ("image/png", "image/svg+xml")
TEXTS = ("text/html", "text/latex", "text/plain")  # as Jupyter prefers them


def shown(cell: Any) -> list[str]:
    """What a reader sees below a cell: text, and of each result its richest form; of a picture that there is one."""
    return [_form(output) for output in cell.get("outputs", ())]


def _form(output: Any) -> str:
    if output.output_type == "stream":
        return output.text
    data = output.get("data", {})
    if any(kind in data for kind in PICTURES):
        return "a picture"
    return next((data[kind] for kind in TEXTS if kind in data), f"an {output.output_type}")


def run(path: Path) -> tuple[Any, list[str]]:
    """The executed notebook, and the cells that show something else than what is stored."""
    book = nbformat.read(path, as_version=4)
    stored = [shown(cell) for cell in book.cells]
    NotebookClient(book, timeout=240, kernel_name="python3", record_timing=False).execute()
    for cell in book.cells:
        cell.metadata.clear()
        for output in cell.get("outputs", ()):
            _forget_addresses(output)
    book.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    rows = enumerate(zip(book.cells, stored, strict=True))
    changed = [f"cell {k}: stored {old}, now {shown(cell)}" for k, (cell, old) in rows if shown(cell) != old]
    return book, changed


def _forget_addresses(output: Any) -> None:
    """The plain form of a picture names an address in memory; it is not stored."""
    if any(kind in output.get("data", {}) for kind in PICTURES):
        output.data.pop("text/plain", None)


def main(arguments: list[str]) -> int:
    """Run the notebooks named, or all."""
    write = "--write" in arguments
    names = [HERE / a for a in arguments if a != "--write"] or sorted(HERE.glob("*.ipynb"))
    bad = 0
    for path in names:
        book, changed = run(path)
        if write:
            nbformat.write(book, path)
        elif changed:
            bad = 1
            print(f"{path.name} prints something else than what is stored", *changed, sep="\n  ", file=sys.stderr)
    return bad


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
