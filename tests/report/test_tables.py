"""Tables as LaTeX, Markdown, HTML and text, and what stands in them."""

import re
import shutil
import xml.etree.ElementTree as ElementTree

import pytest

from derive.errors import InputError, OutputError, UnknownNameError
from derive.evidence.records import claims
from derive.report import Column, Math, Table, table, table_names
from derive.report.document import html_page, latex_document
from derive.report.escape import html_text, latex_text, markdown_text
from derive.report.pdf import compile_pdf

NASTY = 'a_b & 50% of $x$ {#1} ~ ^ \\end{document} <i> | "q" → φ ≤ ∞'
TABLE = Table(
    "demo",
    "Title with 100% & more",
    (Column("name"), Column("formula", 0.4), Column("digits", right=True)),
    (("alpha", Math(r"\frac{1}{2}", "1/2"), "30"), (NASTY, Math(r"|x|", "|x|"), "5")),
    notes=("A note_.", Math("x^2", "x**2")),
)

needs_latex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no pdflatex")


def test_latex_uses_booktabs_and_one_line_per_row():
    lines = TABLE.to_latex().splitlines()
    assert lines[0].startswith(r"\begin{tabular}{@{}l") and r"\toprule" in lines and r"\bottomrule" in lines
    assert lines[lines.index(r"\midrule") + 1] == r"alpha & \(\displaystyle \frac{1}{2}\) & 30 \\"
    assert all(line.count(" & ") == 2 for line in lines if line.endswith(r"\\"))


def test_markdown_has_the_same_number_of_cells_in_every_line():
    rows = [line for line in TABLE.to_markdown().splitlines() if line.startswith("|")]
    assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [4] * 4
    assert r"$\frac{1}{2}$" in rows[2] and "---:" in rows[1]


def test_html_is_well_formed_and_escapes_what_it_is_given():
    root = ElementTree.fromstring(f"<div>{TABLE.to_html()}</div>")
    cells = ["".join(cell.itertext()) for cell in root.iter("td")]
    assert cells == ["alpha", "1/2", "30", NASTY, "|x|", "5"]
    assert not list(root.iter("i"))


def test_text_is_aligned():
    lines = Table("t", "", (Column("a"), Column("b", right=True)), (("x", "1"), ("yyy", "22"))).to_text().splitlines()
    assert lines == ["a     b", "x     1", "yyy  22"]


def test_a_row_of_the_wrong_length_is_refused():
    with pytest.raises(InputError, match="2 cells for 1 columns"):
        Table("t", "", (Column("a"),), (("x", "y"),))


@pytest.mark.parametrize("escape", [latex_text, markdown_text, html_text])
def test_plain_words_are_left_as_they_are(escape):
    assert escape("Plain words, numbers 12.5 and (brackets).") == "Plain words, numbers 12.5 and (brackets)."


@needs_latex
def test_a_document_with_hostile_text_compiles():
    assert compile_pdf(latex_document([TABLE], NASTY)).startswith(b"%PDF")


@needs_latex
def test_every_table_of_the_registry_compiles():
    tables = [table(name) for name in table_names()]
    assert compile_pdf(latex_document(tables, "all")).startswith(b"%PDF")


@needs_latex
def test_a_document_that_does_not_compile_names_the_first_error():
    with pytest.raises(OutputError, match="Undefined control sequence"):
        compile_pdf("\\documentclass{article}\\begin{document}\\nonsense\\end{document}")


def test_without_pdflatex_there_is_no_pdf(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert compile_pdf("anything") is None


def test_a_page_needs_nothing_from_outside():
    page = html_page([TABLE], "Title")
    assert "<script" not in page and "http" not in page and page.startswith("<!doctype html>")


def test_the_table_of_claims_has_a_row_per_claim_with_its_status():
    rows = table("claims").rows
    assert [row[2].split(";")[0] for row in rows] == [r.status for r in claims()]


def test_the_errata_have_a_row_per_refuted_or_conditional_print():
    wanted = [r.printed_status for r in claims() if r.printed_status in ("refuted", "conditional")]
    assert sorted(row[3].split(":")[0] for row in table("errata").rows) == sorted(wanted)


def test_an_unknown_table_names_near_matches():
    with pytest.raises(UnknownNameError, match="did you mean claims"):
        table("claim")
