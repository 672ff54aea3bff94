"""Pieces of a range of points, worked on by threads; for functions that release the interpreter."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

__all__ = ["spread"]

_PIECES = 4  # a thread, so that a slow one does not hold up the others


def spread(work: Callable[[int, int], object], size: int, unit: int, threads: int) -> None:
    """Call ``work(first, last)`` for ranges that make up 0..size and begin at multiples of ``unit``."""
    units = -(-size // unit)
    pieces = min(threads * _PIECES, units) if threads > 1 else 1
    if pieces <= 1:
        work(0, size)
        return
    from concurrent.futures import ThreadPoolExecutor

    edges = [min(size, unit * (units * i // pieces)) for i in range(pieces + 1)]
    with ThreadPoolExecutor(threads) as pool:
        for piece in [pool.submit(work, a, b) for a, b in pairwise(edges)]:
            piece.result()
