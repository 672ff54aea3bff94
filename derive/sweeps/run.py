"""Computing the chunks of a sweep; float64.

Each worker writes its chunk to a temporary file and renames it into place, so a chunk is there whole or not at all,
whoever is killed.  A sweep that is started again reads which chunks exist and computes the others.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import numpy as np

from derive.errors import InputError, OutputError
from derive.files import in_place, remove_leftovers, write_file, writing
from derive.processes import end_with_parent
from derive.sweeps.grid import Grid, read_grid
from derive.sweeps.result import Sweep

__all__ = ["sweep"]

_PATIENCE = 3  # pools that may break one after the other without a chunk being finished


def sweep(
    function: Callable[..., Mapping[str, Any]],
    axes: Mapping[str, Any],
    folder: str | os.PathLike[str],
    *,
    executor: Executor | None = None,
    workers: int | None = None,
    chunk: int = 4096,
    version: str = "",
    progress: bool = True,
    **fixed: Any,
) -> Sweep:
    """Evaluate ``function`` on the product of ``axes``, chunk by chunk.

    ``function(**points, **fixed)`` gets one float64 array per axis, all of one length, and returns arrays of that
    length by name.  Workers must be able to import it: a module-level function, a ``functools.partial`` of one, or a
    compiled network.  ``executor`` is any ``concurrent.futures`` executor; without one a pool of ``workers`` processes
    is made.

    Finished chunks are kept in ``folder``; calling again with the same arguments continues there.  A folder that
    holds another sweep is refused (:class:`~derive.errors.InputError`); give a new ``version`` when the function has
    changed.  A worker that dies costs its chunk only: the pool is made again.  If chunks fail, the others are finished
    first, then the first error is raised.
    """
    grid = read_grid(axes, chunk)
    clash = sorted(set(grid.axes) & set(fixed))
    if clash:
        raise InputError(f"{clash[0]} is an axis and a fixed argument; give it once")
    where = _opened(Path(folder), grid, _identity(function, version, fixed))
    left = [i for i in range(grid.chunks) if not _file(where, i).exists()]
    tell = _Progress(grid.chunks, len(left), progress)
    if executor is not None:
        _compute(executor, function, grid, fixed, where, left, tell)
    elif left:
        _with_own_pool(workers, function, grid, fixed, where, left, tell)
    return _collected(grid, where)


def _with_own_pool(
    workers: int | None, function: Any, grid: Grid, fixed: Any, where: Path, left: list, tell: Any
) -> None:
    """Compute with a pool of our own, made again when one of its processes dies."""
    import multiprocessing

    broken = 0
    while left:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, mp_context=context, initializer=end_with_parent) as pool:
            try:
                _compute(pool, function, grid, fixed, where, left, tell)
            except BrokenProcessPool:
                still = [i for i in left if not _file(where, i).exists()]
                broken = broken + 1 if len(still) == len(left) else 0
                if broken >= _PATIENCE:
                    raise
                tell.say("a worker died; starting again with what is left")
                left = still
                continue
        return


def _compute(pool: Executor, function: Any, grid: Grid, fixed: Any, where: Path, left: list, tell: Any) -> None:
    work = {pool.submit(_chunk, function, grid.points(i), fixed, str(_file(where, i))): i for i in left}
    failed: list[tuple[int, BaseException]] = []
    for done in as_completed(work):
        error = done.exception()
        if isinstance(error, BrokenProcessPool):
            raise error
        if error is None:
            tell.step()
        else:
            failed.append((work[done], error))
    if failed:
        number, error = min(failed, key=lambda f: f[0])
        error.add_note(f"in chunk {number} of {grid.chunks} of the sweep; {len(failed)} failed, the others are kept")
        raise error


def _chunk(function: Any, points: dict[str, np.ndarray], fixed: Mapping[str, Any], target: str) -> None:
    """Compute one chunk and put it into place; runs in a worker."""
    found = function(**points, **fixed)
    size = len(next(iter(points.values())))
    arrays: dict[str, Any] = {str(n): np.asarray(a) for n, a in found.items()}
    for name, array in arrays.items():
        if array.shape != (size,):
            raise InputError(f"the function returned {name} of shape {array.shape} for {size} points; return one each")
    path = Path(target)
    with writing(path), in_place(path, tidy=False) as part, part.open("wb") as file:
        np.savez(file, **arrays)


def _file(where: Path, number: int) -> Path:
    return where / f"chunk{number:07d}.npz"


def _identity(function: Any, version: str, fixed: Mapping[str, Any]) -> str:
    """What a sweep computes, as far as can be told: the function's name, fixed arguments, the caller's version."""
    inner, extra = getattr(function, "func", function), getattr(function, "keywords", {})
    name = getattr(inner, "__qualname__", None) or getattr(inner, "network", type(inner).__qualname__)
    return f"{getattr(inner, '__module__', '')}.{name} {dict(extra)!r} {dict(fixed)!r} {version}"


def _opened(folder: Path, grid: Grid, identity: str) -> Path:
    """The folder, new or with chunks of this very sweep."""
    about = {"digest": grid.digest(identity), "function": identity, "chunk": grid.chunk, "shape": list(grid.shape)}
    label = folder / "sweep.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        remove_leftovers(folder)
        if not label.exists():
            write_file(label, json.dumps(about, indent=1))
        known = json.loads(label.read_text())
    except (OSError, json.JSONDecodeError) as error:
        raise OutputError(f"{folder} cannot be used for a sweep: {error}") from error
    if known.get("digest") != about["digest"]:
        raise InputError(
            f"{folder} holds another sweep (shape {known.get('shape')}, function {known.get('function')}); "
            "give another folder, or the same grid, function, chunk and version"
        )
    return folder


def _collected(grid: Grid, where: Path) -> Sweep:
    parts = []
    for i in range(grid.chunks):
        with np.load(_file(where, i), allow_pickle=False) as data:
            parts.append({n: data[n] for n in data.files})
    arrays = {n: np.concatenate([p[n] for p in parts]).reshape(grid.shape) for n in parts[0]}
    return Sweep(grid.axes, arrays)


class _Progress:
    """One line on standard error, rewritten."""

    def __init__(self, total: int, left: int, wanted: bool) -> None:
        self.total, self.done, self.wanted = total, total - left, wanted
        if wanted and self.done:
            self.say(f"{self.done} of {total} chunks are there already")

    def step(self) -> None:
        self.done += 1
        if self.wanted:
            end = "\n" if self.done == self.total else ""
            print(f"\rsweep: {self.done}/{self.total} chunks", end=end, file=sys.stderr, flush=True)

    def say(self, text: str) -> None:
        if self.wanted:
            print(f"sweep: {text}", file=sys.stderr, flush=True)
