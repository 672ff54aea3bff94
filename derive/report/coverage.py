"""The coverage of the five papers: what each of their statements is accounted for by.

The items stand in ``proofs/coverage/KEY.toml``, one file per paper and in its order; this file reads them, joins them
with the claims and makes the table ``coverage``.  An item names claims, figures or tables, or says why there are none.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derive.errors import InputError
from derive.evidence.bibliography import paper
from derive.evidence.proof import proofs_folder
from derive.evidence.records import Record, claims
from derive.report.table import Column, Table

__all__ = ["FIVE", "KINDS", "REASONS", "Item", "coverage_counts", "coverage_items", "coverage_table", "uncovered"]

#: The papers that are gone through from the first line to the last.
FIVE = ("yang2017", "tarnowski2019", "pabari", "hanin2018", "schoenholz2017")

KINDS = ("equation", "theorem", "number", "sentence", "figure", "table")

#: What may stand behind an item that no claim, figure or table accounts for; details follow after a colon.
REASONS = {
    "not derived yet": "within reach of the package, and still to be done",
    "missing from the text": "the formula or the numbers do not stand in the text that was available",
    "definition": "fixes a notation or a model; there is nothing to prove",
    "assumption": "an assumption of the theory, named as one",
    "background": "a statement of another paper, quoted",
    "slip": "a misprint that changes no statement",
    "setting": "the set-up of an experiment",
    "training experiment": "needs data and hours of training",
    "interpretation": "a reading, a conjecture or a plan, without a statement that could be false",
}


@dataclass(frozen=True)
class Item:
    """One statement of a paper, in the package's words, and what accounts for it.

    Either some of ``claims``, ``figures`` and ``tables`` are named, or ``why`` gives one of :data:`REASONS`, with
    details after a colon.
    """

    paper: str
    place: str
    kind: str
    says: str
    claims: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    why: str = ""

    @property
    def reason(self) -> str:
        """The reason without its details, ``""`` where the item is accounted for."""
        return self.why.split(":")[0].strip()

    @property
    def state(self) -> str:
        """``claim``, ``figure or table``, or the reason why there is neither."""
        if self.claims:
            return "claim"
        return "figure or table" if self.figures or self.tables else self.reason


def _item(key: str, entry: Mapping[str, Any]) -> Item:
    """An item from its entry in the file of a paper; an unusable entry raises :class:`InputError` naming it."""
    where = f"coverage of {key}, {entry.get('place', '?')}"
    unknown = set(entry) - {"place", "kind", "says", "claims", "figures", "tables", "why"}
    if unknown:
        raise InputError(f"{where}: no such field {', '.join(sorted(unknown))}")
    lists = {name: tuple(entry.get(name, ())) for name in ("claims", "figures", "tables")}
    item = Item(
        key, entry.get("place", ""), entry.get("kind", ""), entry.get("says", ""), why=entry.get("why", ""), **lists
    )
    if not (item.place and item.says and item.kind in KINDS):
        raise InputError(f"{where}: an item has a place, what it says, and a kind out of {', '.join(KINDS)}")
    if any(lists.values()) == bool(item.why):
        raise InputError(f"{where}: name claims, figures or tables, or say why there are none (one of the two)")
    if item.why and item.reason not in REASONS:
        raise InputError(f"{where}: the reason starts with one of {', '.join(REASONS)}; it is {item.why!r}")
    return item


def coverage_items(folder: Path | None = None) -> tuple[Item, ...]:
    """Every item, paper by paper and in the order of its text.

    >>> coverage_items()[0].paper
    'yang2017'

    ``folder`` holds one file ``KEY.toml`` per paper; the default is the one of the package.  An unusable file raises
    :class:`~derive.errors.InputError`.
    """
    where = folder or proofs_folder() / "coverage"
    found: list[Item] = []
    for key in FIVE:
        path = where / f"{key}.toml"
        if not path.is_file():
            raise InputError(f"there is no {path}")
        try:
            entries = tomllib.loads(path.read_text(encoding="utf-8")).get("item", [])
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InputError(f"{path} is not TOML: {error}") from None
        found += [_item(key, entry) for entry in entries]
    return tuple(found)


def coverage_counts(items: tuple[Item, ...] | None = None) -> dict[str, Counter[str]]:
    """How many items of each paper are accounted for by what.

    >>> sorted(coverage_counts()) == sorted(FIVE)
    True
    """
    counts: dict[str, Counter[str]] = {key: Counter() for key in FIVE}
    for item in coverage_items() if items is None else items:
        counts[item.paper][item.state] += 1
    return counts


def uncovered(items: tuple[Item, ...] | None = None) -> tuple[str, ...]:
    """The claims about the five papers that no item names.

    >>> uncovered()
    ()
    """
    named = {name for item in (coverage_items() if items is None else items) for name in item.claims}
    return tuple(r.id for r in claims() if r.id not in named and _source_paper(r) in FIVE)


def _source_paper(record: Record) -> str:
    """The paper a claim is about, from its certificate, or from its proof file where it was not run yet."""
    return record.source[0] or record.claim.source.paper


def _standing(record: Record) -> str:
    printed = f"; print {record.printed_status}" if record.printed_status else ""
    return f"{record.id} ({record.status}{printed})"


def _account(item: Item, known: Mapping[str, Record]) -> str:
    """What accounts for an item: its claims with their status, its figures and tables, or the reason."""
    if item.why:
        return item.why
    parts = [_standing(known[name]) if name in known else f"{name} (unknown)" for name in item.claims]
    parts += [f"figure {name}" for name in item.figures] + [f"table {name}" for name in item.tables]
    return "; ".join(parts)


def _note(key: str, counts: Counter[str]) -> str:
    parts = ", ".join(f"{state} {number}" for state, number in sorted(counts.items()))
    return f"{paper(key).short}: {sum(counts.values())} items ({parts})."


def coverage_table() -> Table:
    """Every equation, theorem, number, figure and quantitative sentence of the five papers, with its account."""
    items = coverage_items()
    known = {r.id: r for r in claims()}
    columns = (Column("source", 0.2), Column("kind"), Column("what it says", 0.3), Column("accounted for by", 0.34))
    rows = tuple((f"{paper(i.paper).short}, {i.place}", i.kind, i.says, _account(i, known)) for i in items)
    counts = coverage_counts(items)
    title = "The five papers, statement by statement"
    return Table("coverage", title, columns, rows, notes=tuple(_note(key, counts[key]) for key in FIVE))
