r"""Exact moments of one random ReLU layer: polynomials in the power sums of its input.

With :math:`P_r = \sum_\alpha a_\alpha^{2r}` of the layer before, the pre-activations of a layer are independent and
identically distributed given a, with even cumulants :math:`c_{2s}(w) P_s + c_{2s}(b)`: cumulants of independent terms
add.  A symmetric law gives half of each even moment to the active side, so for :math:`y = \max(h, 0)`,
:math:`E y^{2r} = \frac12 E h^{2r}` (for a leaky ReLU the factor is :math:`(1 + s^{2r})/2`).  The mean of a product of
power sums of n such outputs is then a sum over which factors fall on the same unit.  Everything is polynomial: the mean
of any polynomial in the power sums of a layer, given the layer before, is one in the power sums of that layer.

Coefficients are whatever numbers the caller brings (fractions, SymPy, balls); nothing here rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import comb, factorial
from typing import Any

__all__ = [
    "Layer",
    "Polynomial",
    "add",
    "cumulants",
    "mean_variance_over_layers",
    "moments_from_cumulants",
    "multiply",
    "scaled",
    "value",
]

# A polynomial in P_1, P_2, ...: exponents without trailing zeros -> coefficient.
Polynomial = dict[tuple[int, ...], Any]


def add(f: Polynomial, g: Polynomial) -> Polynomial:
    """f + g."""
    total = dict(f)
    for key, c in g.items():
        total[key] = total[key] + c if key in total else c
    return total


def scaled(f: Polynomial, factor: Any) -> Polynomial:
    """factor * f."""
    return {key: factor * c for key, c in f.items()}


def multiply(f: Polynomial, g: Polynomial) -> Polynomial:
    """f * g."""
    product: Polynomial = {}
    for a, x in f.items():
        for b, y in g.items():
            size = max(len(a), len(b))
            key = tuple((a[i] if i < len(a) else 0) + (b[i] if i < len(b) else 0) for i in range(size))
            product[key] = product[key] + x * y if key in product else x * y
    return product


def value(f: Polynomial, sums: Sequence[Any]) -> Any:
    """The polynomial at given power sums P_1, P_2, ..."""
    total: Any = 0
    for key, c in f.items():
        term = c
        for power, p in zip(key, sums, strict=False):
            for _ in range(power):
                term = term * p
        total = total + term
    return total


def mean_variance_over_layers(
    lengths: Sequence[Callable[[int], Polynomial]], means: Sequence[Callable[[Polynomial], Polynomial]]
) -> tuple[Polynomial, Polynomial]:
    """The means of the sum of M_j^2 and of (sum M_j)^2, j = 1, ..., d, as polynomials in the power sums of the input.

    ``lengths[j - 1](k)`` is M_j^k in the power sums of layer j, ``means[j - 1]`` takes a mean given layer j - 1.  One
    sweep from the last layer: means of the sum of later lengths, and of the square of that sum.
    """
    later: Polynomial = {}  # sum of M_i, i > j
    square: Polynomial = {}  # square of that sum
    squares: Polynomial = {}  # sum of M_i^2
    for length, mean in zip(reversed(lengths), reversed(means), strict=True):
        square = add(square, add(length(2), scaled(multiply(length(1), later), 2)))
        squares = add(squares, length(2))
        later = add(later, length(1))
        later, square, squares = (mean(f) for f in (later, square, squares))
    return squares, square


def cumulants(moments: Sequence[Any]) -> list[Any]:
    r"""Even cumulants from even moments of a symmetric law: :math:`m_{2r} = \sum_s\binom{2r-1}{2s-1}c_{2s}m_{2r-2s}`.

    >>> cumulants([1, 3, 15]), cumulants([1, 1, 1])
    ([1, 0, 0], [1, -2, 16])
    """
    known: list[Any] = []
    full = [1, *moments]
    for r in range(1, len(full)):
        known.append(full[r] - sum(comb(2 * r - 1, 2 * s - 1) * known[s - 1] * full[r - s] for s in range(1, r)))
    return known


def moments_from_cumulants(given: Sequence[Polynomial]) -> list[Polynomial]:
    """The inverse of :func:`cumulants`, for cumulants that are polynomials."""
    moments: list[Polynomial] = [{(): 1}]
    for r in range(1, len(given) + 1):
        total: Polynomial = {}
        for s in range(1, r + 1):
            total = add(total, scaled(multiply(given[s - 1], moments[r - s]), comb(2 * r - 1, 2 * s - 1)))
        moments.append(total)
    return moments[1:]


@dataclass(frozen=True)
class Layer:
    """One layer: ``width`` outputs; even cumulants of one weight and of one bias; negative slope.

    ``weight_cumulants[s - 1]`` is the cumulant of order 2s, and so for the bias.
    """

    width: int
    weight_cumulants: tuple[Any, ...]
    bias_cumulants: tuple[Any, ...]
    slope: Any = 0

    def mean(self, f: Polynomial) -> Polynomial:
        """The mean of a polynomial in the power sums of the outputs, given those of the inputs."""
        halves = self._output_moments(max((sum((i + 1) * e for i, e in enumerate(key)) for key in f), default=0))
        total: Polynomial = {}
        for key, c in f.items():
            parts = tuple(i + 1 for i, power in enumerate(key) for _ in range(power))
            total = add(total, scaled(_mean_of_product(parts, self.width, halves), c))
        return total

    def _output_moments(self, order: int) -> list[Polynomial]:
        """E y^(2r), r = 1, ..., order."""
        if order > len(self.weight_cumulants):
            raise ValueError(f"cumulants up to {2 * order} are needed")
        given = []
        for s in range(1, order + 1):
            poly: Polynomial = {}
            if self.weight_cumulants[s - 1] != 0:
                poly[(0,) * (s - 1) + (1,)] = self.weight_cumulants[s - 1]
            if self.bias_cumulants[s - 1] != 0:
                poly[()] = self.bias_cumulants[s - 1]
            given.append(poly)
        full = moments_from_cumulants(given)
        return [scaled(m, (1 + self.slope ** (2 * r)) / _two(self.slope)) for r, m in enumerate(full, 1)]


def _two(like: Any) -> Any:
    from fractions import Fraction

    return Fraction(2) if isinstance(like, int) else 2


def _mean_of_product(parts: tuple[int, ...], width: int, halves: list[Polynomial]) -> Polynomial:
    r"""The mean of :math:`\prod_i\sum_\beta y_\beta^{2 r_i}` for independent, identically distributed y.

    The first factor falls on one of ``width`` units together with some of the others; the rest fall on other units.
    """
    if all(r == 1 for r in parts):
        return _mean_of_power(len(parts), width, halves)

    @cache
    def mean(left: tuple[int, ...], units: int) -> tuple:
        if not left:
            return (((), 1),)
        if units == 0:
            return ()
        total: Polynomial = {}
        for size in range(len(left)):
            for chosen in combinations(range(1, len(left)), size):
                here = halves[left[0] + sum(left[i] for i in chosen) - 1]
                rest = tuple(r for i, r in enumerate(left) if i and i not in chosen)
                total = add(total, multiply(here, dict(mean(rest, units - 1))))
        return tuple(scaled(total, units).items())

    return dict(mean(parts, width))


def _mean_of_power(k: int, width: int, halves: list[Polynomial]) -> Polynomial:
    r"""The mean of :math:`(\sum_\beta y_\beta^2)^k`, k! [t^k] of :math:`(1 + \sum_r E y^{2r}t^r/r!)^n` for width n.

    The power of the series by the recurrence that multiplying its logarithmic derivative gives.
    """
    from fractions import Fraction

    one: Polynomial = {(): 1}
    series = [one] + [scaled(h, Fraction(1, factorial(r))) for r, h in enumerate(halves[:k], 1)]
    power: list[Polynomial] = [one]
    for m in range(1, k + 1):
        total: Polynomial = {}
        for r in range(1, m + 1):
            total = add(total, scaled(multiply(series[r], power[m - r]), Fraction(width * r - (m - r), m)))
        power.append(total)
    return scaled(power[k], factorial(k))
