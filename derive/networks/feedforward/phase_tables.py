"""Phase diagrams through the tables and compiled Newton steps of :mod:`derive.codegen.phase`; float64.

Some rows of equal bias are solved from brackets.  Between them the length grows with the bias and both unknowns are
interpolated, so that two steps settle almost every other point: one that moves, one that confirms and gives the slopes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.activations import Activation
from derive.codegen.backends.spread import spread
from derive.codegen.phase import Guess, Solver, solver_for
from derive.errors import UnsupportedError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NAMES", "by_tables", "decay_scale"]

NAMES = ("q", "c", "one_minus_c", "chi_1", "chi_q", "chi_c", "xi_q", "xi_c")
_LEAST, _MOST = 16, 64  # rows from one that is solved from brackets to the next
_ROWS = 62  # so many of them, where that is possible
_POINTS = 16384  # worked on at once: their arrays stay in the cache
_NARROW = 1.02  # lengths of two rows with a ratio below this bracket one root between them


def decay_scale(chi: NDArray) -> NDArray:
    """1/|log|chi||: the depth over which a perturbation falls or grows by e."""
    with np.errstate(divide="ignore"):
        return np.abs(1 / np.log(np.abs(chi)))


def by_tables(
    phi: Activation, rho: float, weights: NDArray, biases: NDArray, backend: str, threads: int
) -> tuple[dict[str, NDArray], NDArray]:
    """(quantities by name, status), of shape (len(weights), len(biases)).

    Raises :class:`~derive.errors.UnsupportedError` for activations without tables for two inputs.
    """
    if phi.kinks:
        raise UnsupportedError(
            f"{phi} has kinks; there are no tables for phase diagrams of it, use backend='quadrature'"
        )
    return _Grid(solver_for(phi, backend), rho, weights, biases).solve(threads)


@dataclass
class _Grid:
    """Rows are biases, columns weights."""

    solver: Solver
    rho: float
    weights: NDArray
    biases: NDArray

    def __post_init__(self) -> None:
        shape = len(self.biases), len(self.weights)
        self.arrays = {n: np.empty(shape) for n in NAMES}
        self.status = np.empty(shape, np.int64)

    def solve(self, threads: int) -> tuple[dict[str, NDArray], NDArray]:
        last = len(self.biases) - 1
        spacing = int(np.clip(len(self.biases) // _ROWS, _LEAST, _MOST))
        self.solved = np.append(np.arange(0, last, spacing), last) if last >= 4 * spacing else np.arange(last + 1)
        self.single = self.solver.single(self.biases[self.solved])
        self._rows(self.solved, None, threads)
        between = np.setdiff1d(np.arange(last + 1), self.solved, assume_unique=True)
        unit = max(1, _POINTS // len(self.weights))
        starts = [*range(0, len(between), unit), len(between)]
        parts = [between[a:b] for a, b in pairwise(starts)]

        def work(first: int, stop: int) -> None:
            for rows in parts[first:stop]:
                self._rows(rows, self._guess(rows), 1)

        if parts:
            spread(work, len(parts), 1, threads)
        return {n: a.T for n, a in self.arrays.items()}, self.status.T

    def _guess(self, rows: NDArray) -> tuple[Guess, NDArray]:
        """Brackets and starts for lengths, and starts for gaps, from the rows that are solved; NaN without one."""
        after = np.searchsorted(self.solved, rows)
        first = np.clip(after - 2, 0, len(self.solved) - 4)
        nodes = [self.solved[first + i] for i in range(4)]
        share = _lagrange(nodes, rows)
        low, high = self.solved[after - 1], self.solved[after]
        rising = (self.biases[low] < self.biases[rows]) & (self.biases[rows] < self.biases[high])
        q, gap = self.arrays["q"], self.arrays["one_minus_c"]
        start = sum(s[:, None] * q[n] for s, n in zip(share, nodes, strict=True))
        low_q, high_q = q[low] * (1 - 1e-12), q[high] * (1 + 1e-12)
        single = (self.single[after - 1] & self.single[after])[:, None]
        usable = rising[:, None] & (start > low_q) & (start < high_q) & (single | (high_q < _NARROW * low_q))
        guess = Guess(np.where(usable, start, np.nan), low_q, high_q)
        near = [gap[n] for n in nodes]
        gaps = sum(s[:, None] * g for s, g in zip(share, near, strict=True))
        return guess, np.where(np.minimum.reduce(near) > 0, gaps, np.nan)

    def _rows(self, rows: NDArray, guess: tuple[Guess, NDArray] | None, threads: int) -> None:
        """Solve whole rows and store them."""
        rho, weights, biases = self.rho, self.weights, self.biases[rows]
        found = self.solver.lengths(weights / rho, biases, guess[0] if guess else None, threads)
        weight = np.broadcast_to(weights, found["x"].shape)
        q = np.where(found["settled"], found["x"], np.nan)
        known = np.isfinite(q)
        status = np.where(found["settled"], np.where(known, 0, 1), 2)
        chi_1 = np.where(known, weight / rho * found["S"], np.nan)
        chi_q = np.where(known, weight / rho * found["slope"], np.nan)
        gap, chi_c = np.where(known, 0.0, np.nan), chi_1 * rho
        silent = q == 0
        gap[silent], chi_c[silent] = np.nan if rho == 1 else 1.0, rho
        apart = (q > 0) & ((rho < 1) | (chi_1 > 1))
        pair = self._gaps(apart, q, weight, chi_1, found, guess[1] if guess else None, threads)
        good = pair["settled"]
        gap[apart], chi_c[apart] = np.where(good, pair["x"], np.nan), np.where(good, pair["slope"], np.nan)
        status[apart] = np.where(good, 0, 2)
        self.status[rows] = status
        values = (q, 1 - gap, gap, chi_1, chi_q, chi_c, decay_scale(chi_q), decay_scale(chi_c))
        for name, array in zip(NAMES, values, strict=True):
            self.arrays[name][rows] = array

    def _gaps(
        self,
        apart: NDArray,
        q: NDArray,
        weight: NDArray,
        chi_1: NDArray,
        found: dict[str, NDArray],
        start: NDArray | None,
        threads: int,
    ) -> dict[str, Any]:
        """1 - c* at the points where two inputs stay apart."""
        q, w, V = q[apart], weight[apart], found["V"][apart]
        forced = None if self.rho == 1 else w * V * ((1 - self.rho) / self.rho)
        ends = chi_1[apart], w * (V - found["mean"][apart]) / q
        return self.solver.gaps(q, w, ends, forced, None if start is None else start[apart], threads)


def _lagrange(nodes: list[NDArray], at: NDArray) -> list[NDArray]:
    """The share of each of four nodes in the cubic through them, at points."""
    shares = []
    for i, node in enumerate(nodes):
        share = np.ones(len(at))
        for j, other in enumerate(nodes):
            if i != j:
                share *= (at - other) / (node - other)
        shares.append(share)
    return shares
