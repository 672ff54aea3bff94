"""The directive ``derived-table NAME``: a table of the package, made when the pages are built."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from derive.report.tables import table


class DerivedTable(SphinxDirective):
    """One argument, the name of a table of ``derive table``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Raw HTML in a block that scrolls sideways on a narrow page."""
        html = f'<div class="table-wrapper derived">\n{table(self.arguments[0]).to_html()}</div>'
        return [nodes.raw("", html, format="html")]


def setup(app: Any) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("derived-table", DerivedTable)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
