"""Densities of the universal spectrum: the tables against solving Green's equation point by point, side by side.

``python benchmarks/spectrum.py`` prints the time of 10^5 densities, of the same by Newton's method in complex numbers,
and their ratio; then the ratio for the distribution function and for quantiles.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from derive.spectrum import JacobianSpectrum


def best(function: Callable[[], object], repeats: int = 15) -> float:
    """The shortest of a few runs, in milliseconds."""
    shortest = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        shortest = min(shortest, time.perf_counter() - start)
    return 1000 * shortest


def by_newton(s: np.ndarray, kappa: float) -> np.ndarray:
    """The density of s from Green's equation, 12 vectorised complex Newton steps from the semicircle."""
    y = 2 * np.log(s)
    v = (y / (2 + kappa) - 1j * np.sqrt(np.maximum(2 * kappa - y * y / 4, 1e-3 * kappa)) / kappa) + 0j
    for _ in range(12):
        gap = np.log((v + 1) / (v - 1)) + kappa * v - y
        v = v - gap / (kappa - 2 / (v * v - 1))
    return -v.imag / (np.pi * s)


def main() -> None:
    """Print the table."""
    law = JacobianSpectrum(c="1/8")
    s = np.linspace(0.62, 1.63, 100_000)
    u = np.linspace(0.001, 0.999, 100_000)
    law.density(s[:10])
    table, newton = best(lambda: law.density(s)), best(lambda: by_newton(s, 0.125), 3)
    difference = np.max(np.abs(law.density(s) - by_newton(s, 0.125)))
    print(f"10^5 densities: {table:.2f} ms, by Newton {newton:.1f} ms, ratio {newton / table:.0f}")
    print(f"largest difference of the two: {difference:.1e}")
    print(f"10^5 values of the distribution function: {best(lambda: law.cdf(s), 5):.1f} ms")
    print(f"10^5 quantiles: {best(lambda: law.quantile(u), 3):.1f} ms")


if __name__ == "__main__":
    main()
