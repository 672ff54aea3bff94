r"""Which tables an activation needs, and in which coordinates they are smooth; float64 code.

With :math:`y=(q+k)^{-1/2}`, :math:`v=q-|\lambda|`, :math:`y_b=(v+k)^{-1/2}`, :math:`w=y/y_b` and
:math:`u=|\lambda| y^2 = 1-w^2`:

* A, the variance of a part of phi: :math:`A = (q y^2)^n y^{-2g} F(y)`, n the order of its first power, g its growth;
* M, the mean of the even part less its value at 0, likewise; S, the mean of phi'^2;
* T for the covariance C and the gap D = A - C of a part, both to full relative accuracy from one table:

.. math:: T(y_b, w) = \frac{C/u^m}{D/Z},\qquad C = \frac{A X}{X+Z},\quad D = \frac{A Z}{X+Z},\qquad
          X = u^m T,\ Z = v y_b^2 w^a\,((q+|\lambda|)y^2)^{n-1},

  m = 1 for an odd part, 2 for an even one, and a as D behaves for q much larger than v: 1 where phi saturates, 2 where
  it grows, 0 where it oscillates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from derive.activations import Activation
from derive.codegen.charts import Shape
from derive.codegen.functions import Part
from derive.codegen.quadrature import Rule, covariance_and_gap, mean, mean_of, variance
from derive.errors import UnsupportedError

__all__ = ["part_functions", "shape_of", "slope_function"]

_AGREE = 1e-14  # of two rules with different steps, where one of them is to be trusted


def shape_of(part: Part) -> Shape:
    """The exponents for a part that needs tables."""
    if part.parity > 0 and np.isfinite(part.reach) and part.slope == part.level == 0:
        # the part vanishes far out; its mean less its value at 0 does so only where that value is 0
        return Shape(part.parity, part.order, 0, 1, int(part(np.zeros(1))[0] == 0))
    tail = 0 if part.oscillates and not part.straightens else (1 if part.growth < 0.5 else 2)
    growth = round(part.growth)
    return Shape(part.parity, part.order, tail, -2 * growth, -growth)


@dataclass(frozen=True)
class Smooth:
    """What tables hold, as functions of the smooth coordinates: ``variance(y)``, ``mean(y)``, ``ratio(yb, w)``."""

    variance: Callable[[float], float]
    mean: Callable[[float], float]
    ratio: Callable[[float, float], float]


def part_functions(phi: Activation, part: Part, k: float) -> Smooth:
    """The functions behind the tables of a part, by quadrature in float64 (closed forms where phi oscillates)."""
    shape = shape_of(part)
    source = _Closed(phi, part) if part.oscillates else _Quadrature(part)

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


def slope_function(phi: Activation, parts: tuple[Part, Part], k: float) -> tuple[Callable[[float], float], int, int]:
    """(function of y behind the table S, its order in q y^2, its power of y)."""
    derivative = phi.diff(1)
    used = [p for p in parts if p.polynomial is None or p.polynomial.has(p.x)]
    order = min((p.order if p.polynomial is None else _order(p)) for p in used) - 1
    oscillates = any(p.oscillates for p in parts)

    def slope(x: np.ndarray) -> np.ndarray:
        return np.sum([p.slope_at(x) for p in used], axis=0)

    far = 1 / np.sqrt(k) * 1e6
    decays = not oscillates and float(np.max(slope(np.array([far, -far])) ** 2)) < 1e-6
    growth = 2 * (round(max(p.growth for p in used)) - 1) if not decays else 0
    power = 1 if decays else -max(growth, 0)
    if oscillates:
        exact = _closed_variance(derivative)
    else:
        rule = trusted_rule(lambda q, r: mean_of(lambda x: slope(x) ** 2, q, r), used)
        exact = lambda q: mean_of(lambda x: slope(x) ** 2, q, rule)  # noqa: E731

    def s(y: float) -> float:
        q = 1 / (y * y) - k
        return exact(q) / ((q * y * y) ** order * y**power)

    return s, order, power


def _order(part: Part) -> int:
    return min(m for (m,) in sp.Poly(part.polynomial, part.x).monoms() if m > 0 or part.polynomial == 0)


def trusted_rule(value: Callable[[float, Rule], float], parts: list[Part]) -> Rule:
    """A rule that agrees with one of half the scale at variances small and large."""
    scale = min(p.scale for p in parts)
    for _ in range(5):
        rule, finer = Rule(scale=scale), Rule(step=0.08, scale=scale / 2)
        pairs = [(value(q, rule), value(q, finer)) for q in (0.03 * scale**2, scale**2, 40 * scale**2, 3e4 * scale**2)]
        if all(abs(a - b) <= _AGREE * abs(b) for a, b in pairs):
            return rule
        scale /= 2
    raise UnsupportedError(
        "the float64 quadrature does not settle for this activation (it changes over very different scales, or does "
        "not decay); use net.trajectory, which works with any precision"
    )


class _Quadrature:
    def __init__(self, part: Part) -> None:
        self.part = part
        self.rule = trusted_rule(lambda q, r: covariance_and_gap(part, 0.3 * q, 0.7 * q, r)[1], [part])

    def variance(self, q: float) -> float:
        return variance(self.part, q, self.rule)

    def mean(self, q: float) -> float:
        return mean(self.part, q, self.rule)

    def covariance_and_gap(self, v: float, lam: float) -> tuple[float, float]:
        return covariance_and_gap(self.part, v, lam, self.rule)


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
