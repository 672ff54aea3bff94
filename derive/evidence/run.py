"""Many claims examined: each in a process of its own, in parallel, with a cache.

A fresh process for each claim makes its result independent of what ran before it, and a crash of one leaves the others
alone.  Only such processes feed the cache: what a long-lived interpreter has loaded may be older than the files.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derive.evidence.cache import Cache, dependencies
from derive.evidence.certificate import certificate, settle
from derive.evidence.examine import examine
from derive.evidence.proof import load_proof, package_name, proof_ids, proofs_folder, require_ids
from derive.evidence.workers import in_processes

__all__ = ["Finished", "run_claims"]

_STARTED = time.time()


@dataclass(frozen=True)
class Finished:
    """One claim that has been examined: its certificate (before what it uses is known), time, and whether stored."""

    certificate: dict[str, Any]
    seconds: float
    cached: bool
    done: int
    total: int


Progress = Callable[[Finished], None]


def _failed(claim_id: str, fault: str) -> dict[str, Any]:
    """A certificate for a claim that could not even be examined."""
    return {
        "format": 1,
        "id": claim_id,
        "title": claim_id,
        "status": "failed",
        "faults": [fault],
        "uses": [],
        "checks": [],
    }


def _work(claim_id: str, folder: Path) -> dict[str, Any]:
    """Examine one claim; runs in a process of its own."""
    start = time.perf_counter()
    try:
        data = certificate(examine(load_proof(claim_id, folder)))
    except Exception as error:  # whatever a proof file raises when loaded is a finding about it
        data = _failed(claim_id, f"the proof cannot be examined: {type(error).__name__}: {error}")
    return {
        "certificate": data,
        "seconds": round(time.perf_counter() - start, 3),
        "dependencies": dependencies(package_name(folder), _STARTED, folder / f"{claim_id}.py"),
    }


def _in_processes(ids: list[str], folder: Path, jobs: int) -> Iterator[dict[str, Any]]:
    """Results in the order in which they are ready."""
    for name, result in in_processes(_work, ids, (folder,), jobs):
        if result is None:
            fault = "the process that examined it died (out of memory, or a crash in a library)"
            result = {"certificate": _failed(name, fault), "seconds": 0.0, "dependencies": {}}
        yield result


def _with_used(ids: Iterable[str], results: dict[str, dict[str, Any]], known: list[str]) -> list[str]:
    """Claims that finished ones use and that have not been looked at yet."""
    used = {u for name in ids if name in results for u in results[name]["certificate"]["uses"]}
    return sorted(u for u in used if u in known and u not in results)


def run_claims(
    ids: Iterable[str] | None = None,
    *,
    proofs: Path | None = None,
    cache: Cache = Cache(None),  # noqa: B008  (a frozen value without state)
    jobs: int | None = None,
    progress: Progress | None = None,
) -> dict[str, dict[str, Any]]:
    """Examine claims (all, or the given ones with everything they use) and return their certificates by id.

    With ``jobs`` claims run in that many processes at a time, a fresh one for each; without it in this process, which
    reads the cache but does not write to it.  ``progress`` is called once per finished claim.
    """
    folder = (proofs or proofs_folder()).resolve()
    known = proof_ids(folder)
    wanted = known if ids is None else require_ids(ids, folder)
    results: dict[str, dict[str, Any]] = {}
    while wanted:
        for result, cached in _examined(wanted, folder, cache, jobs):
            data = result["certificate"]
            results[data["id"]] = result
            if progress is not None:
                total = len(results) + len([w for w in wanted if w not in results])
                progress(Finished(data, result["seconds"], cached, len(results), total))
        wanted = _with_used(list(results), results, known)
    return settle({name: results[name]["certificate"] for name in sorted(results)})


def _examined(ids: list[str], folder: Path, cache: Cache, jobs: int | None) -> Iterator[tuple[dict[str, Any], bool]]:
    fresh = []
    for name in ids:
        stored = cache.get(name, folder)
        if stored is None:
            fresh.append(name)
        else:
            yield stored, True
    fresh.sort(key=lambda name: -cache.seconds(name, folder))
    if jobs is None:
        yield from ((_work(name, folder), False) for name in fresh)
        return
    for result in _in_processes(fresh, folder, jobs) if fresh else ():
        if result["certificate"]["status"] != "failed":  # a failure may be of the moment: look again next time
            cache.put(result["certificate"]["id"], folder, result)
        yield result, False
