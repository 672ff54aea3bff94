"""Export and citations."""

import json
import re

import pytest

from derive.errors import OutputError, UnknownNameError
from derive.evidence.bibliography import PAPERS
from derive.evidence.records import claims, record
from derive.report import cite, export, table_names


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """One export for the tests that only look at it."""
    folder = tmp_path_factory.mktemp("export") / "out"
    return folder, export(folder, figures=False)


def test_export_writes_every_table_three_times_and_every_certificate(exported):
    folder, paths = exported
    written = {str(p.relative_to(folder)) for p in paths}
    tables = {f"tables/{name}.{kind}" for name in table_names() for kind in ("tex", "md", "html")}
    certificates = {f"certificates/{r.id}.json" for r in claims() if r.status != "not run"}
    assert written == tables | certificates | {"document.tex", "index.html", "references.bib"}
    assert all((folder / name).stat().st_size for name in written)


def test_exported_certificates_are_the_stored_ones(exported):
    folder, _ = exported
    for r in claims():
        if r.status != "not run":
            copy = folder / "certificates" / f"{r.id}.json"
            assert copy.read_bytes() == (r.proofs / "certificates" / f"{r.id}.json").read_bytes()
            assert json.loads(copy.read_text())["status"] == r.status


def test_exporting_twice_gives_the_same_bytes(exported):
    folder, paths = exported
    first = {p: p.read_bytes() for p in paths}
    assert {p: p.read_bytes() for p in export(folder, figures=False)} == first


def test_a_place_that_cannot_be_written_is_an_error_and_leaves_nothing(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(OutputError, match="cannot write"):
        export(blocked, figures=False)
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_every_entry_is_balanced_bibtex_with_a_title():
    entries = cite().split("\n\n")
    assert len(entries) == len(PAPERS)
    for entry in entries:
        assert re.match(r"@\w+\{\w+,\n", entry) and entry.count("{") == entry.count("}") and "title = {" in entry


def test_a_claim_cites_its_source():
    assert cite("variance_of_sine") == cite("derive") == cite(record("variance_of_sine"))


def test_the_same_paper_is_cited_once():
    assert cite("yang2017", "yang2017") == cite("yang2017")


def test_an_unknown_key_is_refused():
    with pytest.raises(UnknownNameError, match="yang2017"):
        cite("yang2018")
