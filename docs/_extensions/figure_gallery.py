"""The gallery: the directive ``figure-gallery`` shows every figure of the registry that belongs to one source.

The figures are drawn when the HTML pages are built, from the registry and with the cache that ``derive export`` uses,
and written into ``_static/figures`` of the output.  Nothing drawn is kept in the repository.
"""

from __future__ import annotations

import os
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from derive.errors import InputError
from derive.evidence.bibliography import paper
from derive.report.figures import FIGURES, Entry

logger = logging.getLogger(__name__)

#: where the pages look for the figures, relative to the page
FOLDER = "_static/figures"

#: the argument of the directive for figures that correspond to no printed figure
OTHERS = "others"


def group(key: str) -> dict[str, Entry]:
    """The figures whose source is the paper with that key, or, for :data:`OTHERS`, the figures without a source."""
    if key == OTHERS:
        return {name: entry for name, entry in FIGURES.items() if not entry.source}
    short = paper(key).short
    found = {name: entry for name, entry in FIGURES.items() if entry.source.startswith(f"{short}, ")}
    if not found:
        raise InputError(f"no figure corresponds to {short}")
    return found


def figure_html(name: str, entry: Entry) -> str:
    """One figure with its caption, the printed figure it corresponds to, and the command that makes it."""
    title, file = name.replace("_", " "), f"{FOLDER}/{name}.svg"
    source = f" Compare {escape(entry.source)}." if entry.source else ""
    return (
        f'<figure class="drawn" id="{name.replace("_", "-")}">'
        f'<a href="{file}"><img src="{file}" alt="{escape(entry.caption)}" loading="lazy"></a>'
        f"<figcaption><strong>{escape(title)}.</strong> {escape(entry.caption)}{source} "
        f"<code>derive figure {name}</code></figcaption></figure>"
    )


class FigureGallery(SphinxDirective):
    """``figure-gallery``: one argument, the key of a paper or ``others``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Raw HTML, one ``figure`` element per figure."""
        html = "\n".join(figure_html(name, entry) for name, entry in group(self.arguments[0]).items())
        return [nodes.raw("", html, format="html")]


def draw(app: Any, error: Exception | None) -> None:
    """Write the SVG of every figure beside the pages; a figure that cannot be drawn is a warning."""
    if error is not None or app.builder.format != "html":
        return
    from derive.evidence.cache import Cache
    from derive.files import cache_folder
    from derive.report.figure_run import figure_files

    def fault(made: Any) -> None:
        if made.fault:
            logger.warning("the figure %s could not be drawn: %s", made.name, made.fault)

    drawn = figure_files(cache=Cache(cache_folder(None), "figures"), jobs=os.cpu_count() or 1, progress=fault)
    folder = Path(app.outdir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, forms in drawn.items():
        (folder / f"{name}.svg").write_bytes(forms["svg"])


def setup(app: Any) -> dict[str, Any]:
    """Register the directive, and the drawing at the end of a build."""
    app.add_directive("figure-gallery", FigureGallery)
    app.connect("build-finished", draw)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
