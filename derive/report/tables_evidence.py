"""The table of claims and the list of errata, read from the certificates."""

from __future__ import annotations

from derive.evidence.bibliography import paper
from derive.evidence.records import Record, claims
from derive.report.errata import errata_entries, formula
from derive.report.table import Column, Stack, Table

__all__ = ["claims_table", "errata_table", "source_text"]


def source_text(record: Record) -> str:
    """The source in words: short name of the paper, and the place."""
    key, place = record.source
    if not key:
        return ""
    return f"{paper(key).short}, {place}" if place else paper(key).short


def _digits(record: Record) -> str:
    return "" if record.digits is None else str(record.digits)


def _status(record: Record) -> str:
    return record.status if not record.printed_status else f"{record.status}; print {record.printed_status}"


def claims_table() -> Table:
    """Every claim: what it states, its status, the digits on which two routes agree, its source."""
    columns = (
        Column("claim", 0.17),
        Column("statement", 0.4),
        Column("status", 0.11),
        Column("digits", right=True),
        Column("source", 0.16),
    )
    rows = tuple((r.title, formula(r.certificate), _status(r), _digits(r), source_text(r)) for r in claims())
    return Table("claims", "Claims and what was shown for them", columns, rows)


def errata_table() -> Table:
    """Every printed form that is refuted or holds only under a condition that is not printed."""
    columns = (
        Column("source", 0.14),
        Column("as printed", 0.24),
        Column("what is right", 0.3),
        Column("status", 0.1),
        Column("shown by", 0.16),
    )
    rows = tuple(
        (
            e.source,
            Stack((e.printed, e.printed_formula)),
            Stack((f"{e.title}:", e.right, e.meaning) if e.meaning else (f"{e.title}:", e.right)),
            e.verdict,
            e.shown,
        )
        for e in errata_entries()
    )
    note = "A sentence is judged as the relation below it.  Refuted: a ball or an exact case excludes it."
    return Table("errata", "Printed statements that do not hold as printed", columns, rows, notes=(note,))
