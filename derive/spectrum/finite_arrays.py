r"""Finitely many equal circular layers at float64 arrays of y = log(lambda/a^(2L)).

:math:`y(v) = \log\frac{v+1}{v-1} + L\log\frac{(r+1)^2-\epsilon^2}4` (:mod:`derive.spectrum.finite_depth`) is solved for
:math:`v = \coth(u/2)` by Newton's method.  Starts are read from a table that follows the curve from its upper end step
by step, so that the branch is the right one at every epsilon.  With :math:`K(v) = \int y\,dv`, which is elementary
because :math:`dv = r\,dr/\epsilon`,

.. math:: \rho(y) = -\frac{\operatorname{Im} v}{2\pi}, \qquad
   F(y) = 1 - \frac1{2\pi}\bigl[y \operatorname{Im} v - \operatorname{Im} K(v)\bigr].

For :math:`\epsilon \ge 1` the lower end of lambda is 0 (y = -oo).  There :math:`w = v + 1 = 2\lambda G \to 0`, so that
no singular value is exactly 0, and :math:`(r+1)^2-\epsilon^2 = 2\epsilon w\,(r+1+\epsilon)/(r-1+\epsilon)` gives
:math:`\lambda \sim w^{L+1}` for epsilon > 1 and :math:`w^{(L+2)/2}` for epsilon = 1: a *hard edge*, where the density
of lambda grows like :math:`\lambda^{-L/(L+1)}` or :math:`\lambda^{-L/(L+2)}`.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from derive.errors import PrecisionError, UnsupportedError

__all__ = ["FiniteArrays"]

_SMALL = 0.02
_NODES = 600
_EPSILONS = 1e-30, 1e12
_LOWEST = -600.0  # u below: w is still far from underflow


class FiniteArrays:
    """Functions of y for ``depth`` layers with epsilon = c/(a^2 depth); edges ``low`` (or -oo), ``high``."""

    def __init__(self, epsilon: float, depth: int, low: float, high: float) -> None:
        if not _EPSILONS[0] <= epsilon <= _EPSILONS[1]:
            raise UnsupportedError(
                f"c/(depth skip^2) = {epsilon:.4g} is outside [{_EPSILONS[0]:g}, {_EPSILONS[1]:g}], where arrays are "
                "evaluated; give a skip of the size of sqrt(c/depth), or use digits=, moment, edges"
            )
        self.epsilon, self.depth, self.low, self.high = epsilon, depth, low, high
        self.hard = low == -np.inf

    @property
    def power(self) -> float:
        """The density of y behaves like e^(power y) at a hard edge."""
        return 1 / (self.depth + 1) if self.epsilon > 1 else 2 / (self.depth + 2)

    # the curve

    def _w_and_r(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """w = v + 1 without cancellation where v is near -1, and r."""
        left = u.real < 0
        grown = np.exp(np.where(left, u, -u))
        w = np.where(left, 2 * grown / (grown - 1), 2 / (1 - grown))
        return w, np.sqrt((1 - self.epsilon) ** 2 + 2 * self.epsilon * w)

    def _log_layer(self, u: np.ndarray, w: np.ndarray, r: np.ndarray) -> np.ndarray:
        """log(((r+1)^2 - eps^2)/4) without cancellation."""
        eps = self.epsilon
        if eps >= 1:
            return _log_w(u) + np.log(eps / 2 * (r + 1 + eps) / (r + (eps - 1)))
        if eps > 0.5:
            return np.log(r + 1 - eps) + np.log((r + 1 + eps) / 4)
        rise = eps * (2 * (w - 1) + eps) / (r + 1)  # r - 1
        x = (rise * (4 + rise) - eps * eps) / 4  # NumPy's log1p of a complex number cancels for small ones
        return np.log1p(2 * x.real + x.real**2 + x.imag**2) / 2 + 1j * np.arctan2(x.imag, 1 + x.real)

    def _value(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """y(u) and dy/du."""
        eps, depth = self.epsilon, self.depth
        w, r = self._w_and_r(u)
        y = u + depth * self._log_layer(u, w, r)
        if eps >= 1:  # inside (v^2 - 1) = w (w - 2) a factor w cancels
            return y, 1 + depth * (r + 1) * (2 - w) * (r + (eps - 1)) / (2 * r * (r + 1 + eps))
        inside = (r + 1 - eps) * (r + 1 + eps)
        return y, 1 - depth * eps * (r + 1) / (r * inside) * w * (w - 2)

    def _newton(self, u: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
        """u with y(u) = y in the upper half plane, and the largest residual."""
        excess = np.zeros(0)
        for _ in range(60):
            value, slope = self._value(u)
            excess = value - y
            step = excess / slope
            step *= np.minimum(1, 0.5 * np.abs(u) / (np.abs(step) + 1e-300))
            u = u - step
            u = u.real + 1j * np.abs(u.imag)
            if np.all(np.abs(step) < 1e-14 * np.abs(u)):
                break
        return u, float(np.max(np.abs(excess), initial=0.0))

    def _edge_start(self) -> tuple[float, float]:
        """u at the upper edge and y'' there; the largest root r of the cubic."""
        eps, depth = self.epsilon, self.depth
        roots = np.roots([depth, -depth, -depth * (1 + eps * eps) - 4 * eps, depth * (1 - eps * eps)])
        r = float(np.max(roots.real))
        u = float(np.log1p(4 * eps / ((r - 1 - eps) * (r + 1 + eps))))  # (v+1)/(v-1) - 1 = 2/(v-1)
        h = 1e-4 * u
        second = (self._value(np.array([u + h + 0j]))[1] - self._value(np.array([u - h + 0j]))[1]) / (2 * h)
        return u, float(second[0].real)

    def places(self, count: int = _NODES) -> np.ndarray:
        """Increasing y that crowd at the edges; at a hard edge they go down to where the law has no mass left."""
        if self.hard:
            bottom = self.high + 2 - 45 / self.power - self.depth * abs(np.log(self.epsilon))
            t = np.linspace(np.sqrt(self.high - bottom), 0, count)
            return self.high - t * t
        middle, half = (self.low + self.high) / 2, (self.high - self.low) / 2
        return middle - half * np.cos(np.linspace(0, np.pi, count))

    def _variable(self, y: np.ndarray) -> np.ndarray:
        """An increasing function of y in which u is smooth."""
        if self.hard:
            return -np.sqrt(np.maximum(self.high - y, 0))
        middle, half = (self.low + self.high) / 2, (self.high - self.low) / 2
        return -np.arccos(np.clip((y - middle) / half, -1, 1))

    @cached_property
    def _table(self) -> tuple[np.ndarray, np.ndarray]:
        """(variable, u) along the curve, from the upper edge down, each start extrapolated from the last two points."""
        places = self.places()[::-1]
        if not self.hard:
            places = places[:-1]
        u, second = self._edge_start()
        found = [complex(u)]
        start = u + 1j * np.sqrt(2 * (places[0] - places[1]) / second)
        variable = self._variable(places)
        for k in range(1, len(places)):
            if k > 1:
                fraction = (variable[k] - variable[k - 1]) / (variable[k - 1] - variable[k - 2])
                start = found[-1] + (found[-1] - found[-2]) * fraction
            solved, wrong = self._newton(np.array([start]), places[k])
            if not wrong < 1e-8 * (1 + abs(places[k])):
                raise self._unsolved(wrong)
            found.append(complex(solved[0]))
        return variable[::-1], np.array(found[::-1])

    def _unsolved(self, wrong: float) -> PrecisionError:
        return PrecisionError(
            f"the spectrum of {self.depth} layers at c/(L skip^2) = {self.epsilon:g} was not solved to float64 "
            f"(residual {wrong:.1e}); use moments and edges, digits=, or the limit law (.universal())"
        )

    def solve(self, y: np.ndarray) -> np.ndarray:
        """u with y(coth(u/2)) = y inside the support."""
        nodes, values = self._table
        x = self._variable(y)
        u = np.interp(x, nodes, values.real) + 1j * np.interp(x, nodes, values.imag)
        below = np.minimum(y - (self.high - nodes[0] ** 2), 0) if self.hard else np.zeros_like(y)
        u = u + self.power * below
        far = u.real < _LOWEST
        u[~far], wrong = self._newton(u[~far], y[~far])
        if not wrong < 1e-9 * (1 + np.max(np.abs(y[~far]), initial=0.0)):
            raise self._unsolved(wrong)
        return u

    # the law

    def boundary(self, y: np.ndarray) -> np.ndarray:
        """v = 2 lambda G(lambda + i0) - 1 on the support."""
        return self._w_and_r(self.solve(y))[0] - 1

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
        u = self.solve(x)
        w, r = self._w_and_r(u)
        found[inside] = 1 - (x * w.imag - self._primitive(u, w, r).imag) / (2 * np.pi)
        return np.clip(found, 0.0, 1.0)

    def _primitive(self, u: np.ndarray, w: np.ndarray, r: np.ndarray) -> np.ndarray:
        """K(v), up to a real constant."""
        eps = self.epsilon
        total = w * _log_w(u) - (w - 2) * np.log(w - 2)
        if eps < _SMALL:  # the closed form cancels; the branch point -(1 + eps^2)/(2 eps) is far from the path
            nodes, weights = np.polynomial.legendre.leggauss(24)
            path = 2 + (w[..., None] - 2) * (1 + nodes) / 2
            logs = self._log_layer(path, path, np.sqrt((1 - eps) ** 2 + 2 * eps * path))
            return total + self.depth * (w - 2) / 2 * (logs @ weights)
        b = 1 - eps
        near = np.log(r + b) if b > 0 else _log_w(u) + np.log(2 * eps / (r - b))
        layers = -r * r / 2 * np.log(4) + eps * w * near - r * r / 4 + b * r / 2
        b = 1 + eps
        layers = layers + eps * (w - 2) * np.log(r + b) - r * r / 4 + b * r / 2
        return total + self.depth / eps * layers


def _log_w(u: np.ndarray) -> np.ndarray:
    """log(v + 1) for Im u > 0, also where v + 1 is tiny."""
    left = u.real < 0
    grown = np.exp(np.where(left, u, -u))
    return np.log(2) + np.where(left, u - 1j * np.pi, 0) - np.log(1 - grown)
