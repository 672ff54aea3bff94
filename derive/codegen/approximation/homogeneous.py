r"""Homogeneous activations a x^alpha on the right and b \|x\|^alpha on the left (the ReLU family), float64 tables.

The covariance is q^alpha times a function of c alone.  Mehler's formula sums to hypergeometric functions: for the even
and the odd part, :math:`|x|^\alpha` and :math:`\operatorname{sgn}(x)|x|^\alpha`,

.. math:: K_e(c) =
\frac{2^\alpha\Gamma(\frac{1+\alpha}2)^2}\pi\,{}_2F_1(-\tfrac\alpha2,-\tfrac\alpha2;\tfrac12;c^2),\qquad
          K_o(c) =
          \frac{2^{\alpha+1}\Gamma(1+\frac\alpha2)^2}\pi\,c\;{}_2F_1(\tfrac{1-\alpha}2,\tfrac{1-\alpha}2;\tfrac32;c^2).

They are tabulated in :math:`t = \sqrt{1-|c|}` on tiles that halve towards 0, where :math:`K(1)-K(c)` has the powers t^2
and t^(2 alpha + 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import mpmath
import numpy as np
import sympy as sp

from derive.activations import Activation
from derive.codegen.approximation.tiles import Interpolant, Tiles, breaks_for, fit
from derive.codegen.graph import Graph
from derive.errors import UnsupportedError

__all__ = ["Homogeneous", "homogeneous", "real_power"]

_POINTS, _SMALL = 14, 10
_TINY = float(np.finfo(float).tiny)
_LOWEST, _HIGHEST = -200, 400  # powers of two between which real powers are tabulated


@dataclass(frozen=True)
class Homogeneous:
    """alpha and the factors of the even and of the odd part."""

    alpha: sp.Expr
    even: sp.Expr
    odd: sp.Expr

    def _moment(self) -> sp.Expr:
        """E \\|z\\|^(2 alpha)."""
        return 2**self.alpha * sp.gamma(self.alpha + sp.Rational(1, 2)) / sp.sqrt(sp.pi)

    def _times_power(self, g: Graph, q: int, factor: sp.Expr, exponent: sp.Expr) -> int:
        return g.add("mul", g.const(float(factor)), real_power(g, q, exponent))

    def second_moment(self, g: Graph, q: int) -> int:
        return self._times_power(g, q, (self.even**2 + self.odd**2) * self._moment(), self.alpha)

    def slope_moment(self, g: Graph, q: int) -> int:
        """E phi'^2, from that of phi: both are powers, with exponents one apart."""
        if not self.alpha > sp.Rational(1, 2):
            raise UnsupportedError(f"E phi'^2 is infinite for the power {self.alpha}: gradients have no mean square")
        ratio = self.alpha**2 / (2 * self.alpha - 1)
        if self.alpha == 1:
            return g.const(float(self.even**2 + self.odd**2))
        return g.add("div", g.add("mul", g.const(float(ratio)), self.second_moment(g, q)), q)

    def covariance_and_gap(self, g: Graph, q: int, size: int, v: int) -> list[tuple[int, int, int, int]]:
        """(parity, A, C, D) of each part."""
        found = []
        scale = real_power(g, q, self.alpha)
        if self.odd != 0 and self.alpha == 1:
            square = g.const(float(self.odd**2))
            total, covariance, gap = (g.add("mul", square, n) for n in (q, size, v))
            found.append((-1, total, covariance, gap))
        elif self.odd != 0:
            found.append(self._pair(g, -1, self.odd, scale, q, size, v))
        if self.even != 0:
            found.append(self._pair(g, 1, self.even, scale, q, size, v))
        return found

    def _pair(
        self, g: Graph, parity: int, factor: sp.Expr, scale: int, q: int, size: int, v: int
    ) -> tuple[int, int, int, int]:
        positive = g.add("max", q, g.const(_TINY))
        square = g.add("div", v, positive)
        group = g.group((g.add("sqrt", square),), kernel_tiles(self.alpha, parity))
        front = g.add("mul", scale, g.const(float(factor**2)))
        total = g.add("mul", g.const(float(self._moment())), front)
        gap = g.add("mul", front, g.add("mul", square, g.table(group, "E")))
        if parity > 0:
            return parity, total, g.add("sub", total, gap), gap
        covariance = g.add("mul", front, g.add("mul", g.add("div", size, positive), g.table(group, "J")))
        return parity, total, covariance, gap


@lru_cache(maxsize=64)
def homogeneous(phi: Activation) -> Homogeneous | None:
    """The decomposition of a homogeneous activation with a kink at 0; None for every other function."""
    if phi.kinks != (sp.S.Zero,) or len(phi.pieces) != 2:
        return None
    x = sp.Dummy("x", positive=True)
    left, right = (
        sp.powsimp(sp.sympify(p.expr, strict=True).xreplace({phi.variable: s * x}), force=True)
        for p, s in zip(phi.pieces, (-1, 1), strict=True)
    )
    powers = [sp.simplify(x * sp.diff(f, x) / f) for f in (left, right) if f != 0]
    if not powers or powers[0].has(x) or not powers[0].is_positive or powers[0] != powers[-1]:
        return None
    alpha = powers[0]
    a, b = (sp.simplify(f / x**alpha) for f in (right, left))
    return Homogeneous(alpha, (a + b) / 2, (a - b) / 2)


@lru_cache(maxsize=64)
def kernel_tiles(alpha: sp.Expr, parity: int) -> Tiles:
    """Tables in t: E = (K(1) - K(c))/t^2 and, for the odd part, J = K(c)/c."""
    from derive.numerics.compile import to_mpf

    with mpmath.workdps(80):
        power = to_mpf(alpha)
        if parity > 0:
            front = 2**power * mpmath.gamma((1 + power) / 2) ** 2 / mpmath.pi
            a, b = -power / 2, mpmath.mpf(1) / 2
        else:
            front = 2 ** (power + 1) * mpmath.gamma(1 + power / 2) ** 2 / mpmath.pi
            a, b = (1 - power) / 2, mpmath.mpf(3) / 2
        one = 2**power * mpmath.gamma(power + mpmath.mpf(1) / 2) / mpmath.sqrt(mpmath.pi)

    def over_c(t: float) -> mpmath.mpf:
        return front * mpmath.hyp2f1(a, a, b, (1 - mpmath.mpf(t) ** 2) ** 2)

    def gap(t: float) -> float:
        with mpmath.workdps(80):
            c = 1 - mpmath.mpf(t) ** 2
            return float((one - over_c(t) * (c if parity < 0 else 1)) / mpmath.mpf(t) ** 2)

    def slope(t: float) -> float:
        with mpmath.workdps(30):
            return float(over_c(t))

    functions = {"E": gap} | ({"J": slope} if parity < 0 else {})
    lines = [lambda ts, f=f: np.array([f(t) for t in ts]) for f in functions.values()]
    large = breaks_for(lines, 1.0, _POINTS, 1e-16)
    known = {name: Interpolant.of(f, (large,), (_POINTS,)) for name, f in functions.items()}
    small = breaks_for([i.line(0) for i in known.values()], 1.0, _SMALL, 1e-15, large)
    return fit(known, (small,), (_SMALL,), 1e-16)


def real_power(g: Graph, base: int, exponent: sp.Expr) -> int:
    """base**exponent: by multiplications and a root, or by a table over powers of two."""
    if exponent.is_Rational and exponent.q <= 2:
        whole = g.power(base, int(sp.floor(exponent)))
        return whole if exponent.q == 1 else g.add("mul", whole, g.add("sqrt", base))
    return g.table(g.group((base,), power_tiles(exponent)), "P")


@lru_cache(maxsize=64)
def power_tiles(exponent: sp.Expr) -> Tiles:
    """x**exponent on tiles between powers of two; outside 2**-200 .. 2**400 there is none."""
    from derive.numerics.compile import to_mpf

    with mpmath.workdps(40):
        power = to_mpf(exponent)

        def value(x: float) -> float:
            with mpmath.workdps(30):
                return float(mpmath.mpf(x) ** power)

    quarters = np.array([1, 1.25, 1.5, 1.75, 2.0])
    known = {"P": Interpolant.of(value, (quarters,), (14,))}
    one = fit(known, (quarters,), (11,), 1e-17)
    octaves = range(_LOWEST, _HIGHEST)
    with mpmath.workdps(30):
        scale = np.array([float(mpmath.mpf(2) ** (power * e)) for e in octaves])
    rows = (scale[:, None, None] * one.coefficients["P"]).reshape(-1, len(one.patterns["P"]))
    breaks = np.concatenate([[2.0**e * f for f in quarters[:-1]] for e in octaves] + [[2.0**_HIGHEST]])
    return Tiles((breaks,), one.patterns, {"P": rows})
