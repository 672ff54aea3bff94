r"""A table as a value: columns, rows, and the three ways to print it.

A cell is text, a :class:`Math` formula, which carries its LaTeX and a plain form, or a :class:`Stack` of both.
LaTeX output uses booktabs; columns with a width break lines.  HTML shows formulas in plain form, so that a page
needs no script.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from derive.errors import InputError
from derive.report.escape import html_text, latex_text, markdown_text

__all__ = ["Cell", "Column", "Math", "Stack", "Table"]


_LONG = 300  # characters of LaTeX beyond which a formula is set small


@dataclass(frozen=True)
class Math:
    """A formula: LaTeX without delimiters, and plain text."""

    latex: str
    text: str


@dataclass(frozen=True)
class Stack:
    """Text and formulas, each in a line of its own within one cell."""

    parts: tuple[str | Math, ...]


Cell = str | Math | Stack


@dataclass(frozen=True)
class Column:
    """The head of a column.  ``width`` is a fraction of the line; without it the column is as wide as its cells."""

    title: Cell
    width: float | None = None
    right: bool = False

    @property
    def latex(self) -> str:
        """The column's specification in a tabular."""
        if self.width is None:
            return "r" if self.right else "l"
        return rf">{{\raggedright\arraybackslash}}p{{{self.width:g}\linewidth}}"


@dataclass(frozen=True)
class Table:
    """A titled table.  ``notes`` are printed below it.

    >>> columns = Column("name"), Column("value", right=True)
    >>> print(Table("demo", "A demonstration", columns, (("a", Math("x^2", "x**2")),)).to_markdown())
    **A demonstration**
    <BLANKLINE>
    | name | value |
    | --- | ---: |
    | a | $x^2$ |
    <BLANKLINE>
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Cell, ...] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise InputError(f"a row of the table {self.name} has {len(row)} cells for {len(self.columns)} columns")

    def to_latex(self, *, long: bool = False) -> str:
        r"""A ``tabular`` with booktabs rules, or with ``long=True`` a ``longtable`` that may run over pages.

        Needs the packages array, booktabs, amsmath (and longtable).
        """
        kind = "longtable" if long else "tabular"
        spec = "@{}" + "".join(c.latex for c in self.columns) + "@{}"
        head = _latex_row([c.title for c in self.columns])
        lines = [rf"\begin{{{kind}}}{{{spec}}}"]
        lines += [r"\toprule", head, r"\midrule"] + ([r"\endhead"] if long else [])
        lines += [_latex_row(row) for row in self.rows]
        lines += [r"\bottomrule", rf"\end{{{kind}}}"]
        lines += [r"\par\smallskip\noindent " + _latex(note) for note in self.notes]
        return "\n".join(lines) + "\n"

    def to_markdown(self) -> str:
        """A Markdown table; formulas stand between dollar signs."""
        rules = ["---:" if c.right else "---" for c in self.columns]
        lines = [f"**{markdown_text(self.title)}**", "", _markdown_row([c.title for c in self.columns])]
        lines += ["| " + " | ".join(rules) + " |", *(_markdown_row(row) for row in self.rows)]
        lines += [line for note in self.notes for line in ("", _markdown(note))]
        return "\n".join(lines) + "\n"

    def to_html(self) -> str:
        """An HTML table with a caption, without styles or scripts."""
        head = "".join(f"<th{_html_width(c)}>{_html(c.title)}</th>" for c in self.columns)
        lines = ["<table>", f"<caption>{html_text(self.title)}</caption>", f"<thead><tr>{head}</tr></thead>", "<tbody>"]
        for row in self.rows:
            cells = zip(self.columns, row, strict=True)
            inside = "".join(f"<td{_html_align(column)}>{_html(cell)}</td>" for column, cell in cells)
            lines.append(f"<tr>{inside}</tr>")
        lines += ["</tbody>", "</table>", *(f"<p>{_html(note)}</p>" for note in self.notes)]
        return "\n".join(lines) + "\n"

    def to_text(self) -> str:
        """Aligned columns for a terminal."""
        rows = [[_plain(c.title) for c in self.columns], *([_plain(cell) for cell in row] for row in self.rows)]
        widths = [max(len(row[i]) for row in rows) for i in range(len(self.columns))]
        return "".join(_text_row(row, widths, self.columns) + "\n" for row in rows)

    def as_data(self) -> dict[str, object]:
        """Plain data for a program: formulas as plain text and as LaTeX."""

        def value(cell: Cell) -> object:
            if isinstance(cell, Stack):
                return [value(part) for part in cell.parts]
            return {"text": cell.text, "latex": cell.latex} if isinstance(cell, Math) else cell

        rows = [[value(cell) for cell in row] for row in self.rows]
        columns = [_plain(c.title) for c in self.columns]
        return {"name": self.name, "title": self.title, "columns": columns, "rows": rows}

    def _repr_html_(self) -> str:
        return self.to_html()


def _by_kind(math: Callable[[Math], str], text: Callable[[str], str], between: str) -> Callable[[Cell], str]:
    def show(cell: Cell) -> str:
        if isinstance(cell, Stack):
            return between.join(show(part) for part in cell.parts)
        return math(cell) if isinstance(cell, Math) else text(cell)

    return show


def _latex_math(latex: str) -> str:
    """A formula for a cell; a long one in small type, so that its fractions fit a column."""
    if len(latex) > _LONG:
        return rf"{{\scriptsize\({latex}\)}}"
    return rf"\(\displaystyle {latex}\)"


_plain = _by_kind(lambda m: m.text, str, "; ")
_latex = _by_kind(lambda m: _latex_math(m.latex), latex_text, r"\par\smallskip ")
_markdown = _by_kind(lambda m: "$" + m.latex.replace("|", r"\vert ").replace("\n", " ") + "$", markdown_text, "<br>")
_html = _by_kind(lambda m: f'<code title="{html_text(m.latex)}">{html_text(m.text)}</code>', html_text, "<br>")


def _html_width(column: Column) -> str:
    return "" if column.width is None else f' style="width:{100 * column.width:g}%"'


def _html_align(column: Column) -> str:
    return ' style="text-align:right"' if column.right else ""


def _latex_row(cells: tuple[Cell, ...] | list[Cell]) -> str:
    return " & ".join(_latex(c) for c in cells) + r" \\"


def _markdown_row(cells: tuple[Cell, ...] | list[Cell]) -> str:
    return "| " + " | ".join(_markdown(c) for c in cells) + " |"


def _text_row(row: list[str], widths: list[int], columns: tuple[Column, ...]) -> str:
    def padded() -> Iterator[str]:
        for text, width, column in zip(row, widths, columns, strict=True):
            yield text.rjust(width) if column.right else text.ljust(width)

    return "  ".join(padded()).rstrip()
