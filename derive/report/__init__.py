"""What is handed on: tables as LaTeX, Markdown and HTML, the list of errata, BibTeX, and the export of all of it.

Numbers in a report are read from certificates; nothing is computed here.
"""

from derive.report.bibtex import cite
from derive.report.export import export
from derive.report.table import Column, Math, Table
from derive.report.tables import table, table_names

__all__ = ["Column", "Math", "Table", "cite", "export", "table", "table_names"]
