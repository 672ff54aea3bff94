r"""The errata as values: what is printed and where, what is right, when the print holds, and what shows it.

They stand in the order of the papers and of their texts (:mod:`derive.report.coverage`), and are read from the
certificates; only the form is made here.  Rounded numbers that a statement holds as fractions are shown as decimals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from textwrap import wrap
from typing import Any

from derive.evidence.bibliography import paper
from derive.evidence.records import Record, errata
from derive.report.coverage import FIVE, coverage_items
from derive.report.table import Math

__all__ = ["Erratum", "errata_entries", "formula", "with_decimals"]

_WIDTH = 110
_SHORTEST = 4  # digits of a denominator: shorter fractions stay fractions


@dataclass(frozen=True)
class Erratum:
    """One printed statement that does not hold as printed.

    ``printed`` has the words and ``printed_formula`` the relation that was judged; ``right`` is what holds, with its
    ``title``, explained by ``meaning``; ``status`` is ``refuted`` or ``conditional``, the latter with its
    ``condition``; ``shown`` names the check in balls or exact numbers that excludes the print, with the true value
    where it is one number.
    """

    id: str
    source: str
    title: str
    printed: str
    printed_formula: Math
    right: Math
    meaning: str
    status: str
    condition: str
    shown: str

    @property
    def verdict(self) -> str:
        """The status with the condition."""
        return f"{self.status}: holds if {self.condition}" if self.condition else self.status

    def lines(self) -> Iterator[str]:
        """The entry as lines of text."""
        yield f"{self.source}  [{self.id}]"
        rows = (
            ("printed", self.printed),
            ("", f"read as: {self.printed_formula.text}"),
            ("right", f"{self.title}: {self.right.text}"),
            ("", f"where {self.meaning}" if self.meaning else ""),
            ("status", self.verdict),
            ("shown by", self.shown),
        )
        for head, text in rows:
            for k, line in enumerate(wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)):
                yield f"  {head if k == 0 else '':<9} {line}"


@cache
def _decimal(numerator: int, denominator: int) -> str:
    """A fraction whose denominator divides a power of ten, as a decimal; ``""`` for others and for short ones."""
    rest, places = denominator, 0
    while rest > 1:
        shared = 10 if rest % 10 == 0 else 5 if rest % 5 == 0 else 2 if rest % 2 == 0 else 0
        if not shared:
            return ""
        rest, places = rest // shared, places + 1
    if denominator < 10 ** (_SHORTEST - 1):
        return ""
    if numerator == 1 and denominator == 10**places and places > _SHORTEST:
        return f"1e-{places}"
    digits = str(numerator * 10**places // denominator).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}".rstrip("0").rstrip(".")


def with_decimals(text: str) -> str:
    r"""A formula, plain or in LaTeX, with its long decimal fractions written as decimals.

    >>> with_decimals("slope = -101213/500000"), with_decimals("c = 1/1000000")
    ('slope = -0.202426', 'c = 1e-6')
    >>> with_decimals(r"x = \frac{22841}{50000}"), with_decimals("q**2/4 + 3/7")
    ('x = 0.45682', 'q**2/4 + 3/7')
    """

    def put(match: re.Match[str]) -> str:
        return _decimal(int(match[1]), int(match[2])) or match[0]

    text = re.sub(r"\\frac\{(\d+)\}\{(\d+)\}", put, text)
    return re.sub(r"(?<![\w.*])(\d+)/(\d+)(?![\w.*])", put, text)


def formula(certificate: Mapping[str, Any]) -> Math:
    """The formula of a certificate, or of its print, with its error term."""
    if "latex" not in certificate:
        text = certificate.get("text", "")
        return Math(rf"\text{{{text}}}", text)
    latex, text = certificate["latex"], certificate["statement"]
    error = certificate.get("error")
    if error:
        latex = rf"{latex} + {error['latex']},\; {error['limit_latex']}"
        text = f"{text} + O({error['order']}), {error['limit']}"
    return Math(with_decimals(latex), with_decimals(text))


def _shown(checks: list[Mapping[str, Any]]) -> str:
    """What excludes a print: the first point that is certainly false, with the ball around the true value."""
    for check in checks:
        if not check["false"]:
            continue
        where = check.get("worst", "")
        ball = next((b["ball"] for b in check.get("balls", []) if b["point"] == where), "")
        place = f" at {with_decimals(where)}" if where and where != check["name"] else ""
        value = f"; true value {ball}" if ball else ""
        return f"{check['name']}{place}{value} ({check['method']})"
    return ""


def _place() -> dict[str, tuple[int, int]]:
    """Where a claim is first named in the coverage of the papers."""
    found: dict[str, tuple[int, int]] = {}
    for k, item in enumerate(coverage_items()):
        for name in item.claims:
            found.setdefault(name, (FIVE.index(item.paper), k))
    return found


def _entry(record: Record) -> Erratum:
    printed = record.certificate["printed"]
    key, place = record.source
    return Erratum(
        record.id,
        f"{paper(key).short}, {place}",
        record.certificate["title"],
        printed["text"],
        formula(printed),
        formula(record.certificate),
        record.certificate.get("meaning", ""),
        printed["status"],
        printed.get("condition", ""),
        _shown(printed["checks"]),
    )


def errata_entries() -> tuple[Erratum, ...]:
    """Every printed form that is refuted or holds only under a condition, in the order of the papers.

    >>> entries = errata_entries()
    >>> entries[0].source.startswith("Yang & Schoenholz 2017"), sorted({e.status for e in entries})
    (True, ['conditional', 'refuted'])
    """
    order, last = _place(), (len(FIVE), 0)

    def rank(record: Record) -> tuple[int, tuple[int, int], str]:
        key = record.source[0]
        own = FIVE.index(key) if key in FIVE else order.get(record.id, last)[0]
        return own, order.get(record.id, last), record.id

    return tuple(_entry(r) for r in sorted(errata(), key=rank))
