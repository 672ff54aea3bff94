"""Everything that is handed on, written into one folder."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from derive.evidence.certificate import as_json
from derive.evidence.files import write_folder
from derive.evidence.records import claims
from derive.report.bibtex import cite
from derive.report.document import html_page, latex_document
from derive.report.pdf import compile_pdf
from derive.report.tables import table, table_names

__all__ = ["export"]

_TITLE = "Laws of deep random networks: claims, evidence and errata"


def export(folder: str | PathLike[str], *, pdf: bool = False) -> list[Path]:
    """Write tables (LaTeX, Markdown, HTML), a LaTeX document, a page, BibTeX and the certificates into a folder.

    The folder is made if need be; older files of the same names are replaced, others stay.  Everything is written
    beside the folder first, so a failure leaves no partial file.  With ``pdf=True`` the document is also compiled, if
    there is a pdflatex; whether ``document.pdf`` is among the returned paths tells.

    Raises :class:`~derive.errors.OutputError` where the folder cannot be written.
    """
    tables = [table(name) for name in table_names()]
    document = latex_document(tables, _TITLE)
    files: dict[str, str | bytes] = {}
    for t in tables:
        files |= {
            f"tables/{t.name}.tex": t.to_latex(),
            f"tables/{t.name}.md": t.to_markdown(),
            f"tables/{t.name}.html": html_page([t], t.title),
        }
    files |= {"document.tex": document, "index.html": html_page(tables, _TITLE), "references.bib": cite()}
    files |= {f"certificates/{r.id}.json": as_json(r.certificate) for r in claims() if r.status != "not run"}
    compiled = compile_pdf(document) if pdf else None
    if compiled is not None:
        files["document.pdf"] = compiled
    return write_folder(Path(folder), files)
