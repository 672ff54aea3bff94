"""Every claim has a source that can be cited, and the documentation lists the sources there are."""

import re
from pathlib import Path

import pytest

import derive as dv
from derive.evidence.bibliography import OWN, PAPERS

ROOT = Path(__file__).parent.parent.parent
KEYS = [p.key for p in PAPERS]


@pytest.fixture(scope="module")
def records():
    """The claims with certificates; that none is without is seen in tests/test_packaging.py."""
    return [record for record in dv.claims() if record.status != "not run"]


def test_keys_are_unique():
    assert len(set(KEYS)) == len(KEYS)


def test_every_claim_names_a_known_source_and_a_place_in_it(records):
    for record in records:
        key, place = record.source
        assert key in KEYS, f"{record.id} cites {key!r}"
        assert place.strip(), f"{record.id} does not say where in {key}"


def test_every_claim_can_be_cited(records):
    entries = {p.key: dv.cite(p.key) for p in PAPERS}
    for record in records:
        assert dv.cite(record) == entries[record.source[0]]
    assert len(set(entries.values())) == len(PAPERS)


def test_every_source_is_one_of_some_claim(records):
    assert {record.source[0] for record in records} == set(KEYS)


def test_an_entry_has_what_its_kind_requires():
    # the required fields of the standard BibTeX styles
    required = {
        "inproceedings": {"author", "title", "booktitle", "year"},
        "article": {"author", "title", "journal", "year"},
        "book": {"author", "title", "publisher", "year"},
        "techreport": {"author", "title", "institution"},
        "misc": {"author", "title"},
        "software": {"author", "title"},
    }
    for paper in PAPERS:
        names = [name for name, _ in paper.fields]
        assert required[paper.kind] <= set(names), paper.key
        assert len(set(names)) == len(names), paper.key


def test_the_page_on_claims_lists_the_bibliography():
    page = (ROOT / "docs" / "claims.md").read_text()
    table = page[page.index("| key | source |") :].split("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == KEYS
    assert OWN in KEYS
