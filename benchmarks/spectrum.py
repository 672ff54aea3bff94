"""Densities of the universal spectrum: the tables against solving Green's equation point by point, side by side.

python benchmarks/spectrum.py [--record FOLDER]
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from shared.rows import Other, Row, median, run

from derive.spectrum import JacobianSpectrum


def by_newton(s: np.ndarray, kappa: float) -> np.ndarray:
    """The density of s from Green's equation, 12 vectorised complex Newton steps from the semicircle."""
    y = 2 * np.log(s)
    v = (y / (2 + kappa) - 1j * np.sqrt(np.maximum(2 * kappa - y * y / 4, 1e-3 * kappa)) / kappa) + 0j
    for _ in range(12):
        gap = np.log((v + 1) / (v - 1)) + kappa * v - y
        v = v - gap / (kappa - 2 / (v * v - 1))
    return -v.imag / (np.pi * s)


def agreement(one: np.ndarray, two: np.ndarray) -> int:
    """Digits on which two arrays agree everywhere, relative to the largest value."""
    return int(-np.log10(np.max(np.abs(one - two)) / np.max(two)))


def rows(long: bool) -> Iterator[Row]:
    law = JacobianSpectrum(c="1/8")
    s = np.linspace(0.62, 1.63, 100_000)
    u = np.linspace(0.001, 0.999, 100_000)
    found = law.density(s)
    seconds = median(lambda: by_newton(s, 0.125), 3)
    newton = Other("12 steps of Newton's method", seconds, agreement(by_newton(s, 0.125), found))
    yield Row("10^5 densities of singular values", median(lambda: law.density(s), 15), None, (newton,))
    yield Row("10^5 values of the distribution function", median(lambda: law.cdf(s), 5))
    yield Row("10^5 quantiles", median(lambda: law.quantile(u), 3))


if __name__ == "__main__":
    run("spectrum", __doc__.splitlines()[0], rows)
