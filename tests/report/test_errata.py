"""The errata as an author reads them: what is printed, what is right, when the print holds, what shows it."""

import pytest

from derive.evidence.records import errata
from derive.report import table
from derive.report.coverage import FIVE
from derive.report.errata import errata_entries, with_decimals
from derive.report.table import Math, Stack

ENTRIES = {e.id: e for e in errata_entries()}


def test_every_refuted_or_conditional_print_has_an_entry_with_all_its_parts():
    assert set(ENTRIES) == {r.id for r in errata()}
    for entry in ENTRIES.values():
        assert entry.printed and entry.right.text and entry.printed_formula.text and entry.title and entry.shown, (
            entry.id
        )
        assert bool(entry.condition) == (entry.status == "conditional")


def test_entries_follow_the_papers():
    from derive.evidence.bibliography import paper

    shorts = [paper(key).short for key in FIVE]
    ranks = [k for e in errata_entries() for k, short in enumerate(shorts) if e.source.startswith(short + ", ")]
    assert ranks == sorted(ranks) and set(ranks) == set(range(5))


def test_what_excludes_the_print_of_layer_400_is_a_ball_around_the_slope():
    entry = ENTRIES["tanh_frn_cosine_slope_at_400"]
    assert entry.right.text == "slope = -0.202426" and "-0.202426 +/- " in entry.shown
    text = "\n".join(entry.lines())
    assert text.index("printed") < text.index("right") < text.index("status    refuted") < text.index("shown by")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x = 1/3", "x = 1/3"),
        ("x = 5/8", "x = 5/8"),  # short: stays
        ("x = 2471/80000", "x = 0.0308875"),
        ("x = -1/1000000", "x = -1e-6"),
        ("x**1/1000", "x**1/1000"),  # a power is no fraction
        ("q1/1000", "q1/1000"),
        (r"\frac{1030075538}{10000000}", "103.0075538"),
        (r"\frac{22}{7}", r"\frac{22}{7}"),
    ],
)
def test_long_decimal_fractions_are_shown_as_decimals(text, shown):
    assert with_decimals(text) == shown


def test_a_cell_of_the_table_holds_the_words_and_the_formula():
    made = table("errata")
    row = next(r for r in made.rows if "layer number 400" in r[0])
    assert isinstance(row[1], Stack) and isinstance(row[1].parts[1], Math) and "layer 400" in row[1].parts[0]
    assert r"\par\smallskip" in made.to_latex() and "<br>" in made.to_html() and "<br>" in made.to_markdown()
    assert "\n" not in made.to_text().splitlines()[0] and made.as_data()["rows"]
