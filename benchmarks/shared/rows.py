"""A row of a benchmark: one job, this package's time, and the same job done otherwise in the same run.

A script makes rows and hands them to :func:`run`, which prints them and with ``--record FOLDER`` writes NAME.json with
the name and load of the machine; the package's own records are in derive/report/measured.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fast import machine


@dataclass(frozen=True)
class Other:
    """Another way, its seconds and how many digits of its result are right (None where that says nothing)."""

    name: str
    seconds: float
    digits: int | None = None


@dataclass(frozen=True)
class Row:
    """``digits`` are the right ones of this package's result."""

    job: str
    seconds: float
    digits: int | None = None
    others: tuple[Other, ...] = field(default=())

    def show(self) -> str:
        right = "" if self.digits is None else f", {self.digits} digits"
        parts = [f"{self.job:<58}{self.seconds * 1e3:11.3f} ms{right}"]
        for o in self.others:
            right = "" if o.digits is None else f", {o.digits} digits"
            parts.append(f"    {o.name:<54}{o.seconds * 1e3:11.3f} ms{right}, {o.seconds / self.seconds:.3g} times")
        return "\n".join(parts)


def median(call: Callable[[], Any], repeats: int = 9, before: Callable[[], None] | None = None) -> float:
    """Median seconds of a call; ``before`` empties caches and is not timed."""
    taken = []
    for _ in range(repeats):
        if before is not None:
            before()
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def run(name: str, description: str, rows: Callable[[bool], Iterable[Row]]) -> None:
    """The script's main: ``rows(long)`` are measured, printed, and recorded where ``--record`` says so."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--record", metavar="FOLDER", type=Path)
    parser.add_argument("--long", action="store_true", help="with the slowest rows")
    options = parser.parse_args()
    found = []
    for row in rows(options.long):
        print(row.show(), flush=True)
        found.append(asdict(row))
    if options.record:
        path = options.record / f"{name}.json"
        path.write_text(json.dumps(machine.about() | {"rows": found}, indent=1) + "\n")
