r"""Gaussian means over a grid of variances in float64, and the fixed points on it by Newton's method.

Means over one or two Gaussian variables are trapezoidal sums in the standard variables, which converge exponentially
for activations analytic in a strip; the number of points is doubled until a sample of the grid no longer changes (Gauss
-Hermite sums would give 1 to 4 digits for tanh at q >= 10).  With :math:`u_{1,2} = \sqrt q(\sqrt{1-\varepsilon/2}\,z_1
\pm \sqrt{\varepsilon/2}\,z_2)` the gap :math:`V - W = \tfrac12 E(\varphi(u_1)-\varphi(u_2))^2` has no cancellation.
Newton's method runs from large q downwards and from :math:`\varepsilon = 1` downwards (V concave, W convex in c).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from derive.activations import Activation
from derive.errors import PrecisionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["GridMeans"]

_REACH = 7.6
_MOST = 640
_CHUNK = 3_000_000


class GridMeans:
    """Means over the grid, each an array over the grid points it is asked for."""

    def __init__(self, phi: Activation, rho: float, weights: NDArray, biases: NDArray) -> None:
        x = sp.Symbol("x", real=True)
        self.phi = phi
        self.f = _vectorised(phi.expr.xreplace({phi.variable: x}), x)
        self.g = _vectorised(phi.diff(1).expr.xreplace({phi.variable: x}), x)
        self.weights, self.biases, self.rho = weights, biases, rho
        self.gain = weights / rho

    # --- one variable

    def _one(self, n: int) -> tuple[NDArray, NDArray]:
        z = np.linspace(-_REACH, _REACH, n)
        weight = np.exp(-z * z / 2)
        return z, weight / weight.sum()

    def _variance(self, q: NDArray, n: int) -> tuple[NDArray, NDArray, NDArray]:
        """V, dV/dq and E phi'^2."""
        z, weight = self._one(n)
        results = [np.empty_like(q) for _ in range(3)]
        for part in np.array_split(np.arange(q.size), max(1, q.size * n // _CHUNK + 1)):
            root = np.sqrt(q[part])[:, None]
            u = root * z
            with np.errstate(over="ignore", invalid="ignore"):  # inf and nan there mean: out of range
                f, g = self.f(u), self.g(u)
                results[0][part] = (f * f) @ weight
                results[1][part] = np.where(root[:, 0] > 0, (f * g * z) @ weight / np.maximum(root[:, 0], 1e-300), 0)
                results[2][part] = (g * g) @ weight
        return results[0], results[1], results[2]

    def _points(self, q: NDArray) -> int:
        """So many points that V, V' and E phi'^2 at the largest length keep 12 digits when doubled."""
        if not np.isfinite(q).any():
            return 41
        top = np.array([max(float(np.nanmax(q)), 1e-3)])
        n = 41
        before = self._variance(top, n)
        while n < _MOST * 8:
            n = 2 * n - 1
            now = self._variance(top, n)
            if all(abs(a - b) <= 1e-12 * abs(b) + 1e-14 for a, b in zip(before, now, strict=True)):
                return (n + 1) // 2
            before = now
        raise PrecisionError(f"{self.phi} at q = {top[0]:.4g} needs too many points for 10 digits; use fixed_points")

    def lengths(self) -> NDArray:
        """q* from above: Newton's method on Q(q) - q, inside the range where iterates fall."""
        q = np.maximum(self.biases, 1e-6) + self.gain * self._start()
        q[~np.isfinite(q)] = np.nan
        n = self._points(q)
        active = np.isfinite(q)
        for step in range(200):
            rows = np.flatnonzero(active)
            if not rows.size:
                return q
            V, slope, _ = self._variance(q[rows], n)
            image, chi = self.gain[rows] * V + self.biases[rows], self.gain[rows] * slope
            newton = q[rows] + (image - q[rows]) / (1 - chi)
            safe = (image < q[rows]) & (chi < 1) & (newton > 0)
            following = np.where(safe | (step > 60), newton, image)
            following = np.where(following > 0, following, q[rows] / 16)
            silent = (self.biases[rows] == 0) & (q[rows] < 1e-2) & (newton <= 0) & (image < q[rows])
            following = np.where(silent, image / 64, following)  # F is convex down to F(0) = 0: no root on the way
            following = np.where((self.biases[rows] == 0) & (following < 1e-25), 0.0, following)
            done = np.abs(following - q[rows]) <= 4e-15 * following
            q[rows] = np.where(following > 1e12, np.nan, following)
            active[rows[done | ~np.isfinite(q[rows])]] = False
        q[active] = np.nan
        return q

    def _start(self) -> NDArray:
        """A length from which the recurrence falls, per unit of gain."""
        if self.phi.is_bounded:
            z = np.linspace(-60, 60, 4001)
            return np.full_like(self.gain, float(np.max(self.f(z) ** 2)) * 1.05)
        raise_at = np.full_like(self.gain, np.nan)
        for i, (gain, bias) in enumerate(zip(self.gain, self.biases, strict=True)):
            for q in 10.0 ** np.arange(4, -4, -0.5):  # the largest length at which one layer shortens
                (V,), _, _ = self._variance(np.array([q]), 641)
                if (gain * V if gain else 0.0) + bias < q:
                    raise_at[i] = q / max(gain, 1e-300)
                    break
        return raise_at

    def slopes(self, q: NDArray) -> tuple[NDArray, NDArray]:
        """chi_1 and chi_q."""
        good = np.where(np.isfinite(q), q, 1.0)
        _, slope, square = self._variance(good, self._points(q))
        zero = good == 0
        slope = np.where(zero, square, slope)
        bad = np.where(np.isfinite(q), 1.0, np.nan)
        return self.gain * square * bad, self.gain * slope * bad

    # --- two variables

    def correlations(self, q: NDArray, chi_1: NDArray) -> tuple[NDArray, NDArray]:
        """1 - c* and chi_c."""
        gap = np.zeros_like(q)
        gap[~np.isfinite(q)] = np.nan
        gap[q == 0] = np.nan if self.rho == 1 else 1.0
        dropout = self.rho < 1
        rows = np.flatnonzero(np.isfinite(q) & (q > 0) & (dropout | (chi_1 > 1)))
        chi_c = chi_1 * self.rho
        chi_c[q == 0] = self.rho
        if not rows.size:
            return gap, chi_c
        n = self._points(q[rows])
        V, _, _ = self._variance(q[rows], n)
        forced = self.weights[rows] * V * (1 - self.rho) / self.rho
        gap[rows] = 1.0
        active = np.ones(rows.size, bool)
        for _ in range(120):
            now = np.flatnonzero(active)
            if not now.size:
                break
            at = rows[now]
            lost, product = self._pair(q[at], gap[at], n)
            value = q[at] * gap[at] - self.weights[at] * lost - forced[now]
            slope = q[at] * (1 - self.weights[at] * product)
            following = gap[at] - value / slope
            following = np.where((following > 0) & (slope > 0), following, gap[at] / 4)
            active[now[np.abs(following - gap[at]) <= 1e-12 * following]] = False
            active[now[following < 1e-15]] = False
            gap[at] = np.minimum(following, 1.0)
        _, product = self._pair(q[rows], gap[rows], n)
        chi_c[rows] = self.weights[rows] * product
        return gap, chi_c

    def _pair(self, q: NDArray, gap: NDArray, n: int) -> tuple[NDArray, NDArray]:
        """V - W and E phi'(u1) phi'(u2) by two-dimensional trapezoidal sums (half of z_2: the sums are even in it)."""
        z, weight = self._one(n)
        half, half_weight = z[n // 2 :], weight[n // 2 :] * np.where(np.arange(n // 2 + 1) > 0, 2.0, 1.0)
        lost, product = np.empty_like(q), np.empty_like(q)
        for part in np.array_split(np.arange(q.size), max(1, q.size * n * half.size // _CHUNK + 1)):
            s = np.sqrt(q[part] * (1 - gap[part] / 2))[:, None, None] * z[None, :, None]
            d = np.sqrt(q[part] * gap[part] / 2)[:, None, None] * half[None, None, :]
            one, two = s + d, s - d
            lost[part] = 0.5 * ((self.f(one) - self.f(two)) ** 2 @ half_weight) @ weight
            product[part] = ((self.g(one) * self.g(two)) @ half_weight) @ weight
        return lost, product


def _vectorised(expr: sp.Expr, x: sp.Symbol) -> Any:
    function = sp.lambdify(x, expr, ["scipy", "numpy"])
    if not expr.has(x):
        return lambda u: np.full_like(u, float(expr))
    return function
