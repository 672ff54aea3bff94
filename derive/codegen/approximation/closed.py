r"""Tables of an activation that oscillates without end, from closed forms of its covariance in balls; float64 tables.

The coordinates are those of a plain :class:`~derive.codegen.approximation.charts.Rectangle`:

* A, the variance of a part of phi: :math:`A = (q y^2)^n y^{-2g} F(y)`, n the order of its first power, g its growth;
* M, the mean of the even part less its value at 0, likewise; S, the mean of phi'^2;
* T for the covariance C and the gap D = A - C of a part, both to full relative accuracy from one table:

.. math:: T(y_b, w) = \frac{C/u^m}{D/Z},\qquad C = \frac{A X}{X+Z},\quad D = \frac{A Z}{X+Z},\qquad
          X = u^m T,\ Z = v y_b^2 w^a\,((q+|\lambda|)y^2)^{n-1},

  m = 1 for an odd part, 2 for an even one, and a as D behaves for q much larger than v: 0 where phi oscillates, 2 where
  a polynomial outgrows that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from derive.activations import Activation
from derive.codegen.approximation.charts import Rectangle, Shape
from derive.codegen.approximation.functions import Part, split
from derive.codegen.approximation.table_set import Tables
from derive.codegen.approximation.tiles import Interpolant, Tiles, breaks_for, fit
from derive.errors import UnsupportedError

__all__ = ["closed_tables"]

_LARGE, _SMALL = (40, 48), (10, 8)  # points of large and of small tiles, for one and two coordinates
_SETTLED = 5e-16  # what the last coefficients of a large tile may be
_LEFT_OUT = 1e-15  # the same for a small tile; 0.3 of it per power left out
_MOST_LARGE = 12  # tiles; more would take minutes to sample
_ACROSS = (0.02, 0.1, 0.25, 0.5, 0.8, 0.95, 0.99)  # lines on which the cuts of the other axis are chosen


def closed_tables(phi: Activation, two_inputs: bool) -> Tables:
    """Tables on large Chebyshev grids, cut into small tiles."""
    parts = split(phi)
    curved = {("odd" if p.parity < 0 else "even"): p for p in parts if p.polynomial is None}
    shapes = {name: _shape_of(phi, part) for name, part in curved.items()}
    k, top = 0.25, 2.0
    one: dict[str, Callable[[float], float]] = {}
    two: dict[str, Callable[[float, float], float]] = {}
    for name, part in curved.items():
        functions = _part_functions(phi, part, k)
        one[f"A_{name}"], two[f"T_{name}"] = functions.variance, functions.ratio
        if part.parity > 0:
            one["M"] = functions.mean
    floor = float(any(not p.straightens for p in curved.values()))  # there T tends to 0 beside 1
    orders = [s.order for s in shapes.values()]
    orders += [
        min(m for (m,) in sp.Poly(p.polynomial, p.x).monoms() if m)
        for p in parts
        if p.polynomial and p.polynomial.has(p.x)
    ]
    one["S"], order, power = _slope_function(phi, orders, k)
    return Tables(
        Rectangle(k),
        _one_input(one, top),
        _two_inputs(two, top, floor) if two_inputs else None,
        shapes,
        (order, power),
    )


def _one_input(functions: dict[str, Callable[[float], float]], top: float) -> Tiles:
    lines = [_vectorised(f) for f in functions.values()]
    large = breaks_for(lines, top, _LARGE[0], _SETTLED)
    known = {name: Interpolant.of(f, (large,), _LARGE[:1]) for name, f in functions.items()}
    small = breaks_for([i.line(0) for i in known.values()], top, _SMALL[0], _LEFT_OUT, large)
    return fit(known, (small,), _SMALL[:1], _LEFT_OUT / 10)


def _two_inputs(functions: dict[str, Callable[[float, float], float]], top: float, floor: float) -> Tiles:
    tops, n = (top, 1.0), _LARGE[1]
    rows = [[x * t for x in _ACROSS[::2]] for t in tops]
    large = [
        breaks_for(
            [_vectorised(_held(f, axis, x)) for f in functions.values() for x in rows[1 - axis]],
            tops[axis],
            n,
            _SETTLED,
            floor=floor,
        )
        for axis in (0, 1)
    ]
    tiles = (len(large[0]) - 1) * (len(large[1]) - 1)
    if tiles > _MOST_LARGE:
        raise UnsupportedError(
            f"tables for two inputs would need {tiles} large tiles (a slow, algebraic approach to the limits); "
            "use net.trajectory"
        )
    known = {name: Interpolant.of(f, large, (n, n)) for name, f in functions.items()}
    small = [
        breaks_for(
            [i.line(axis, x * tops[1 - axis]) for i in known.values() for x in _ACROSS],
            tops[axis],
            _SMALL[1],
            _LEFT_OUT,
            large[axis],
            floor,
        )
        for axis in (0, 1)
    ]
    return fit(known, small, (_SMALL[1], _SMALL[1]), 0.3 * _LEFT_OUT, floor)


def _held(f: Callable[[float, float], float], axis: int, other: float) -> Callable[[float], float]:
    return (lambda x: f(x, other)) if axis == 0 else (lambda x: f(other, x))


def _vectorised(f: Callable[[float], float]) -> Callable[[np.ndarray], np.ndarray]:
    return lambda xs: np.array([f(x) for x in xs])


def _shape_of(phi: Activation, part: Part) -> Shape:
    """The exponents for a part that needs tables."""
    growth = round(float(phi.growth))
    tail = 2 if part.straightens else 0
    return Shape(part.parity, _order(phi, part.parity), tail, -2 * growth, -growth)


def _order(phi: Activation, parity: int) -> int:
    taylor = phi.taylor(12)
    order = next((k for k, c in enumerate(taylor) if k and c != 0 and (k % 2 == 0) == (parity > 0)), None)
    if order is None:
        raise UnsupportedError(f"the Taylor series of {phi} at 0 starts beyond x**12; use net.trajectory or net.at")
    return order


@dataclass(frozen=True)
class Smooth:
    """What tables hold, as functions of the smooth coordinates: ``variance(y)``, ``mean(y)``, ``ratio(yb, w)``."""

    variance: Callable[[float], float]
    mean: Callable[[float], float]
    ratio: Callable[[float, float], float]


def _part_functions(phi: Activation, part: Part, k: float) -> Smooth:
    """The functions behind the tables of a part."""
    shape = _shape_of(phi, part)
    source = _Closed(phi, part)

    def a(y: float) -> float:
        q = 1 / (y * y) - k
        return source.variance(q) / ((q * y * y) ** shape.order * y**shape.variance_power)

    def m(y: float) -> float:
        q = 1 / (y * y) - k
        return source.mean(q) / ((q * y * y) ** ((shape.order + 1) // 2) * y**shape.mean_power)

    def t(yb: float, w: float) -> float:
        v = 1 / (yb * yb) - k
        lam = (v + k) * (1 - w * w) / (w * w)
        covariance, gap = source.covariance_and_gap(v, lam)
        q = v + lam
        u = lam / (q + k)
        z = v * yb * yb * w**shape.tail * ((q + lam) / (q + k)) ** (shape.order - 1)
        return covariance / u**shape.power / gap * z

    return Smooth(a, m, t)


def _slope_function(phi: Activation, orders: list[int], k: float) -> tuple[Callable[[float], float], int, int]:
    """(function of y behind the table S, its order in q y^2, its power of y)."""
    order = min(orders) - 1
    power = -2 * max(round(float(phi.growth)) - 1, 0)
    exact = _closed_variance(phi.diff(1))

    def s(y: float) -> float:
        q = 1 / (y * y) - k
        return exact(q) / ((q * y * y) ** order * y**power)

    return s, order, power


def _closed_variance(phi: Activation) -> Callable[[float], float]:
    return lambda q: float(_closed_form(phi)(_exact(q), _exact(q)))


class _Closed:
    """The same from closed forms of W, in balls with bits enough for every cancellation."""

    def __init__(self, phi: Activation, part: Part) -> None:
        self.w = _closed_form(phi)
        self.parity = part.parity
        self.average: Any = _closed_mean(phi) if part.parity > 0 else None

    def _half(self, q: Any, lam: Any) -> Any:
        return (self.w(q, lam) + self.parity * self.w(q, -lam)) / 2

    def _precise(self, v: float, lam: float) -> tuple[Any, Any]:
        from flint import ctx

        with ctx.workprec(400):
            a, b = _exact(v), _exact(lam)
            centre = self.w(a + b, _exact(0.0)) if self.parity > 0 else 0
            total, covariance = self._half(a + b, a + b) - centre, self._half(a + b, b) - centre
            return covariance, total - covariance

    def variance(self, q: float) -> float:
        covariance, gap = self._precise(0.0, q)
        return float((covariance + gap).mid())

    def mean(self, q: float) -> float:
        from flint import ctx

        with ctx.workprec(400):
            return float((self.average(_exact(q)) - self.average(_exact(0.0))).mid())

    def covariance_and_gap(self, v: float, lam: float) -> tuple[float, float]:
        covariance, gap = self._precise(v, lam)
        return float(covariance.mid()), float(gap.mid())


def _exact(number: float) -> Any:
    from flint import arb

    return arb(float(number))


def _closed_mean(phi: Activation) -> Any:
    from derive.expectations.functions import E
    from derive.numerics.compile import compile_ball

    q = sp.Symbol("q", positive=True)
    form = E(phi, q).doit()
    if form.has(E):
        raise UnsupportedError(f"{phi} oscillates and has no closed mean, so no table can be made; use net.trajectory")
    return compile_ball(form, (q,))


def _closed_form(phi: Activation) -> Any:
    from derive.expectations.functions import W
    from derive.numerics.compile import compile_ball

    q, lam = sp.Symbol("q", positive=True), sp.Symbol("lam", real=True)
    form = W(phi, q, lam).doit()
    if form.has(W):
        raise UnsupportedError(
            f"{phi} oscillates and has no closed covariance, so no table can be made; use net.trajectory"
        )
    return compile_ball(form, (q, lam))
