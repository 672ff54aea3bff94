"""What the benchmarks measured: times of this package beside other ways to the same result, from stored records."""

from __future__ import annotations

from typing import Any

from derive.report.measurements import record
from derive.report.table import Column, Table

__all__ = ["RECORDS", "timings"]

#: the records made of rows, each by the script of that name in benchmarks/
RECORDS = ("expectations", "kernels", "spectrum", "difference")


def timings() -> Table:
    """Job, time and right digits; then another way, its time as a multiple of ours, and its right digits."""
    columns = (
        Column("job", 0.36),
        Column("time", right=True),
        Column("digits", right=True),
        Column("beside", 0.2),
        Column("times as long", right=True),
        Column("digits", right=True),
    )
    records = [record(name) for name in RECORDS]
    rows = [cells for made in records for row in made["rows"] for cells in _cells(row)]
    machines = dict.fromkeys(f"{made['machine']}, load {made['load']:.1f}" for made in records)
    notes = (
        f"Measured on {'; '.join(machines)}. One run of each script in benchmarks/; digits are right "
        "significant digits, counted against a longer value; where none are given the result is exact or an array.",
    )
    return Table("timings", "Times, and the same jobs done otherwise in the same run", columns, tuple(rows), notes)


def _cells(row: dict[str, Any]) -> list[tuple[str, ...]]:
    """A line for the job with the first other way, and one for each further way."""
    own = row["job"], _time(row["seconds"]), _digits(row["digits"])
    others = [
        (other["name"], f"{other['seconds'] / row['seconds']:.3g}", _digits(other["digits"])) for other in row["others"]
    ]
    first, *further = others or [("", "", "")]
    return [(*own, *first), *(("", "", "", *other) for other in further)]


def _time(seconds: float) -> str:
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def _digits(digits: int | None) -> str:
    return "" if digits is None else str(digits)
