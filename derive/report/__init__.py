"""What is handed on: tables as LaTeX, Markdown and HTML, figures, errata, BibTeX, and the export of all of it.

Numbers in tables of evidence are read from certificates; laws and figures are computed by the rooms below when they are
asked for.
"""

from derive.report.bibtex import cite
from derive.report.export import export
from derive.report.figure import Figure
from derive.report.figures import figure, figure_names
from derive.report.table import Column, Math, Table
from derive.report.tables import table, table_names

__all__ = ["Column", "Figure", "Math", "Table", "cite", "export", "figure", "figure_names", "table", "table_names"]
