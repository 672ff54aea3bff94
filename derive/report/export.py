"""Everything that is handed on, written into one folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from derive.evidence.cache import Cache
from derive.evidence.certificate import as_json
from derive.evidence.records import claims
from derive.files import cache_folder, require_writable, write_folder
from derive.report.bibtex import cite
from derive.report.document import html_page, latex_document
from derive.report.figure_run import figure_files
from derive.report.figures import FIGURES
from derive.report.pdf import compile_pdf
from derive.report.tables import table, table_names

__all__ = ["export"]

_TITLE = "Laws of deep random networks: claims, evidence and errata"


def export(
    folder: str | PathLike[str],
    *,
    pdf: bool = False,
    figures: bool = True,
    jobs: int = 1,
    cache: str | PathLike[str] | None = None,
    progress: Callable[[Any], None] | None = None,
) -> list[Path]:
    """Write tables (LaTeX, Markdown, HTML), figures, a document, a page, BibTeX and the certificates into a folder.

    The folder is made if need be; older files of the same names are replaced, others stay.  Everything is written
    beside the folder first, so a failure leaves no partial file.  With ``pdf=True`` the document is also compiled, if
    there is a pdflatex; whether ``document.pdf`` is among the returned paths tells.  Figures (PDF, SVG, and their
    numbers as JSON) are drawn in ``jobs`` processes where matplotlib is installed, or taken from the cache (the
    folder ``cache``, else the one of :func:`~derive.files.cache_folder`); ``progress`` is called once for
    each.

    Raises :class:`~derive.errors.OutputError` where the folder cannot be written.
    """
    require_writable(Path(folder))
    drawn = _figures(cache, jobs, progress) if figures else {}
    captions = {name: _caption(name) for name in drawn}
    tables = [table(name) for name in table_names()]
    document = latex_document(tables, _TITLE, {f"figures/{n}.pdf": text for n, text in captions.items()})
    files: dict[str, str | bytes] = {}
    for t in tables:
        files |= {
            f"tables/{t.name}.tex": t.to_latex(),
            f"tables/{t.name}.md": t.to_markdown(),
            f"tables/{t.name}.html": html_page([t], t.title),
        }
    pictures = {f"figures/{name}.{form}": made for name, forms in drawn.items() for form, made in forms.items()}
    page = html_page(tables, _TITLE, {f"figures/{n}.svg": text for n, text in captions.items()})
    files |= {"document.tex": document, "index.html": page, "references.bib": cite(), **pictures}
    files |= {f"certificates/{r.id}.json": as_json(r.certificate) for r in claims() if r.status != "not run"}
    compiled = compile_pdf(document, pictures) if pdf else None
    if compiled is not None:
        files["document.pdf"] = compiled
    return write_folder(Path(folder), files)


def _figures(
    cache: str | PathLike[str] | None, jobs: int, progress: Callable[[Any], None] | None
) -> Mapping[str, Mapping[str, bytes]]:
    """The figures by name, none where matplotlib is not installed."""
    from importlib.util import find_spec

    if find_spec("matplotlib") is None:
        return {}
    return figure_files(
        cache=Cache(cache_folder(cache), "figures", required=cache is not None), jobs=jobs, progress=progress
    )


def _caption(name: str) -> str:
    entry = FIGURES[name]
    return f"{name}: {entry.caption}" + (f" ({entry.source})" if entry.source else "")
