"""Quantiles of log lambda: Newton's method on the distribution function, from an interpolated start; float64 arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["quantile_logs"]


def quantile_logs(law: Any, u: np.ndarray) -> np.ndarray:
    """y with law.cdf(y) = u.  The points ``law.places`` crowd at soft edges, where the density vanishes like a root."""
    grid = law.places(2001)
    levels = law.cdf(grid)
    levels[0], levels[-1] = 0.0, 1.0
    y = np.interp(u.ravel(), levels, grid)
    place = np.clip(np.searchsorted(grid, y) - 1, 0, len(grid) - 2)
    low, high = grid[np.maximum(place - 1, 0)], grid[np.minimum(place + 2, len(grid) - 1)]
    for _ in range(5):
        slope = law.density(y)
        step = np.where(slope > 0, (law.cdf(y) - u.ravel()) / np.where(slope > 0, slope, 1.0), 0.0)
        y = np.clip(y - step, low, high)
    y = np.where(u.ravel() <= 0, law.low, np.where(u.ravel() >= 1, law.high, y))
    return y.reshape(u.shape)
