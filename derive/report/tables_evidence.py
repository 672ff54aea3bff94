"""The table of claims and the list of errata, read from the certificates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from derive.evidence.bibliography import paper
from derive.evidence.records import Record, claims, errata
from derive.report.table import Cell, Column, Math, Table

__all__ = ["claims_table", "errata_table", "source_text"]


def source_text(record: Record) -> str:
    """The source in words: short name of the paper, and the place."""
    key, place = record.source
    if not key:
        return ""
    return f"{paper(key).short}, {place}" if place else paper(key).short


def _statement(certificate: Mapping[str, Any]) -> Cell:
    """The formula of a certificate, with its error term."""
    if "latex" not in certificate:
        return certificate.get("text", "")
    latex, text = certificate["latex"], certificate["statement"]
    error = certificate.get("error")
    if error:
        latex = rf"{latex} + {error['latex']},\; {error['limit_latex']}"
        text = f"{text} + O({error['order']}), {error['limit']}"
    return Math(latex, text)


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
    rows = tuple((r.title, _statement(r.certificate), _status(r), _digits(r), source_text(r)) for r in claims())
    return Table("claims", "Claims and what was shown for them", columns, rows)


def _exclusion(checks: list[Mapping[str, Any]]) -> str:
    """What excludes a printed form: the first point that is certainly false, with the ball around the true value."""
    for check in checks:
        if check["false"]:
            balls = {b["point"]: b["ball"] for b in check.get("balls", [])}
            where = check.get("worst", "")
            ball = balls.get(where)
            parts = [check["name"], f"at {where}" if where else "", f"true value {ball}" if ball else ""]
            return ", ".join(p for p in parts if p)
    return ""


def errata_table() -> Table:
    """Every printed form that is refuted or holds only under a condition that is not printed."""
    columns = (
        Column("source", 0.14),
        Column("as printed", 0.27),
        Column("what holds", 0.27),
        Column("status", 0.1),
        Column("shown by", 0.16),
    )
    rows = []
    for r in errata():
        printed = r.certificate["printed"]
        condition = printed.get("condition", "")
        status = f"{printed['status']}: only if {condition}" if condition else printed["status"]
        rows.append(
            (source_text(r), _statement(printed), _statement(r.certificate), status, _exclusion(printed["checks"]))
        )
    return Table("errata", "Printed statements that do not hold as printed", columns, tuple(rows))
