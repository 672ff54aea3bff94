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
        down = np.where(left, u, -u)
        w = np.where(left, 2 * np.exp(down), -2) / np.expm1(down)
        return w, np.sqrt((1 - self.epsilon) ** 2 + 2 * self.epsilon * w)

    def _rise(self, w: np.ndarray, r: np.ndarray) -> np.ndarray:
        """r - 1 without cancellation where it is small."""
        return self.epsilon * (2 * (w - 1) + self.epsilon) / (r + 1)

    def _log_layer(self, u: np.ndarray, w: np.ndarray, r: np.ndarray) -> np.ndarray:
        """log(((r+1)^2 - eps^2)/4) without cancellation."""
        eps = self.epsilon
        if eps >= 1:
            return _log_w(u) + np.log(eps / 2 * (r + 1 + eps) / (r + (eps - 1)))
        if eps > 0.5:
            return np.log(r + 1 - eps) + np.log((r + 1 + eps) / 4)
        rise = self._rise(w, r)
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
        """u with y(u) = y in the upper half plane, and the largest residual; points that settle are left alone."""
        found = np.array(u)
        excess = np.zeros(u.shape)
        active, before = np.arange(u.size), np.full(u.size, np.inf)
        for _ in range(60):
            u = found[active]
            value, slope = self._value(u)
            excess[active] = np.abs(value - y[active])
            step = (value - y[active]) / slope
            step *= np.minimum(1, 0.5 * np.abs(u) / (np.abs(step) + 1e-300))
            u = u - step
            found[active] = u.real + 1j * np.abs(u.imag)
            size = np.abs(step) / np.abs(u)
            going = (size > 1e-15) & ((size > 1e-7) | (size < before / 2))  # near an edge steps end in rounding
            active, before = active[going], size[going]
            if active.size == 0:
                break
        return found, float(np.max(excess, initial=0.0))

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
            solved, wrong = self._newton(np.array([start]), places[k : k + 1])
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
        """P(Y <= y), from the tail on the side of y."""
        found = np.where(y >= self.high, 1.0, 0.0)
        inside = (y > self.low) & (y < self.high)
        u = self.solve(y[inside])
        left = u.real < 0
        tail = np.zeros(u.shape)
        tail[~left] = self._upper_tail(u[~left])
        tail[left] = self._small_tail(u[left]) if self.epsilon > 0.5 else self._lower_tail(u[left])
        tail = np.clip(tail, 0.0, 1.0)
        found[inside] = np.where(left, tail, 1 - tail)
        return found

    def _upper_tail(self, u: np.ndarray) -> np.ndarray:
        """P(Y > y) for Re u >= 0."""
        return (_turn(u) + self._layers(u)) / np.pi

    def _lower_tail(self, u: np.ndarray) -> np.ndarray:
        """P(Y <= y) for Re u < 0 at a soft edge, where the angle tends to 0."""
        return (_turn(u) - self._layers(u)) / np.pi

    def _layers(self, u: np.ndarray) -> np.ndarray:
        """Half the imaginary part of L ((r-1)^2/(2 eps) + log((r+1+eps)/(r+1-eps)))."""
        eps = self.epsilon
        w, r = self._w_and_r(u)
        rise = self._rise(w, r)
        if eps > 0.5:
            turn = np.angle(r + 1 + eps) - np.angle(r + 1 - eps)
        else:
            part = eps / (r + 1)
            turn = np.arctan2(2 * part.imag, 1 - np.abs(part) ** 2)
        return self.depth / 2 * (rise.real * rise.imag / eps + turn)

    def _small_tail(self, u: np.ndarray) -> np.ndarray:
        """P(Y <= y) for Re u < 0 at or near a hard edge; Im y = 0 has removed the angles that do not vanish there."""
        eps = self.epsilon
        w, r = self._w_and_r(u)
        turn = np.angle(-np.expm1(u))
        return -(turn + self.depth * ((w.imag - r.imag / eps) / 2 + np.angle(r + 1 + eps))) / np.pi


def _turn(u: np.ndarray) -> np.ndarray:
    """The argument of sinh(|Re u|/2 + i Im u/2)."""
    side, half = np.abs(u.real) / 2, u.imag / 2
    return np.arctan2(np.cosh(side) * np.sin(half), np.sinh(side) * np.cos(half))


def _log_w(u: np.ndarray) -> np.ndarray:
    """log(v + 1) for Im u > 0, also where v + 1 is tiny."""
    left = u.real < 0
    grown = np.exp(np.where(left, u, -u))
    return np.log(2) + np.where(left, u - 1j * np.pi, 0) - np.log(1 - grown)
