r"""The limit law at float64 arrays of y = log(lambda/a^(2L)): boundary value v, density, distribution function."""

from __future__ import annotations

from typing import Any

import numpy as np

from derive.errors import UnsupportedError
from derive.spectrum.angle_arrays import angle_table, upper_tail

__all__ = ["LimitArrays"]

_LARGEST = 1e5


class LimitArrays:
    """Functions of y for one kappa = c/a^2 > 0."""

    def __init__(self, kappa: float) -> None:
        if not 0 < kappa <= _LARGEST:
            raise UnsupportedError(
                f"c/skip^2 = {kappa:g} is outside (0, {_LARGEST:g}], where arrays are evaluated (beyond it singular "
                "values overflow float64 and log lambda is uniform up to 1/c); use digits=, moment, edges"
            )
        self.kappa = kappa
        self.high = float(np.sqrt(kappa * (kappa + 2)) + 2 * np.arcsinh(np.sqrt(kappa / 2)))
        self.low = -self.high
        self.table = angle_table(kappa, self.high)

    def places(self, count: int) -> np.ndarray:
        """Increasing y that crowd at the edges, where the density vanishes like a square root."""
        return -self.high * np.cos(np.linspace(0, np.pi, count))

    def boundary(self, y: np.ndarray) -> np.ndarray:
        """v = 2 lambda G(lambda + i0) - 1 on the support: (y - tau - i sigma)/kappa."""
        return (y - self.table.tau(y) - 1j * self.table.sigma(y)) / self.kappa

    def density(self, y: np.ndarray) -> np.ndarray:
        """The density of y, sigma/(2 pi kappa)."""
        return self.table.sigma(np.clip(y, self.low, self.high)) * (1 / (2 * np.pi * self.kappa))

    def cdf(self, y: np.ndarray) -> np.ndarray:
        """P(Y <= y), from the tail on the side of y."""
        inside = np.clip(y, self.low, self.high)
        size = np.abs(inside)
        tail = upper_tail(self.kappa, size, self.table.sigma(size), self.table.tau(size))
        tail = np.where(size >= self.high, 0.0, np.clip(tail, 0.0, 0.5))
        return np.where(inside > 0, 1 - tail, tail)

    def start(self, y: np.ndarray) -> Any:
        """u = tau + i sigma on the support."""
        return self.table.tau(y) + 1j * self.table.sigma(y)
