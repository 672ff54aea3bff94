r"""The odd or even part of an activation on the half line as float64 polynomials on panels.

A part of a piecewise analytic activation is f(x) = (phi(x) ± phi(-x))/2.  The half line is cut at the kinks and then
halved until a polynomial of fixed degree carries f and f' to rounding on every panel; panels grow with the distance
from 0, up to :math:`2^{72}`.  Values come from the activation with 60 digits, so nothing cancels: on the first panel
the polynomial is that of :math:`(f - f(0))/x^n`, n the first power of f.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from derive.activations import Activation
from derive.codegen.approximation.functions import half_line_pieces
from derive.codegen.approximation.tiles import power_basis, transform
from derive.errors import UnsupportedError

__all__ = ["Profile", "profile_of"]

COEFFICIENTS = 20
_FAR = 72  # the last panel ends at about 2**72
_MOST = 400  # panels
_SETTLED = 2e-16  # what the last coefficients of a panel may be, beside the largest |f| so far
_DIGITS = 60


@dataclass(frozen=True, eq=False)
class Profile:
    """A part less its value at 0 on panels of the half line.

    ``values[i]`` and ``slopes[i]`` are monomial coefficients of f - f(0) and f' in the local coordinate of panel i
    between ``edges[i]`` and ``edges[i+1]``; those of panel 0 are divided by ``x**order`` and ``x**(order-1)``.
    ``kinks`` are those at x >= 0; ``straight`` says whether the part follows a straight line far out, ``growth`` its
    power there, ``local`` whether it comes to a constant that is the same at both ends; ``scale`` is the distance over
    which it leaves its first power.  ``order`` 0 is a part that vanishes near 0.
    """

    parity: int
    order: int
    centre: float
    edges: np.ndarray
    values: np.ndarray
    slopes: np.ndarray
    kinks: tuple[float, ...]
    straight: bool
    growth: float
    local: bool
    scale: float
    mirrored: np.ndarray = field(init=False)  # edges on both sides of 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "mirrored", np.concatenate([-self.edges[:0:-1], self.edges]))

    def value(self, x: np.ndarray, panels: np.ndarray) -> np.ndarray:
        """f(x) - f(0) at x >= 0; rows of ``x`` lie in the panels given."""
        return self._at(self.values, x, panels, self.order)

    def slope(self, x: np.ndarray, panels: np.ndarray) -> np.ndarray:
        """f'(x) at x >= 0."""
        return self._at(self.slopes, x, panels, max(self.order - 1, 0))

    def panel(self, x: np.ndarray) -> np.ndarray:
        """The panel of each x >= 0."""
        return np.clip(np.searchsorted(self.edges, x, side="right") - 1, 0, len(self.edges) - 2)

    def _at(self, rows: np.ndarray, x: np.ndarray, panels: np.ndarray, power: int) -> np.ndarray:
        low, high = self.edges[panels], self.edges[panels + 1]
        local = (x - (0.5 * (low + high))[..., None]) * (2.0 / (high - low))[..., None]
        taken = rows.T[:, panels][..., None]
        total = np.broadcast_to(taken[-1], local.shape).copy()
        for row in taken[-2::-1]:
            total *= local
            total += row
        if power:
            first = panels == 0
            total[first] *= x[first] ** power
        return total


@lru_cache(maxsize=64)
def profile_of(phi: Activation, parity: int) -> Profile:
    """The profile of one part.

    Raises :class:`~derive.errors.UnsupportedError` where the part jumps, has an infinite slope at a kink, oscillates
    without end or grows faster than every power.
    """
    pieces = half_line_pieces(phi, parity)
    _refuse_jumps(phi)
    with mpmath.workdps(_DIGITS):
        functions = [_compiled(expr, phi.variable) for _, _, expr in pieces]
        slopes = [_compiled(sp.diff(expr, phi.variable), phi.variable) for _, _, expr in pieces]
        centre, order = _start(phi, functions[0])
        edges, values, rows = _panels(phi, pieces, functions, slopes, centre, order)
        straight = _straight(functions[-1])
        growth, local = _growth(functions[-1], parity)
    kinks = tuple(float(low) for low, _, _ in pieces if low > 0 or phi.kinks.count(sp.S.Zero))
    return Profile(
        parity, order, float(centre), edges, values, rows, kinks, straight, growth, local, _scale(edges, rows, order)
    )


def _refuse_jumps(phi: Activation) -> None:
    for at, order in zip(phi.kinks, phi.kink_orders, strict=True):
        if order < 1:
            what = "jumps" if order == 0 else "has an infinite slope"
            raise UnsupportedError(
                f"{phi} {what} at {at}, so V - W is not proportional to q - lam near lam = q and no table serves; "
                "use net.trajectory or net.at"
            )


def _compiled(expr: sp.Expr, x: sp.Symbol) -> Callable[[Any], Any]:
    from derive.numerics.compile import compile_mp

    return compile_mp(sp.sympify(expr, strict=True), (x,))


def _start(phi: Activation, f: Callable) -> tuple[Any, int]:
    """f(0) and the first power of f - f(0), from values close to 0; power 0 where f does not start at all."""
    with mpmath.workdps(2 * _DIGITS):
        tiny = mpmath.mpf(10) ** -12
        rows = [f(tiny * 2**i) for i in range(8)]  # Richardson: errors of order 1e-12 to the eighth
        for n in range(1, 8):
            rows = [(2**n * a - b) / (2**n - 1) for a, b in pairwise(rows)]
        centre, step = rows[0], mpmath.mpf(10) ** -7
        one, two = f(step) - centre, f(2 * step) - centre
        if abs(one) < step**10 and abs(two) < step**10:
            return centre, 0
        power = mpmath.log(abs(two / one), 2) if one != 0 else mpmath.nan
    if not (abs(power - mpmath.nint(power)) < 1e-4 and mpmath.nint(power) >= 1):
        raise UnsupportedError(
            f"{phi} does not start like a whole power at 0, so its tables would have no end there; "
            "use net.trajectory or net.at"
        )
    return centre, int(mpmath.nint(power))


def _panels(
    phi: Activation, pieces: list, functions: list, slopes: list, centre: Any, order: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    nodes = transform(COEFFICIENTS)[0]
    cuts = [float(low) for low, _, _ in pieces if low > 0]
    first = 0.5 * min([1.0, *cuts])
    grid = sorted({0.0, *cuts, *(first * 2.0**j for j in range(_FAR + 2))})
    grid = [e for i, e in enumerate(grid) if i == 0 or e in cuts or not any(abs(e - c) < 0.2 * e for c in cuts)]
    todo = list(pairwise(grid))[::-1]
    done: list[float] = []
    rows, largest = [], 0.0
    while todo:
        low, high = todo.pop()
        number = sum(c <= low for c in cuts)
        x = [mpmath.mpf(low) + (mpmath.mpf(high) - mpmath.mpf(low)) * (1 + mpmath.mpf(t)) / 2 for t in nodes.tolist()]
        f, d = functions[number], slopes[number]
        power = order if low == 0 else 0
        heights = [_number((f(t) - centre) / t**power) for t in x]
        both = np.array([heights, [_number(d(t) / t ** max(power - 1, 0)) for t in x]])
        if not np.isfinite(both).all():
            raise UnsupportedError(
                f"{phi} grows faster than every power or is not defined near x = {high:.3g}, so no table can be made; "
                "use net.trajectory or net.at"
            )
        coefficients = both @ transform(COEFFICIENTS)[1].T
        size = np.maximum(np.abs(both).max(axis=1), [largest, largest / high])  # f' counts by its integral
        rest = np.abs(coefficients[:, -3:]).max(axis=1)
        if len(done) + len(todo) > _MOST or high - low < 1e-9 * high:
            raise UnsupportedError(
                f"{phi} oscillates without end or is not smooth near x = {low:.3g}, so no table can be made; "
                "use net.trajectory or net.at"
            )
        if (rest > _SETTLED * size).any():
            middle = 0.5 * (low + high)
            todo += [(middle, high), (low, middle)]
            continue
        largest = float(size[0]) if low > 0 else largest
        done.append(high)
        rows.append(coefficients @ power_basis(COEFFICIENTS).T)
    return np.array([0.0, *done]), np.array([r[0] for r in rows]), np.array([r[1] for r in rows])


def _number(value: Any) -> float:
    return float(value) if mpmath.isfinite(value) else np.nan


def _straight(f: Callable) -> bool:
    """Whether the part follows a straight line to 20 digits beyond some x below 3000."""
    tiny, reach = mpmath.mpf(10) ** -20, mpmath.mpf(1)
    while reach < 3000:
        a, b = f(64 * reach), f(128 * reach)
        slope = (b - a) / (64 * reach)
        level = a - 64 * reach * slope
        if all(abs(f(t * reach) - slope * t * reach - level) < tiny for t in (1, mpmath.mpf("1.37"), 2.5, 4)):
            return True
        reach *= 2
    return False


def _growth(f: Callable, parity: int) -> tuple[float, bool]:
    """(the power of the part far out, whether it tends to a limit that leaves no jump between both ends)."""
    far = mpmath.mpf(2) ** 50
    a, b = f(far), f(far * 16)
    if abs(b) < mpmath.mpf(10) ** -10:
        return 0.0, True
    growth = float(mpmath.log(abs(b / a), 16))
    return max(growth, 0.0), parity > 0 and abs(growth) < 1e-6


def _scale(edges: np.ndarray, slopes: np.ndarray, order: int) -> float:
    """Where f' divided by its first power has gone 3 tenths of its way from its value at 0."""
    if order == 0:
        return np.inf
    x = 0.5 * (edges[:-1] + edges[1:])
    way = np.abs(slopes[:, 0] / np.where(x > edges[1], x, 1.0) ** (order - 1) - slopes[0, 0])
    beyond = np.flatnonzero(way[1:] > 0.3 * way.max())
    return float(x[1 + beyond[0]]) if way.max() > 0 else np.inf
