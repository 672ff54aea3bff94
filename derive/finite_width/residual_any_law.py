r"""Moments through residual modules that end linearly, for any symmetric laws: :class:`AnyLawModule`.

Given x and the last hidden layer h, the outputs :math:`N_i` are independent with one law, whose even moments are
polynomials in the power sums :math:`P_r(h) = \sum h_\alpha^{2r}` (:mod:`.power_sums`).  A power sum of
:math:`x' = x + \eta N` is a sum over units of :math:`(x_i + \eta N_i)^{2r}`, in which odd powers of N, and with them
odd ones of x, have mean 0.  Joint cumulants of such sums add over the units.  So the mean of a polynomial in the power
sums of x' is one in those of x and h, and, after h is pulled back through the hidden layers, one in those of x.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from math import comb
from typing import Any

import sympy as sp

from derive.finite_width.power_sums import Layer, Polynomial, add, cumulants, moments_from_cumulants, multiply, scaled
from derive.finite_width.weights import WeightLaw, even_moments

__all__ = ["AnyLawModule"]

# A polynomial in one variable over polynomials in the power sums of h: power of x_i^2 -> polynomial.
_OfUnit = dict[int, Polynomial]
# A polynomial in the power sums of x over polynomials in those of h.
_OfSums = dict[tuple[int, ...], Polynomial]


class AnyLawModule:
    """The layers of a module as operators on polynomials in the power sums of the stream, of weight ``order`` at most.

    ``sizes`` are the widths from the stream through the hidden layers back to the stream, ``variances`` those of the
    weights of each layer.  Numbers are made by ``number``.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        variances: Sequence[sp.Expr],
        laws: tuple[WeightLaw, WeightLaw],
        order: int,
        number: Callable[[Any], Any],
    ) -> None:
        self.sizes, self.width, self.order, self.number = sizes, sizes[0], order, number
        self.variances = [number(v) for v in variances]
        self.weight, self.bias = (cumulants([number(m) for m in even_moments(law, order)]) for law in laws)
        self._means: dict[tuple, Polynomial] = {}

    def mean(self, f: Polynomial, eta: Any, bias: Any) -> Polynomial:
        """The mean of a polynomial in the power sums of x', given x."""
        total: Polynomial = {}
        for key, c in f.items():
            place = (key, eta, bias)
            if place not in self._means:
                self._means[place] = self._mean_of(key, eta, bias)
            total = add(total, scaled(self._means[place], c))
        return total

    def _mean_of(self, key: tuple[int, ...], eta: Any, bias: Any) -> Polynomial:
        """The mean of one product of power sums."""
        factors = tuple(r for r, power in enumerate(key, 1) for _ in range(power))
        if not factors:
            return {(): self.number(sp.Integer(1))}
        total: Polynomial = {}
        for of_x, of_h in self._units(eta, bias, sum(factors)).product(factors).items():
            total = add(total, multiply({of_x: self.number(sp.Integer(1))}, self._pulled(of_h, bias)))
        return total

    def _pulled(self, f: Polynomial, bias: Any) -> Polynomial:
        for index in reversed(range(len(self.variances) - 1)):
            v = self.variances[index]
            weight = tuple(c * v**s for s, c in enumerate(self.weight, 1))
            biases = tuple(c * bias**s for s, c in enumerate(self.bias, 1))
            f = Layer(self.sizes[index + 1], weight, biases, self.number(sp.Integer(0))).mean(f)
        return f

    def _units(self, eta: Any, bias: Any, order: int) -> _Units:
        v = self.variances[-1]
        given = []
        for s in range(1, order + 1):
            poly: Polynomial = {(0,) * (s - 1) + (1,): self.weight[s - 1] * v**s}
            given.append(add(poly, {(): self.bias[s - 1] * bias**s}) if bias else poly)
        outputs: list[Polynomial] = [{(): self.number(sp.Integer(1))}, *moments_from_cumulants(given)]
        return _Units(self.width, [scaled(m, eta ** (2 * j)) for j, m in enumerate(outputs)])


class _Units:
    """The units of x + eta N given x and h; ``noise[j]`` is the moment of order 2j of eta N."""

    def __init__(self, width: int, noise: Sequence[Polynomial]) -> None:
        self.width, self.noise = width, noise

    def product(self, factors: tuple[int, ...]) -> _OfSums:
        """The mean of a product of power sums of the given orders: the first with some others in one cumulant."""
        if not factors:
            return {(): self.noise[0]}
        total: _OfSums = {}
        for chosen, rest in _splits(factors[1:]):
            here = self._summed(self._cumulant((factors[0], *chosen)))
            for x, a in here.items():
                for y, b in self.product(rest).items():
                    key = _joined(x, y)
                    total[key] = add(total.get(key, {}), multiply(a, b))
        return total

    def _cumulant(self, block: tuple[int, ...]) -> _OfUnit:
        """The joint cumulant of (x + eta N)^(2r), r in the block, at one unit."""
        total = self._moment(sum(block))
        for chosen, rest in _splits(block[1:]):
            if rest:
                inner, outer = self._cumulant((block[0], *chosen)), self._moment(sum(rest))
                for p, a in inner.items():
                    for q, b in outer.items():
                        total[p + q] = add(total.get(p + q, {}), scaled(multiply(a, b), -1))
        return total

    def _moment(self, order: int) -> _OfUnit:
        """E (x + eta N)^(2 order) at one unit: power of x^2 -> polynomial."""
        return {order - j: scaled(self.noise[j], comb(2 * order, 2 * j)) for j in range(order + 1)}

    def _summed(self, unit: _OfUnit) -> _OfSums:
        """The sum over the units: x^(2p) becomes P_p, and x^0 their number."""
        return {((0,) * (p - 1) + (1,) if p else ()): f if p else scaled(f, self.width) for p, f in unit.items()}


def _splits(factors: tuple[int, ...]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Every choice of some of the factors, and the rest."""
    places, found = range(len(factors)), []
    for size in range(len(factors) + 1):
        for chosen in combinations(places, size):
            rest = tuple(factors[i] for i in places if i not in chosen)
            found.append((tuple(factors[i] for i in chosen), rest))
    return found


def _joined(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """The exponents of a product."""
    size = max(len(a), len(b))
    return tuple((a[i] if i < len(a) else 0) + (b[i] if i < len(b) else 0) for i in range(size))
