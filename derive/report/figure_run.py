"""Many figures made: each in a process of its own, in parallel, with a cache."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derive.evidence.cache import Cache, dependencies
from derive.evidence.workers import in_processes
from derive.report.figures import FIGURES, figure

__all__ = ["Made", "figure_files"]

_STARTED = time.time()
_FORMS = ("pdf", "svg")


@dataclass(frozen=True)
class Made:
    """One figure that is ready: its name, how long it took, whether it was stored, and a fault if it has none."""

    name: str
    seconds: float
    cached: bool
    fault: str
    done: int
    total: int


def _work(name: str) -> dict[str, Any]:
    """Draw one figure; runs in a process of its own."""
    start = time.perf_counter()
    try:
        made = figure(name)
        forms = {form: base64.b64encode(made.to_bytes(form)).decode() for form in _FORMS}
        result = {"forms": forms, "data": made.to_json(), "fault": ""}
    except Exception as error:  # one figure that fails does not take the others with it
        result = {"forms": {}, "data": "", "fault": f"{type(error).__name__}: {error}"}
    took = round(time.perf_counter() - start, 3)
    return {**result, "seconds": took, "dependencies": dependencies("derive", _STARTED, above=("derive.cli",))}


def figure_files(
    names: Iterable[str] | None = None,
    *,
    cache: Cache = Cache(None, "figures"),  # noqa: B008  (a frozen value without state)
    jobs: int = 1,
    progress: Callable[[Made], None] | None = None,
) -> dict[str, dict[str, bytes]]:
    """For each figure that could be drawn its files by ending: ``pdf``, ``svg`` and ``json``, the numbers shown.

    Figures run in ``jobs`` processes at a time, and are taken from the cache where nothing that took part has changed.
    ``progress`` is called once per figure; a figure that failed has its fault there and is missing from the result.
    """
    wanted = list(FIGURES if names is None else names)
    place = Path(__file__).parent
    stored = {name: cache.get(name, place) for name in wanted}
    fresh = sorted((n for n in wanted if stored[n] is None), key=lambda n: -cache.seconds(n, place))
    results: dict[str, dict[str, Any]] = {}

    def take(name: str, result: dict[str, Any] | None, cached: bool) -> None:
        result = result or {"forms": {}, "data": "", "fault": "the process that drew it died", "seconds": 0.0}
        results[name] = result
        if progress is not None:
            progress(Made(name, result["seconds"], cached, result["fault"], len(results), len(wanted)))

    for name, entry in stored.items():
        if entry is not None:
            take(name, entry, True)
    for name, result in in_processes(_work, fresh, (), jobs) if fresh else ():
        if result is not None and not result["fault"]:
            cache.put(name, place, result)
        take(name, result, False)
    return {name: _files(results[name]) for name in wanted if not results[name]["fault"]}


def _files(result: dict[str, Any]) -> dict[str, bytes]:
    return {form: base64.b64decode(text) for form, text in result["forms"].items()} | {"json": result["data"].encode()}
