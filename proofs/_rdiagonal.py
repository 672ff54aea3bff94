"""Moments from the definition of an R-diagonal element alone: sums over non-crossing partitions, in integers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

import sympy as sp

DEFINITION = (
    "X is R-diagonal (Nica and Speicher): of the free cumulants of X and X^T only the alternating ones of even order, "
    "k(X, X^T, ..., X, X^T) = k(X^T, X, ..., X^T, X) = c_2k, are not 0.  Biunitarily invariant matrices have such a "
    "limit (theorem of Haagerup and Larsen, Nica and Speicher)"
)


def partitions(size: int) -> Iterator[tuple[tuple[int, ...], ...]]:
    """All non-crossing partitions of 0, ..., size - 1: set partitions, of which the crossing ones are thrown away."""

    def grow(place: int, blocks: list[list[int]]) -> Iterator[tuple[tuple[int, ...], ...]]:
        if place == size:
            yield tuple(tuple(b) for b in blocks)
            return
        for index, block in enumerate(blocks):
            # joining a block crosses every block that began before its last member ends and goes on behind it
            last = block[-1]
            if all(other[0] > last or other[-1] < last for k, other in enumerate(blocks) if k != index):
                yield from grow(place + 1, [b if k != index else [*b, place] for k, b in enumerate(blocks)])
        yield from grow(place + 1, [*blocks, [place]])

    for found in grow(0, []):
        if not crossing(found):
            yield found


def crossing(blocks: tuple[tuple[int, ...], ...]) -> bool:
    """Whether two blocks have members i < k < j < m with i, j in one and k, m in the other."""
    for one in blocks:
        for two in blocks:
            if one is two:
                continue
            for i, j in pairwise(one):
                inside = [k for k in two if i < k < j]
                if inside and len(inside) < len(two):
                    return True
    return False


def cumulant(letters: tuple[int, ...], skip, sequence) -> sp.Expr:
    """The free cumulant of letters Y = a + X (0) and Y^T (1): a constant is seen by the first cumulant only."""
    if len(letters) == 1:
        return skip
    if len(letters) % 2 or any(x == y for x, y in pairwise(letters)):
        return 0
    return sequence[len(letters) // 2 - 1]


@lru_cache(maxsize=4096)
def moment(letters: tuple[int, ...], skip, sequence: tuple) -> object:
    """E tr of a word in Y and Y^T by the moment-cumulant formula, partition by partition."""
    total = 0
    for blocks in planar(len(letters)):
        value = 1
        for block in blocks:
            value = value * cumulant(tuple(letters[k] for k in block), skip, sequence)
            if value == 0:
                break
        total = total + value
    return total


@lru_cache(maxsize=16)
def planar(size: int) -> tuple:
    """The list of :func:`partitions`, kept."""
    return tuple(partitions(size))


def green(skip, sequence, place, pairs: int = 5):
    """Green's function of Y Y^T at a large ``place``, from ``pairs`` moments; the rest is of order place^(-pairs-2)."""
    return sum(moment((0, 1) * k, skip, tuple(sequence)) / place ** (k + 1) for k in range(pairs + 1))
