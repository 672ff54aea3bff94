r"""Finitely many equal circular layers at float64 arrays of y = log(lambda/a^(2L)).

:math:`y(v) = \log\frac{v+1}{v-1} + L\log\frac{(r+1)^2-\epsilon^2}4` (:mod:`derive.spectrum.finite_depth`) is solved for
:math:`v = \coth(u/2)` by Newton's method from the limit law, stretched to the exact edges.  With
:math:`K(v) = \int y\,dv`, which is elementary because :math:`dv = r\,dr/\epsilon`,

.. math:: \rho(y) = -\frac{\operatorname{Im} v}{2\pi}, \qquad
   F(y) = 1 - \frac1{2\pi}\bigl[y \operatorname{Im} v - \operatorname{Im} K(v)\bigr].
"""

from __future__ import annotations

import numpy as np

from derive.errors import PrecisionError
from derive.spectrum.limit_arrays import LimitArrays

__all__ = ["FiniteArrays"]


_SMALL = 0.02


def _layer_log(eps: float, v: np.ndarray, r: np.ndarray) -> np.ndarray:
    """log(((r+1)^2 - eps^2)/4) without cancellation: r - 1 = eps (2v + eps)/(r + 1)."""
    rise = eps * (2 * v + eps) / (r + 1)
    x = (rise * (4 + rise) - eps * eps) / 4  # NumPy's log1p of a complex number cancels for small ones
    return np.log1p(2 * x.real + x.real**2 + x.imag**2) / 2 + 1j * np.arctan2(x.imag, 1 + x.real)


class FiniteArrays:
    """Functions of y for ``depth`` layers with epsilon = c/(a^2 depth) < 1; ``low``, ``high`` are the exact edges."""

    def __init__(self, epsilon: float, depth: int, low: float, high: float) -> None:
        self.epsilon, self.depth, self.low, self.high = epsilon, depth, low, high
        self.limit = LimitArrays(epsilon * depth)

    def _solve(self, y: np.ndarray) -> np.ndarray:
        """u with y(coth(u/2)) = y inside the support."""
        half, middle = (self.high - self.low) / 2, (self.high + self.low) / 2
        x = np.clip((y - middle) / half, -1 + 1e-14, 1 - 1e-14)
        u = self.limit.start(x * self.limit.high)
        eps, depth = self.epsilon, self.depth
        for _ in range(60):
            v = 1 / np.tanh(u / 2)
            r = np.sqrt(1 + 2 * eps * v + eps * eps)
            inside = (r + 1 - eps) * (r + 1 + eps)
            excess = u + depth * _layer_log(eps, v, r) - y
            slope = 1 - depth * eps * (r + 1) / (r * inside) / np.sinh(u / 2) ** 2
            step = excess / slope
            step *= np.minimum(1, 0.5 * np.abs(u) / (np.abs(step) + 1e-300))
            u = u - step
            u = u.real + 1j * np.abs(u.imag)
            if np.all(np.abs(step) < 1e-13 * np.abs(u) + 1e-9 * np.abs(step.imag)):
                break
        wrong = np.max(np.abs(excess), initial=0.0)
        if not wrong < 1e-9 * (1 + half):
            raise PrecisionError(
                f"the spectrum of {self.depth} layers at c/(L skip^2) = {self.epsilon:g} was not solved to float64 "
                f"(residual {wrong:.1e}); use moments and edges, or the limit law (.universal())"
            )
        return u

    def boundary(self, y: np.ndarray) -> np.ndarray:
        """v = 2 lambda G(lambda + i0) - 1 on the support."""
        return 1 / np.tanh(self._solve(y) / 2)

    def density(self, y: np.ndarray) -> np.ndarray:
        """The density of y; 0 outside the support."""
        inside = (y > self.low) & (y < self.high)
        found = np.zeros_like(y)
        found[inside] = -self.boundary(y[inside]).imag / (2 * np.pi)
        return np.maximum(found, 0.0)

    def cdf(self, y: np.ndarray) -> np.ndarray:
        """P(Y <= y)."""
        found = np.where(y >= self.high, 1.0, 0.0)
        inside = (y > self.low) & (y < self.high)
        x = y[inside]
        v = self.boundary(x)
        found[inside] = 1 - (x * v.imag - self._primitive(v).imag) / (2 * np.pi)
        return np.clip(found, 0.0, 1.0)

    def _primitive(self, v: np.ndarray) -> np.ndarray:
        """K(v), up to a real constant."""
        eps = self.epsilon
        r = np.sqrt(1 + 2 * eps * v + eps * eps)
        total = (v + 1) * np.log(v + 1) - (v - 1) * np.log(v - 1)
        if eps < _SMALL:  # the closed form cancels; the branch point -(1 + eps^2)/(2 eps) is far from the path
            nodes, weights = np.polynomial.legendre.leggauss(24)
            path = 1 + (v[..., None] - 1) * (1 + nodes) / 2
            logs = _layer_log(eps, path, np.sqrt(1 + 2 * eps * path + eps * eps))
            return total + self.depth * (v - 1) / 2 * (logs @ weights)
        layers = -r * r / 2 * np.log(4)
        for b in (1 - eps, 1 + eps):
            layers = layers + (r * r - b * b) / 2 * np.log(r + b) - r * r / 4 + b * r / 2
        return total + self.depth / eps * layers
