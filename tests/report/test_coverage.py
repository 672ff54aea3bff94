"""The coverage of the five papers: complete, without doubles, and naming only what exists."""

from collections import Counter

import pytest

from derive.errors import InputError
from derive.evidence.proof import proof_ids
from derive.evidence.records import claims
from derive.report import table
from derive.report.coverage import FIVE, KINDS, REASONS, Item, coverage_counts, coverage_items, uncovered
from derive.report.figures import figure_names
from derive.report.tables import table_names

ITEMS = coverage_items()


def test_every_claim_about_the_five_papers_stands_in_an_item():
    missing = uncovered(ITEMS)
    assert not missing, f"no item of proofs/coverage names {', '.join(missing)}"


def test_a_claim_that_no_item_names_is_found():
    wanted = "plain_length_recurrence"
    without = tuple(i for i in ITEMS if wanted not in i.claims)
    assert wanted in uncovered(without)


@pytest.mark.parametrize(
    ("field", "known"),
    [("claims", proof_ids), ("figures", figure_names), ("tables", table_names)],
    ids=("claims", "figures", "tables"),
)
def test_what_is_named_exists(field, known):
    unknown = {name for item in ITEMS for name in getattr(item, field)} - set(known())
    assert not unknown


def test_every_item_is_accounted_for_in_one_way():
    for item in ITEMS:
        assert bool(item.claims or item.figures or item.tables) != bool(item.why), item
        assert not item.why or item.reason in REASONS, item


def test_no_statement_stands_twice():
    counts = Counter((i.paper, i.place, i.says) for i in ITEMS)
    assert not [where for where, number in counts.items() if number > 1]


def test_no_item_names_a_thing_twice():
    assert not [i for i in ITEMS for names in (i.claims, i.figures, i.tables) if len(set(names)) < len(names)]


def test_numbered_equations_are_complete():
    """The numbers printed in the papers: (1) to (25) and on in their texts; stripped ones are listed as eq. N."""
    last = {"tarnowski2019": 27, "pabari": 27, "hanin2018": 8, "schoenholz2017": 16}
    for key, count in last.items():
        places = [i.place for i in ITEMS if i.paper == key]
        for n in range(1, count + 1):
            assert any(f"equation ({n})" in p or p.endswith(f"eq. {n}") for p in places), f"{key} ({n})"


@pytest.mark.parametrize(
    ("key", "numbers"),
    [("yang2017", 3), ("tarnowski2019", 4), ("pabari", 5), ("hanin2018", 4), ("schoenholz2017", 6)],
)
def test_numbered_figures_are_complete(key, numbers):
    places = [i.place for i in ITEMS if i.paper == key]
    assert all(any(p.startswith(f"Figure {n}") for p in places) for n in range(1, numbers + 1))


def test_numbered_theorems_of_hanin_are_complete():
    places = " ".join(i.place for i in ITEMS if i.paper == "hanin2018")
    assert all(f"Theorem {n}" in places for n in range(1, 7)) and "Corollary 1" in places and "Corollary 2" in places


def test_the_table_has_a_row_per_item_and_shows_the_status_of_claims():
    coverage = table("coverage")
    assert len(coverage.rows) == len(ITEMS) and "unknown" not in coverage.to_text()
    row = next(r for i, r in zip(ITEMS, coverage.rows, strict=True) if i.claims == ("sigmoid_slope_squared_curvature",))
    (record,) = (r for r in claims() if r.id == "sigmoid_slope_squared_curvature")
    assert row[3] == f"{record.id} (proved; print refuted)"


def test_counts_add_up():
    counts = coverage_counts()
    assert list(counts) == list(FIVE) and sum(sum(c.values()) for c in counts.values()) == len(ITEMS)
    assert {state for c in counts.values() for state in c} <= {"claim", "figure or table", *REASONS}
    assert {i.kind for i in ITEMS} <= set(KINDS)


ENTRY = '[[item]]\nplace = "(1)"\nkind = "equation"\nsays = "x"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ENTRY, "or say why"),
        (ENTRY + 'why = "definition"\nclaims = ["a"]\n', "or say why"),
        (ENTRY + 'why = "because"\n', "the reason starts with"),
        (ENTRY.replace("equation", "poem") + 'why = "definition"\n', "a kind out of"),
        (ENTRY + 'because = "definition"\n', "no such field because"),
        ("[[item]", "is not TOML"),
    ],
)
def test_an_unusable_file_is_refused(tmp_path, text, message):
    (tmp_path / f"{FIVE[0]}.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        coverage_items(tmp_path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"yang2017\.toml"):
        coverage_items(tmp_path)


def test_the_reason_is_what_stands_before_the_colon():
    item = Item("pabari", "abstract", "sentence", "x", why="not derived yet: a detail")
    assert item.reason == item.state == "not derived yet"
