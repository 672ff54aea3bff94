r"""Exact moments through one residual module whose last layer is linear: :class:`ModuleMoments`.

Given the hidden layers, a linear Gaussian layer with Gaussian biases puts out :math:`\rho\,\xi`, :math:`\xi` standard
normal in n dimensions and :math:`\rho^2 = v|h|^2 + \beta` independent of it.  Then :math:`|x + \eta\rho\xi|^2` is
:math:`\eta^2\rho^2` times a noncentral chi-square variable, and with :math:`M = |x|^2`

.. math:: E[M'^k \mid x] = \sum_j \binom kj \prod_{i=k-j}^{k-1}(n + 2i)\; \eta^{2j} M^{k-j}\, E[\rho^{2j} \mid x].

:math:`E[\rho^{2j} \mid x]` is a polynomial of degree j in M, by pulling :math:`(v P_1 + \beta)^j` back through the
hidden layers (:mod:`.power_sums`).  So a polynomial in M goes to a polynomial in M, whatever the number of modules.
The mean needs no Gaussian law: :math:`E[M' \mid x] = M + \eta^2 E[|N(x)|^2 \mid x]` for every symmetric one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import comb
from typing import Any

import sympy as sp

from derive.finite_width.power_sums import Layer, Polynomial, add, cumulants, multiply, scaled
from derive.finite_width.weights import WeightLaw, even_moments

__all__ = ["ModuleMoments", "half_chi_moment", "rising"]


def rising(n: int, k: int, start: int = 0) -> int:
    """n + 2 start, ..., n + 2 (k - 1) multiplied; from 0, the k-th moment of a chi-square variable of n degrees."""
    product = 1
    for i in range(start, k):
        product *= n + 2 * i
    return product


def half_chi_moment(n: int, j: int) -> sp.Expr:
    r"""E of the j-th power of the norm of n ReLUs of standard normal variables: b of them are active, binomially.

    >>> half_chi_moment(1, 1), half_chi_moment(2, 1), half_chi_moment(3, 2)
    (sqrt(2)/(2*sqrt(pi)), sqrt(2)*sqrt(pi)/8 + sqrt(2)/(2*sqrt(pi)), 3/2)
    """
    if j == 0:
        return sp.Integer(1)
    half, total = sp.Rational(1, 2), sp.Integer(0)
    for b in range(1, n + 1):
        total += sp.binomial(n, b) * sp.gamma((b + j) * half) / sp.gamma(b * half)
    return sp.expand(2 ** (j * half - n) * total)


class ModuleMoments:
    """The layers of a module as operators on polynomials in M, over numbers made by ``number``.

    ``sizes`` are the widths from the stream through the hidden layers back to the stream, ``variances`` those of the
    weights of each layer, ``order`` the highest power of M.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        variances: Sequence[sp.Expr],
        law: WeightLaw,
        order: int,
        number: Callable[[Any], Any],
    ) -> None:
        self.width, self.order, self.number, self.variances = sizes[0], order, number, [number(v) for v in variances]
        self.sizes = sizes
        self.law = [number(c) for c in cumulants(even_moments(law, order))]
        self._steps: dict[tuple, Polynomial] = {}

    def _layer(self, index: int, bias: Any, slope: Any = 0) -> Layer:
        v = self.variances[index]
        weight = tuple(c * v**s for s, c in enumerate(self.law, 1))
        return Layer(self.sizes[index + 1], weight, (bias, *([0 * bias] * (self.order - 1))), slope)

    def pulled(self, f: Polynomial, bias: Any) -> Polynomial:
        """The mean of a polynomial in the squared length of the last hidden layer, given x."""
        for index in reversed(range(len(self.variances) - 1)):
            f = self._layer(index, bias).mean(f)
        return f

    def spread(self, j: int, bias: Any) -> Polynomial:
        r"""E rho^(2j) given x, a polynomial in M."""
        one, v = self.number(sp.Integer(1)), self.variances[-1]
        f: Polynomial = {(): one}
        for _ in range(j):
            f = multiply(f, {(1,): v, (): bias} if bias else {(1,): v})
        return self.pulled(f, bias) if j else f

    def output(self, f: Polynomial, bias: Any, slope: int) -> Polynomial:
        """The mean of a polynomial in |N(x)|^2 given x; the last layer is linear (slope 1) or ends with ReLU (0)."""
        last = self._layer(len(self.variances) - 1, bias, self.number(sp.Integer(slope)))
        return self.pulled(last.mean(f), bias)

    def step(self, k: int, eta: Any, bias: Any) -> Polynomial:
        """E[M'^k | x] for a module that ends linearly."""
        key = (k, eta, bias)
        if key not in self._steps:
            self._steps[key] = self._step(k, eta, bias)
        return self._steps[key]

    def _step(self, k: int, eta: Any, bias: Any) -> Polynomial:
        if k == 1:  # no Gaussian law is needed
            length: Polynomial = {(1,): self.number(sp.Integer(1))}
            return add(length, scaled(self.output(length, bias, 1), eta**2))
        total: Polynomial = {}
        for j in range(k + 1):
            ways = comb(k, j) * rising(self.width, k, k - j)
            here = multiply({(k - j,) if j < k else (): eta ** (2 * j) * ways}, self.spread(j, bias))
            total = add(total, here)
        return total

    def mean(self, f: Polynomial, eta: Any, bias: Any) -> Polynomial:
        """The mean of a polynomial in M' given x, for a module that ends linearly."""
        total: Polynomial = {}
        for key, c in f.items():
            total = add(total, scaled(self.step(key[0], eta, bias), c) if key else {(): c})
        return total
