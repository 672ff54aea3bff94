"""Tables of any piecewise analytic activation on the rectangles of its chart; float64 code.

Each rectangle is sampled through :class:`~derive.codegen.approximation.heat.Smoothed`, which serves all lam of one v,
on few large tiles; towards infinity, where a part follows no straight line, those are polynomials in the logarithm.
Small tiles for generated code are cut out of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise, product

import numpy as np

from derive.activations import Activation
from derive.codegen.approximation.charts import INSIDE, MIDDLE, Chart, Pentagon, Rectangle, Shape
from derive.codegen.approximation.functions import split
from derive.codegen.approximation.heat import Smoothed, one_input
from derive.codegen.approximation.profile import Profile, profile_of
from derive.codegen.approximation.table_set import Tables
from derive.codegen.approximation.tiles import Interpolant, Tiles, compress, points_of, rest_of, transform
from derive.errors import UnsupportedError

__all__ = ["face_tables"]

_POINTS = 24  # of a large tile along an axis
_FEW = (16, 30)  # the same near q = 0, where every point costs a smoothing of its own
_SMALL_ONE, _SMALL = (10,), (10, 10)
_SETTLED = 3e-14  # what the last coefficients of a large tile may be
_LEFT_OUT = (1e-15, 5e-15)  # the same for small tiles of one and of two coordinates; 0.3 of it per power left out
_NOISE = 1e-13  # below this, halving that does not help has met rounding
_SMOOTH = 2  # of a rectangle: k is this part of the square of the shortest distance
_INNER = 1.5  # of a pentagon: it is cut at this part of the shortest distance, as its face near q = 0 is costly
_DEPTH = 12  # halvings of a large tile
_OCTAVES = 2.0 ** np.array([-34, -26, -20, -15, -11, -8, -6, -4, -2.5, -1.2, 0])
_SETTLES = 5e-14  # what a table may change over its last octave to be constant below
_UNIT = np.array([0.0, 1.0])
_BEYOND = 1e-6  # how far the tiles of a rectangle reach over its end
_VANISHING = 3e-16  # a part whose slope counts for less than this beside the other is not looked up
_ACROSS = np.array([0.013, 0.09, 0.3, 0.62, 0.9, 0.995])

#: the tables at points of an axis or grid, and what errors count beside
Values = Callable[..., tuple[np.ndarray, np.ndarray]]


def face_tables(phi: Activation, two_inputs: bool) -> Tables:
    """Tables of any activation that is piecewise analytic and continuous and does not oscillate without end."""
    parts = {("odd" if p.parity < 0 else "even"): p for p in split(phi) if not p.is_constant}
    profiles = {name: profile_of(phi, part.parity) for name, part in parts.items()}
    chart = _chart(list(profiles.values()))
    first = min(p.order for p in profiles.values() if p.order)
    shapes = {n: _shape(profiles[n], first) for n, part in parts.items() if part.polynomial is None}
    growth = max(p.growth for p in profiles.values())
    slope = (first - 1, 1 if growth <= 0.5 else -round(2 * (growth - 1)))
    one = _one_tables(chart, profiles, shapes, slope)
    return Tables(chart, one, _two_tables(chart, profiles, shapes) if two_inputs else None, shapes, slope)


def _chart(profiles: list[Profile]) -> Chart:
    """A rectangle where nothing happens at q = 0; scales by the shortest distance over which a part changes."""
    scale = min((p.scale for p in profiles if np.isfinite(p.scale)), default=1.0)
    if all(p.order == (1 if p.parity < 0 else 2) and 0.0 not in p.kinks for p in profiles):
        if all(p.straight and not p.kinks for p in profiles):
            return Rectangle(scale**2 / _SMOOTH)
        return Rectangle(scale**2, rooted=True)
    kinks = [k for p in profiles for k in p.kinks if k > 0]
    scale = min([scale, *kinks]) / _INNER
    flat = [p for p in profiles if p.order == 0]
    if not flat:
        return Pentagon(scale**2)
    others = [p for p in profiles if p.order > 0]
    if not others:
        raise UnsupportedError(
            "the activation is constant near 0, so its variance vanishes faster than every power of q and no table "
            "keeps its digits; use net.trajectory or net.at"
        )
    least = 1.0
    while least > 1e-3 and any(_counts(f, others, (least * scale) ** 2) for f in flat):
        least /= 1.1
    return Pentagon(scale**2, least)


def _counts(flat: Profile, others: list[Profile], q: float) -> bool:
    return one_input(flat, q)[2] > _VANISHING * max(one_input(p, q)[2] for p in others)


def _shape(profile: Profile, first: int) -> Shape:
    """The exponents of a part; ``first`` is the first power of one that vanishes near 0."""
    order = profile.order or first
    if profile.local:
        at_zero = one_input(profile, 1e20 * profile.edges[1] ** 2)[0]
        return Shape(profile.parity, order, 0, 1, 0 if abs(at_zero) > 1e-5 else 1)
    growth = profile.growth
    return Shape(profile.parity, order, 1 if growth < 0.5 else 2, -round(2 * growth), -round(growth))


@dataclass(frozen=True)
class _Face:
    """One rectangle: its ends on every axis, which axes are graded, and the values on it with their floors."""

    starts: tuple[np.ndarray, ...]
    graded: tuple[bool, ...]
    values: Values
    floor: Callable[..., np.ndarray] = np.zeros_like
    points: tuple[int, int] = (_POINTS, _POINTS)  # of a large tile along each axis


# --------------------------------------------------------------------------------------------------- one variance


def _one_tables(chart: Chart, profiles: dict[str, Profile], shapes: dict[str, Shape], slope: tuple[int, int]) -> Tiles:
    """Tables A of every part in ``shapes``, M of the even one and S of all together."""
    graded = not all(p.straight for p in profiles.values())
    names = [*(f"A_{n}" for n in shapes), *(["M"] if "even" in shapes else []), "S"]

    def values(q: np.ndarray, front: Callable[[int, int], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        found = {n: np.array([one_input(p, z) for z in q.tolist()]).T for n, p in profiles.items()}
        rows = [found[n][1] / front(2 * s.order, s.variance_power) for n, s in shapes.items()]
        if "even" in shapes:
            rows.append(found["even"][0] / front(shapes["even"].order, shapes["even"].mean_power))
        rows.append(sum(f[2] for f in found.values()) / front(2 * slope[0], slope[1]))
        return np.array(rows).T, np.zeros((1, len(rows)))

    if isinstance(chart, Rectangle):
        k, top = chart.k, chart.k**-0.5

        def whole(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            q = 1 / (y * y) - k
            return values(q, lambda low, high: (q * y * y) ** ((low + 1) // 2) * y**high)

        faces = [_Face((top * (_OCTAVES if graded else _UNIT),), (graded,), whole)]
    else:
        cut = chart.cut
        faces = [
            _Face((_OCTAVES if graded else _UNIT,), (graded,), lambda x: values(cut / x**2, lambda low, high: x**high)),
            _Face(
                (np.array([MIDDLE - 1, MIDDLE - chart.least]),),
                (False,),
                lambda x: values(cut * (MIDDLE - x) ** 2, lambda low, high: (MIDDLE - x) ** low),
            ),
        ]
    floors: list[Floors] = [dict.fromkeys(names, lambda x: 0 * x) for _ in faces]
    return _assembled([_known_on_line(f, names) for f in faces], floors, _SMALL_ONE)


def _known_on_line(face: _Face, names: list[str]) -> dict[str, Interpolant]:
    breaks, rows = _halved(face.starts[0], face.graded[0], face.values, _POINTS, 2 * _LEFT_OUT[0])
    return {n: Interpolant((breaks,), rows[:, :, i], face.graded) for i, n in enumerate(names)}


# ------------------------------------------------------------------------------------------------- two variances


def _two_tables(chart: Chart, profiles: dict[str, Profile], shapes: dict[str, Shape]) -> Tiles:
    """Tables T of every part in ``shapes``."""
    every = list(profiles.values())
    all_faces = {n: _faces(chart, profiles[n], s, every) for n, s in shapes.items()}
    known = {n: [_known_on_grid(f) for f in faces] for n, faces in all_faces.items()}
    count = len(next(iter(all_faces.values())))
    floors = [{f"T_{n}": all_faces[n][i].floor for n in shapes} for i in range(count)]
    return _assembled([{f"T_{n}": known[n][i] for n in shapes} for i in range(count)], floors, _SMALL)


def _faces(chart: Chart, profile: Profile, shape: Shape, every: list[Profile]) -> list[_Face]:
    """The rectangles of a part; ``points`` say which (v, lam, q) and which Z belong to their coordinates."""

    def face(start: np.ndarray, second: np.ndarray, graded: tuple[bool, bool], points: Callable) -> _Face:
        def values(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            v, lam, u, z = np.broadcast_arrays(*points(x[:, None], y[None, :]))
            rows = [_ratios(profile, *row) for row in zip(v, lam, strict=True)]
            return np.array(rows) / u**shape.power * z, z

        return _Face((start, second), graded, values, lambda x, y: points(x, y)[3])

    far, log = (_UNIT, False) if profile.straight else (_OCTAVES, True)
    inner = np.array([MIDDLE - 1, MIDDLE])
    if isinstance(chart, Rectangle):
        k = chart.k

        def at(v: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, ...]:
            y2 = w**2 / (v + k)
            lam = (1 - w) * (1 + w) / y2
            u = lam * y2
            return v, lam, u, v / (v + k) * w**shape.tail * (v * y2 + 2 * u) ** (shape.order - 1)

        if not chart.rooted:
            return [face(np.array([0.0, k**-0.5]), _UNIT, (False, False), lambda x, w: at(1 / x**2 - k, w))]
        return [
            face(far, far, (log, log), lambda x, w: at(k / x**2, w)),
            face(inner, far, (False, log), lambda x, w: at(k * (MIDDLE - x) ** 2, w)),
        ]
    cut = chart.cut

    def large(x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, ...]:
        c = (1 - w) * (1 + w)
        return cut / x**2, cut / x**2 * c / w**2, c, w**shape.tail

    def middle(x: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, ...]:
        b = MIDDLE - x
        c = (1 - b * t) * (1 + b * t)
        return cut * b * b, cut * c / t**2, c, b * b * t**shape.tail

    def small(x: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, ...]:
        q, c = cut * (x - INSIDE) ** 2, (1 - t) * (1 + t)
        return q * t * t, q * c, c, t * t

    inside = replace(face(INSIDE + np.array([chart.least, 1.0]), _UNIT, (False, False), small), points=_FEW)
    if profile.order == 0:
        inside = _beside(inside, _Share.of(chart, profile, every))
    return [face(far, far, (log, log), large), face(inner, far, (False, log), middle), inside]


@dataclass(frozen=True)
class _Share:
    """E f'^2 of a part that vanishes near 0 beside that of the others, as a function of a."""

    a: np.ndarray
    logarithms: np.ndarray

    @classmethod
    def of(cls, chart: Pentagon, profile: Profile, every: list[Profile]) -> _Share:
        a = np.linspace(chart.least, 1, 60)
        rows = [[one_input(p, chart.cut * x * x)[2] for x in a.tolist()] for p in (profile, *every)]
        return cls(a, np.log(np.array(rows[0]) / np.sum(rows[1:], axis=0)))

    def __call__(self, a: np.ndarray) -> np.ndarray:
        return np.exp(np.interp(a, self.a, self.logarithms))


def _beside(face: _Face, share: _Share) -> _Face:
    """The face with floors that let errors of a part count as much as the part does."""

    def floor(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return (1 / share(x - INSIDE)) + 0 * y

    def values(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return face.values(x, y)[0], floor(x[:, None], y[None, :])

    return replace(face, values=values, floor=floor)


def _ratios(profile: Profile, v: np.ndarray, lam: np.ndarray) -> np.ndarray:
    """C/D at one line of a grid: all lam at once where v is the same."""
    if v[0] == v[-1]:
        covariance, gap = Smoothed(profile, float(v[0]), float(lam.min()), float(lam.max())).pair(lam)
        return covariance / gap
    pairs = [Smoothed(profile, z, r, r).pair(np.array([r])) for z, r in zip(v.tolist(), lam.tolist(), strict=True)]
    return np.array([covariance[0] / gap[0] for covariance, gap in pairs])


def _known_on_grid(face: _Face) -> Interpolant:
    """Large tiles: the second axis from a few lines, then the first with all nodes of the second at once."""
    first, second = face.starts
    log = face.graded
    probes = _between(first, log[0])[[0, 2, 4, 5]]

    def lines(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found, floors = face.values(probes, y)
        return found.T, floors.T

    n, m = face.points
    across, _ = _halved(second, log[1], lines, m, _SETTLED)
    nodes = np.concatenate([points_of(across, k, m, log[1]) for k in range(len(across) - 1)])
    breaks, rows = _halved(first, log[0], lambda x: face.values(x, nodes), n, _SETTLED)
    blocks = rows.reshape(len(rows), n, len(across) - 1, m)
    blocks = np.moveaxis(blocks @ transform(m)[1].T, 2, 1)
    return Interpolant((breaks, across), blocks, log)


def _between(start: np.ndarray, graded: bool) -> np.ndarray:
    low, high = start[0], start[-1]
    return np.exp(np.log(low) + np.log(high / low) * _ACROSS) if graded else low + (high - low) * _ACROSS


# --------------------------------------------------------------------------------------------------- small tiles


def _halved(
    start: np.ndarray, graded: bool, values: Values, points: int, tolerance: float
) -> tuple[np.ndarray, np.ndarray]:
    """(breaks, Chebyshev coefficients [tile][power][column]) of tiles halved until they settle."""
    todo = [(low, high, 0, np.inf) for low, high in pairwise(start)][::-1]
    breaks, done = [start[0]], []
    while todo:
        low, high, depth, before = todo.pop()
        found, floors = values(points_of(np.array([low, high]), 0, points, graded))
        rows = transform(points)[1] @ found
        rest = rest_of(rows, floors.min(axis=0))
        if not np.isfinite(rest):
            raise UnsupportedError(
                "the expectations of this activation overflow or vanish inside the tables; use net.trajectory"
            )
        if rest <= tolerance or depth >= _DEPTH or (before < _NOISE and rest > before / 4):
            breaks.append(high)
            done.append(rows)
        else:
            middle = np.sqrt(low * high) if graded else 0.5 * (low + high)
            todo += [(middle, high, depth + 1, rest), (low, middle, depth + 1, rest)]
    return np.array(breaks), np.array(done)


Known = dict[str, Interpolant]
Floors = dict[str, Callable[..., np.ndarray]]


def _assembled(known: list[Known], floors: list[Floors], points: tuple[int, ...]) -> Tiles:
    """Small tiles of all faces, side by side on the first axis, with tiles of NaN between them."""
    along = range(len(points))
    cuts = [[_cuts(k, f, axis, points[axis]) for axis in along] for k, f in zip(known, floors, strict=True)]
    second = [np.unique(np.concatenate([c[1] for c in cuts]))] if len(points) == 2 else []
    for c in cuts:
        c[0][-1] += _BEYOND
    patterns, coefficients = {}, {}
    for name in known[0]:
        rows, least = [], []
        for face, floor, c in zip(known, floors, cuts, strict=True):
            made = _block(face[name], floor[name], [c[0], *second], points)
            gap = np.full((1, *made[0].shape[1:]), np.nan)
            rows += [made[0], gap]
            least += [made[1], np.ones(gap.shape[: len(points)])]
        every, beside = np.concatenate(rows[:-1]).reshape(-1, *points), np.concatenate(least[:-1]).ravel()
        there = np.isfinite(every).reshape(len(every), -1).all(axis=1)
        patterns[name], kept = compress(every[there], 0.3 * _LEFT_OUT[len(points) - 1], beside[there])
        coefficients[name] = np.full((len(every), kept.shape[1]), np.nan)
        coefficients[name][there] = kept
    return Tiles((np.concatenate([c[0] for c in cuts]), *second), patterns, coefficients)


def _cuts(known: Known, floors: Floors, axis: int, points: int) -> np.ndarray:
    """Breaks of small tiles on one axis of a face, from a few lines across the other."""
    tables = list(known.items())
    start = np.unique(np.concatenate([i.axes[axis] for _, i in tables]))
    if tables[0][1].graded[axis]:
        start = np.append(0.0, start)
    flat = len(tables[0][1].axes) == 1
    across = [] if flat else _between(tables[0][1].axes[1 - axis], tables[0][1].graded[1 - axis]).tolist()

    def values(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if flat:
            rows = [i.on_grid(x) for _, i in tables]
            return np.array(rows).T, np.zeros((1, len(rows)))
        rows = [i.line(axis, o)(x) for _, i in tables for o in across]
        pairs = [(x, np.full_like(x, o)) if axis == 0 else (np.full_like(x, o), x) for o in across]
        beside = [floors[n](*pair) for n, _ in tables for pair in pairs]
        return np.array(rows).T, np.array(beside).T

    return _halved(start, False, values, points, _LEFT_OUT[not flat])[0]


def _block(
    function: Interpolant, floor: Callable, axes: list[np.ndarray], points: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """(Chebyshev coefficients of small tiles, the floor of each); NaN where a graded axis ends without a limit."""
    large, matrices = [], []
    for axis, (breaks, n) in enumerate(zip(axes, points, strict=True)):
        middle = 0.5 * (breaks[1:] + breaks[:-1])
        large.append(np.array([function.tile_of(axis, float(x)) for x in middle]))
        made = [
            transform(n)[1] @ function.matrix(axis, k, points_of(breaks, i, n))
            for i, k in enumerate(large[axis].tolist())
        ]
        lost = function.graded[axis] and not _settles(function, axis)
        matrices.append(np.array([np.full_like(m, np.nan) if lost and i == 0 else m for i, m in enumerate(made)]))
    least = np.min([floor(*np.meshgrid(*ends, indexing="ij")) for ends in _ends(axes)], axis=0)
    if len(points) == 1:
        return np.einsum("iak,ik->ia", matrices[0], function.coefficients[large[0]]), least
    rows = np.empty((*(len(k) for k in large), *points))
    for kx in np.unique(large[0]):
        for ky in np.unique(large[1]):
            i, j = np.flatnonzero(large[0] == kx), np.flatnonzero(large[1] == ky)
            rows[np.ix_(i, j)] = np.einsum(
                "iak,kl,jbl->ijab", matrices[0][i], function.coefficients[kx, ky], matrices[1][j], optimize=True
            )
    return rows, least


def _ends(axes: list[np.ndarray]) -> list[list[np.ndarray]]:
    """Points close to the ends of all tiles, in every combination."""
    return [list(c) for c in product(*([b[:-1] + t * np.diff(b) for t in (0.02, 0.98)] for b in axes))]


def _settles(function: Interpolant, axis: int) -> bool:
    """Whether the function changes no more at the lower end of a graded axis."""
    low = function.axes[axis][0]
    ends = np.array([low, 2 * low])
    if len(function.axes) == 1:
        lines = [function.line(0)(ends)]
    else:
        across = _between(function.axes[1 - axis], function.graded[1 - axis])
        lines = [function.line(axis, o)(ends) for o in across.tolist()]
    return all(abs(a - b) <= _SETTLES * abs(b) for a, b in lines)
