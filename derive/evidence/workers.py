"""Named pieces of work in fresh processes, several at a time.

A fresh process for each makes its result independent of what ran before it, and a crash of one leaves the others alone.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

from derive.processes import end_with_parent

__all__ = ["in_processes"]

Work = Callable[..., Any]


def _die_on_interrupt() -> None:
    """An interrupt from the keyboard reaches the workers, too: let it end them without a traceback."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _prepare_worker() -> None:
    """One thread per worker for linear algebra: several pools of busy threads slow each other down."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    _die_on_interrupt()
    end_with_parent()


def _pool(jobs: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_prepare_worker, max_tasks_per_child=1)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Put off an interrupt from the keyboard: a process that is half started cannot be ended cleanly."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    interrupted: list[int] = []
    usual = signal.signal(signal.SIGINT, lambda number, frame: interrupted.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
    if interrupted:
        raise KeyboardInterrupt


def in_processes(
    work: Work, names: Sequence[str], arguments: tuple[Any, ...], jobs: int
) -> Iterator[tuple[str, Any | None]]:
    """``(name, work(name, *arguments))`` in the order in which they are ready; None where the process died.

    ``work`` is a function of a module.  An exception in it is raised here; an interrupt ends the workers first.
    """
    left = dict.fromkeys(names)
    before = set(multiprocessing.active_children())
    pool = _pool(jobs)
    try:
        with _uninterrupted():
            futures: dict[Future[Any], str] = {pool.submit(work, name, *arguments): name for name in names}
        for future in as_completed(futures):
            result = future.result()
            del left[futures[future]]
            yield futures[future], result
        pool.shutdown()
    except BrokenProcessPool:
        pool.shutdown(wait=False, cancel_futures=True)
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - before:
            child.terminate()
        raise
    for name in left:
        yield name, _alone(work, name, arguments)


def _alone(work: Work, name: str, arguments: tuple[Any, ...]) -> Any | None:
    """One piece in a pool of its own, after the death of a worker has stopped the others."""
    try:
        with _pool(1) as pool:
            return pool.submit(work, name, *arguments).result()
    except BrokenProcessPool:
        return None
