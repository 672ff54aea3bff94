"""Piecewise polynomials on a box, in float64: tables that generated code evaluates with multiplications and additions.

A box axis runs from 0 to ``top`` and is cut at ``breaks``, closer together where the function asks for it (towards 0 by
halving).  On each tile the function is a polynomial in local coordinates from -1 to 1 with a fixed pattern of powers,
fitted at Chebyshev points and stored in the monomial basis (its high coefficients are small, so nothing is lost).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from derive.errors import UnsupportedError

__all__ = [
    "Interpolant",
    "Tiles",
    "breaks_for",
    "chebyshev",
    "compress",
    "fit",
    "points_of",
    "power_basis",
    "rest_of",
    "transform",
]

_DEEPEST = 44  # halvings of an axis at most
_PI = 4 * np.arctan(np.longdouble(1))
_MOST = {True: 400, False: 12}  # pieces of an axis, for small and for large tiles
_NOISE = 1e-14  # below this, cutting that does not help has met the rounding of the values


@dataclass(frozen=True)
class Tiles:
    """Tables of one group: ``axes`` holds the breaks of each axis, ``coefficients[name]`` one row per tile.

    ``patterns[name]`` lists the powers of each column, one number per axis.  Tiles are numbered with the last axis
    fastest.
    """

    axes: tuple[np.ndarray, ...]
    patterns: dict[str, tuple[tuple[int, ...], ...]]
    coefficients: dict[str, np.ndarray]

    def locate(self, *where: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        """The number of the tile of each point, and its local coordinates."""
        number = np.zeros(np.shape(where[0]), np.int64)
        local = []
        for breaks, x in zip(self.axes, where, strict=True):
            k = np.clip(np.searchsorted(breaks, x, side="right") - 1, 0, len(breaks) - 2)
            number = number * (len(breaks) - 1) + k
            local.append((x - self.middle(breaks)[k]) * self.inverse(breaks)[k])
        return number, local

    @staticmethod
    def middle(breaks: np.ndarray) -> np.ndarray:
        return 0.5 * (breaks[1:] + breaks[:-1])

    @staticmethod
    def inverse(breaks: np.ndarray) -> np.ndarray:
        return 2.0 / (breaks[1:] - breaks[:-1])

    def __call__(self, name: str, *where: np.ndarray) -> np.ndarray:
        """The table at points; the plain form that tests compare generated code with."""
        number, local = self.locate(*where)
        rows = self.coefficients[name][number]
        powers = [x[..., None] ** np.array([p[i] for p in self.patterns[name]]) for i, x in enumerate(local)]
        return np.sum(rows * np.prod(powers, axis=0), axis=-1)


@lru_cache(maxsize=32)
def transform(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Chebyshev points of the first kind on (-1, 1), and the matrix from values there to Chebyshev coefficients."""
    odd = 2 * np.arange(n) + 1
    reduced = np.outer(np.arange(n), odd) % (4 * n)  # the cosine of a large argument would lose digits
    matrix = np.cos(reduced.astype(np.longdouble) * _PI / (2 * n)) * 2 / n
    matrix[0] /= 2
    return np.cos(odd.astype(np.longdouble) * _PI / (2 * n)).astype(float), matrix.astype(float)


@lru_cache(maxsize=32)
def power_basis(n: int) -> np.ndarray:
    """The matrix from Chebyshev to monomial coefficients, degrees below n."""
    rows = np.zeros((n, n))
    for k in range(n):
        unit = np.zeros(n)
        unit[k] = 1
        rows[: k + 1, k] = np.polynomial.chebyshev.cheb2poly(unit)[: k + 1]
    return rows


Line = Callable[[np.ndarray], np.ndarray]


def breaks_for(
    lines: Sequence[Line],
    top: float,
    points: int,
    tolerance: float,
    start: np.ndarray | None = None,
    floor: float = 0.0,
) -> np.ndarray:
    """Breaks of (0, top) so that a polynomial of ``points`` coefficients fits every line to ``tolerance``, relatively.

    ``start`` holds breaks that are kept; where the function is smaller than ``floor``, errors are relative to that.
    Raises :class:`~derive.errors.UnsupportedError` where the function is not smooth enough for a table.
    """
    nodes, matrix = transform(points + 2)
    first = np.array([0.0, top]) if start is None else start
    todo = [(low, high, 0, np.inf) for low, high in pairwise(first)]
    done: list[float] = []
    while todo:
        low, high, depth, before = todo.pop()
        where = 0.5 * (low + high) + 0.5 * (high - low) * nodes
        rest = max(rest_of(matrix @ line(where), floor) for line in lines)
        if not np.isfinite(rest) or len(done) + len(todo) > _MOST[points < 15]:
            raise UnsupportedError(
                "the expectations of this activation are not smooth enough for tables; use net.trajectory or net.at"
            )
        if rest <= tolerance or depth >= _DEEPEST or (before < _NOISE and rest > before / 4):
            done.append(high)
        else:
            middle = 0.5 * (low + high)
            todo += [(low, middle, depth + 1, rest), (middle, high, depth + 1, rest)]
    return np.array([first[0], *sorted(done)])


def rest_of(coefficients: np.ndarray, floor: float | np.ndarray) -> float:
    """The last coefficients against the first, what a shorter polynomial leaves out; the worst of all columns."""
    size = np.abs(coefficients)
    with np.errstate(all="ignore"):
        return float(np.max(size[-2:].max(axis=0) / np.maximum(size[0], np.maximum(floor, 1e-300))))


@dataclass(frozen=True)
class Interpolant:
    """A function known by Chebyshev coefficients of high degree on few large tiles: cheap to sample again.

    An axis may be graded: where ``graded`` says so its tiles are polynomials in the logarithm of the coordinate, and
    below its first break the function keeps its value there.
    """

    axes: tuple[np.ndarray, ...]
    coefficients: np.ndarray  # one array per large tile
    graded: tuple[bool, ...] = ()

    @classmethod
    def of(cls, function: Callable[..., float], axes: Sequence[np.ndarray], points: Sequence[int]) -> Interpolant:
        """Sample ``function`` (of one number per axis) at the Chebyshev points of every tile."""

        def values(*where: np.ndarray) -> np.ndarray:
            grid = np.stack([g.ravel() for g in np.meshgrid(*where, indexing="ij")], axis=-1)
            return np.array([function(*p) for p in grid]).reshape([len(w) for w in where])

        return cls.of_arrays(values, axes, points)

    @classmethod
    def of_arrays(
        cls,
        function: Callable[..., np.ndarray],
        axes: Sequence[np.ndarray],
        points: Sequence[int],
        graded: Sequence[bool] = (),
    ) -> Interpolant:
        """Sample ``function``, which takes the coordinates of a grid along every axis."""
        shape = [len(b) - 1 for b in axes]
        result = np.empty((*shape, *points))
        logs = tuple(graded) or (False,) * len(axes)
        for tile in np.ndindex(*shape):
            where = [points_of(b, k, n, log) for b, k, n, log in zip(axes, tile, points, logs, strict=True)]
            result[tile] = chebyshev(function(*where))
        return cls(tuple(axes), result, logs)

    def on_grid(self, *where: np.ndarray) -> np.ndarray:
        """Values on a tensor grid inside one of the tiles."""
        tile = tuple(self.tile_of(axis, 0.5 * (x.min() + x.max())) for axis, x in enumerate(where))
        values = self.coefficients[tile]
        for axis, x in enumerate(where):
            values = np.moveaxis(np.tensordot(self.matrix(axis, tile[axis], x), values, (1, axis)), 0, axis)
        return values

    def tile_of(self, axis: int, x: float) -> int:
        """The large tile that holds a coordinate; the first and the last one hold what lies beyond."""
        b = self.axes[axis]
        return int(np.clip(np.searchsorted(b, x) - 1, 0, len(b) - 2))

    def matrix(self, axis: int, k: int, x: np.ndarray) -> np.ndarray:
        """The matrix from the Chebyshev coefficients of a large tile along one axis to values at ``x``."""
        b = self.axes[axis]
        low, high = b[k], b[k + 1]
        if self.graded and self.graded[axis]:
            x, low, high = np.log(np.maximum(x, b[0])), np.log(low), np.log(high)
        local = (2 * x.astype(np.longdouble) - (low + high)) / (high - low)
        degree = self.coefficients.shape[len(self.axes) + axis] - 1
        return np.polynomial.chebyshev.chebvander(local, degree).astype(float)

    def line(self, axis: int, *others: float) -> Line:
        """The function along one axis, the other coordinates held."""

        def values(x: np.ndarray) -> np.ndarray:
            where = [np.array([o]) for o in others]
            where.insert(axis, x)
            return self.on_grid(*where).ravel()

        return values


def points_of(breaks: np.ndarray, k: int, n: int, graded: bool = False) -> np.ndarray:
    """The Chebyshev points of one tile of an axis."""
    low, high = breaks[k], breaks[k + 1]
    if graded:
        return np.exp(points_of(np.log([low, high]), 0, n))
    return 0.5 * (low + high) + 0.5 * (high - low) * transform(n)[0]


def chebyshev(values: np.ndarray) -> np.ndarray:
    """Chebyshev coefficients of values at Chebyshev points along every axis."""
    for axis, n in enumerate(values.shape):
        values = np.moveaxis(np.tensordot(transform(n)[1], values, (1, axis)), 0, axis)
    return values


def fit(
    functions: dict[str, Interpolant],
    axes: Sequence[np.ndarray],
    points: Sequence[int],
    tolerance: float,
    floor: float = 0.0,
) -> Tiles:
    """Small tiles with ``points`` coefficients along each axis, sampled from interpolants.

    Powers whose Chebyshev coefficients lie below ``tolerance`` of the function on every tile are left out.
    """
    shape = [len(b) - 1 for b in axes]
    patterns, coefficients = {}, {}
    for name, function in functions.items():
        rows = np.empty((*shape, *points))
        for tile in np.ndindex(*shape):
            where = [points_of(b, k, n) for b, k, n in zip(axes, tile, points, strict=True)]
            rows[tile] = chebyshev(function.on_grid(*where))
        patterns[name], coefficients[name] = compress(rows.reshape(-1, *points), tolerance, floor)
    return Tiles(tuple(axes), patterns, coefficients)


def compress(
    chebyshev: np.ndarray, tolerance: float, floor: float | np.ndarray
) -> tuple[tuple[tuple[int, ...], ...], np.ndarray]:
    """The powers kept (a set closed downwards), and monomial coefficients one row per tile; a floor for all or each."""
    sizes = np.abs(chebyshev).reshape(len(chebyshev), -1)
    beside = np.maximum(sizes.max(axis=1), np.maximum(floor, 1e-300))
    relative = (sizes / beside[:, None]).max(axis=0).reshape(chebyshev.shape[1:])
    keep = relative > tolerance
    for axis in range(keep.ndim):
        keep = np.flip(np.logical_or.accumulate(np.flip(keep, axis), axis=axis), axis)
    chebyshev = np.where(keep, chebyshev, 0.0)
    for axis, n in enumerate(chebyshev.shape[1:], start=1):
        chebyshev = np.moveaxis(np.tensordot(power_basis(n), chebyshev, (1, axis)), 0, axis)
    powers = tuple(tuple(int(i) for i in p) for p in np.argwhere(keep))
    columns = tuple(np.array([p[i] for p in powers]) for i in range(keep.ndim))
    index: tuple = (slice(None), *columns)
    return powers, np.ascontiguousarray(chebyshev[index])
