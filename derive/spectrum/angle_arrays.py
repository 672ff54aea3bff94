r"""The angle of the limit law at float64 arrays of y = log(lambda/a^(2L)); see :mod:`derive.spectrum.limit_law`.

The law is explicit in the angle sigma; at a given y both sigma and tau are read from tables.  In
:math:`D = (y_e^2 - y^2)/(2 y_e)`, the distance to the nearer edge, sigma^2 and tau/y are analytic, edge and centre
included, and in :math:`t = \log(1 + D)` they stay smooth however large kappa is.  (In sigma itself tau loses half its
digits at the symmetry point y = 0, in tau the angle does so at the edges; the pair (sigma^2, tau/y) never does.)  The
tables are piecewise Chebyshev interpolants whose nodes solve the two real equations by Newton's method in two unknowns.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

__all__ = ["AngleTable", "angle_table", "upper_tail"]

_DEGREE = 8
_PIECES = (8, 16, 32, 64, 128, 256)
_SEMICIRCLE = 1e-17  # below, sigma^2 = 2 kappa - y^2/4 and tau = y/2 hold to all digits of float64
_TARGET = 1e-14


@dataclass(frozen=True)
class AngleTable:
    """Tables of sigma^2 (1 + D)/D and tau/y over t = log(1 + D), for one kappa > 0."""

    kappa: float
    edge: float
    pieces: int
    angle: Any
    ratio: Any

    @property
    def t_max(self) -> float:
        """t at the centre y = 0."""
        return float(np.log1p(self.edge / 2))

    def distance(self, y: np.ndarray) -> np.ndarray:
        """D = (edge^2 - y^2)/(2 edge), at least 0."""
        y = np.abs(y)
        return np.maximum((self.edge - y) * ((self.edge + y) / (2 * self.edge)), 0.0)

    def sigma(self, y: np.ndarray) -> np.ndarray:
        """The angle; 0 outside the support."""
        d = self.distance(y)
        return np.sqrt(d / (1 + d) * self._read(self.angle, np.log1p(d)))

    def tau(self, y: np.ndarray) -> np.ndarray:
        """tau, with the sign of y; inside the support."""
        return y * self._read(self.ratio, np.log1p(self.distance(y)))

    def _read(self, table: np.ndarray, t: np.ndarray) -> np.ndarray:
        """The interpolant: piece by index, Horner in the local variable; ``table`` has one row per power."""
        u = t * (self.pieces / self.t_max)
        index = np.minimum(u.astype(np.intp), self.pieces - 1)
        u -= index
        value = table[-1].take(index)
        for row in table[-2::-1]:
            value *= u
            value += row.take(index)
        return value


def solve(kappa: float, edge: float, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(sigma^2, tau) at 0 <= y <= edge by Newton's method in (sigma^2, tau), from the explicit curve."""
    tau, p = _start(kappa, y)
    for _ in range(8):
        sigma = np.sqrt(p)
        over = 1 / np.sinc(sigma / np.pi)  # sigma / sin(sigma)
        high, low = np.sinh(tau / 2) ** 2, np.sin(sigma / 2) ** 2
        first = 2 * (high + low) * over / kappa - 1
        second = (tau + over * np.sinh(tau) - y) / edge
        slope_over = _slope_over(p, over)
        a11 = (over / np.sinc(sigma / np.pi) ** -1 / 2 / kappa) + 2 * (high + low) * slope_over / kappa
        a12 = np.sinh(tau) * over / kappa
        a21, a22 = np.sinh(tau) * slope_over / edge, (1 + over * np.cosh(tau)) / edge
        det = a11 * a22 - a12 * a21
        dp, dtau = (first * a22 - second * a12) / det, (second * a11 - first * a21) / det
        p = np.clip(p - dp, p / 4, (p + np.pi**2) / 2)
        tau = np.maximum(tau - dtau, tau / 4)
        if np.max(np.abs(dp) / (p + 1e-300)) < 1e-15 and np.max(np.abs(dtau) / (np.abs(tau) + 1e-300)) < 1e-15:
            break
    return p, tau


def _slope_over(p: np.ndarray, over: np.ndarray) -> np.ndarray:
    """d(sigma/sin sigma)/d(sigma^2)."""
    sigma = np.sqrt(p)
    small = p < 1e-3
    safe = np.where(small, 1.0, p)
    direct = over * (1 - over * np.cos(sigma)) / (2 * safe)
    return np.where(small, 1 / 6 + 7 * p / 180 + 31 * p**2 / 5040, direct)


def _start(kappa: float, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """tau and sigma^2 by interpolation on points of the curve, dense at both ends."""
    sigma_m = middle_angle(kappa)
    grid = np.linspace(0, 1, 600)
    sigma = sigma_m * (1 - (1 - grid) ** 2)
    sigma = np.concatenate([sigma, np.pi - (np.pi - sigma_m) * np.geomspace(1e8, 1, 300)])
    sigma = np.unique(sigma[(sigma >= 0) & (sigma <= sigma_m)])
    tau = np.array([tau_of(kappa, s) for s in sigma])
    where = tau + np.sinh(tau) / np.sinc(sigma / np.pi)
    order = np.argsort(where)
    return np.interp(y, where[order], tau[order]), np.interp(y, where[order], sigma[order] ** 2) + 1e-30


def tau_of(kappa: float, sigma: float) -> float:
    """tau >= 0 on the curve: 2 sinh(tau/2)^2 = kappa sin(sigma)/sigma - 2 sin(sigma/2)^2."""
    return float(2 * np.arcsinh(np.sqrt(max(kappa * np.sinc(sigma / np.pi) / 2 - np.sin(sigma / 2) ** 2, 0.0))))


def middle_angle(kappa: float) -> float:
    """sigma_m with sigma_m tan(sigma_m/2) = kappa, by Newton's method on the concave form."""
    low, high = 0.0, np.pi
    sigma = min(np.sqrt(2 * kappa), np.pi * kappa / (kappa + 2))
    for _ in range(60):
        half = sigma / 2
        value = sigma * np.sin(half) - kappa * np.cos(half)
        low, high = (sigma, high) if value < 0 else (low, sigma)
        step = value / (np.sin(half) * (1 + kappa / 2) + half * np.cos(half))
        following = sigma - step
        sigma = following if low < following < high else (low + high) / 2
        if abs(step) < 1e-16 * sigma:
            break
    return float(sigma)


@lru_cache(maxsize=64)
def angle_table(kappa: float, edge: float) -> AngleTable:
    """The tables for one kappa, with as many pieces as still bring the interpolants closer to solved points."""
    if kappa < _SEMICIRCLE:
        return AngleTable(kappa, edge, 1, np.array([[edge / 2]]), np.array([[0.5]]))
    best, smallest = None, np.inf
    for pieces in _PIECES:
        table = AngleTable(kappa, edge, pieces, *_fit(kappa, edge, pieces))
        probe = (np.arange(5 * pieces) + 0.37) / (5 * pieces) * table.t_max
        y = _y_of(edge, probe)
        p, tau = solve(kappa, edge, y)
        # near an edge the rounding of y itself moves sigma^2 by edge/d units in the last place
        noise = 1 + edge / (20 * table.distance(y))
        wrong = np.max(np.abs(table.sigma(y) ** 2 / p - 1) / noise) + np.max(np.abs(table.tau(y) / tau - 1))
        if wrong < smallest / 2:
            best, smallest = table, wrong
        elif smallest < _TARGET:
            break
    assert best is not None
    return best


def _y_of(edge: float, t: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(edge * (edge - 2 * np.expm1(t)), 0.0))


def _fit(kappa: float, edge: float, pieces: int) -> tuple[np.ndarray, np.ndarray]:
    """Chebyshev interpolation on each piece, as monomials in the local variable in [0, 1)."""
    nodes = (1 - np.cos(np.pi * (np.arange(_DEGREE + 1) + 0.5) / (_DEGREE + 1))) / 2
    y = _y_of(edge, (np.arange(pieces)[:, None] + nodes) * (np.log1p(edge / 2) / pieces)).ravel()
    p, tau = solve(kappa, edge, y)
    d = (edge - y) * ((edge + y) / (2 * edge))
    angle = (p * (1 + d) / d).reshape(pieces, -1)
    ratio = (tau / y).reshape(pieces, -1)
    inverse = np.linalg.inv(np.polynomial.chebyshev.chebvander(2 * nodes - 1, _DEGREE))
    return _monomials(inverse @ angle.T), _monomials(inverse @ ratio.T)


def _monomials(coefficients: np.ndarray) -> np.ndarray:
    """Chebyshev coefficients in 2u - 1 (one column per piece) as monomials in u (one row per power)."""
    shift = np.zeros((_DEGREE + 1, _DEGREE + 1))
    base = np.polynomial.Polynomial([-1.0, 2.0])
    for k in range(_DEGREE + 1):
        poly = np.polynomial.Chebyshev.basis(k).convert(kind=np.polynomial.Polynomial)(base)
        shift[: len(poly.coef), k] = poly.coef
    return np.ascontiguousarray(shift @ coefficients)


def upper_tail(kappa: float, y: np.ndarray, sigma: np.ndarray, tau: np.ndarray) -> np.ndarray:
    r"""P(Y > y) at the point (sigma, tau) of the curve, tau with the sign of y.

    :math:`-\int g\,d\log\lambda = \log(v-1) - \kappa(v+1)^2/4` gives
    :math:`\frac1\pi\bigl[\arg\sinh\tfrac{\tau+i\sigma}2 - \tfrac{\sigma(y-\tau)}{2\kappa}\bigr]`.
    """
    turn = np.arctan2(np.cosh(tau / 2) * np.sin(sigma / 2), np.sinh(tau / 2) * np.cos(sigma / 2))
    return (turn - sigma * (y - tau) / (2 * kappa)) / np.pi
