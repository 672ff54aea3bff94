r"""Gaussian expectations of a part of an activation in float64, to a few units in the last place: values for tables.

One input: the trapezoidal rule in t with x = a sinh t, which resolves both the scale of the function and that of the
Gaussian.  Two inputs with variance q and covariance lam >= 0 are u = s + d and s - d, where s and d are independent
with variances (q + lam)/2 and v/2, v = q - lam.  The gap

.. math:: D = V - W = \tfrac12 E\,(f(s+d) - f(s-d))^2

is a mean of squares, so it keeps relative accuracy for every v.  The function bends where s = d or s = -d; the
substitution :math:`t = \operatorname{asinh}((s-d)/a) + \operatorname{asinh}((s+d)/a)`, whose inverse is
:math:`s = a\tanh(t/2)\sqrt{\cosh^2(t/2) + d^2/a^2}`, puts as many points at both as in the tails.

Small correlations use Mehler's formula, the sum of squared Hermite coefficients times powers of c, all of one sign.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from derive.codegen.functions import Part

__all__ = ["Rule", "covariance_and_gap", "mean", "mean_of", "variance"]

_WIDTH = 9.0  # standard deviations kept: exp(-9**2/2) = 3e-18
_MEHLER_TERMS = 34
_MEHLER_REACH = 0.3


@dataclass(frozen=True)
class Rule:
    """Step of the trapezoidal rules and the scale a of their substitutions."""

    step: float = 0.1
    scale: float = 1.0


def _grid(sigma: float, rule: Rule) -> tuple[np.ndarray, np.ndarray]:
    """Points x > 0 and weights (density included) of E f(x) over one half of N(0, sigma^2); x = 0 is left out."""
    a = min(rule.scale, sigma)
    t = np.arange(1, int(np.arcsinh(_WIDTH * sigma / a) / rule.step) + 2) * rule.step
    x = a * np.sinh(t)
    weight = rule.step * a * np.cosh(t) * np.exp(-0.5 * (x / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))
    return x, weight


def _at_zero(sigma: float, rule: Rule) -> float:
    """The weight of x = 0."""
    return rule.step * min(rule.scale, sigma) / (sigma * np.sqrt(2 * np.pi))


def mean_of(function: Callable[[np.ndarray], np.ndarray], q: float, rule: Rule) -> float:
    """E f(x) of any analytic array function, x ~ N(0, q)."""
    sigma = np.sqrt(q)
    x, weight = _grid(sigma, rule)
    return float(weight @ (function(x) + function(-x)) + _at_zero(sigma, rule) * function(np.zeros(1))[0])


@lru_cache(maxsize=256)
def _line(part: Part, a: float, step: float) -> _Line:
    return _Line(part, a, step)


class _Line:
    """A part less its value at 0 at the points a sinh t, which serve every variance; points are added when needed."""

    def __init__(self, part: Part, a: float, step: float) -> None:
        self.part, self.a, self.step = part, a, step
        self.centre = float(part(np.zeros(1))[0]) if part.parity > 0 else 0.0
        self.x = self.front = self.values = np.empty(0)

    def up_to(self, sigma: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(x, weights, values) for x > 0 of a standard deviation."""
        n = int(np.arcsinh(_WIDTH * sigma / self.a) / self.step) + 1
        if n > len(self.x):
            t = np.arange(1, n + 33) * self.step
            self.x, self.front = self.a * np.sinh(t), self.step * self.a * np.cosh(t) / np.sqrt(2 * np.pi)
            self.values = self.part(self.x) - self.centre
        x = self.x[:n]
        return x, self.front[:n] * np.exp(-0.5 * (x / sigma) ** 2) / sigma, self.values[:n]


def _points(part: Part, sigma: float, rule: Rule) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return _line(part, _scale(sigma, rule), rule.step).up_to(sigma)


def _scale(sigma: float, rule: Rule) -> float:
    """The a of a rule: a power of 2 where the Gaussian is narrower than the function, so that points can be shared."""
    return float(min(rule.scale, 2.0 ** np.floor(np.log2(sigma))))


def mean(part: Part, q: float, rule: Rule) -> float:
    """E f(x) of an even part less its value at 0, x ~ N(0, q)."""
    _, weight, values = _points(part, np.sqrt(q), rule)
    return float(2 * weight @ values)


def variance(part: Part, q: float, rule: Rule) -> float:
    """The variance of f(x), x ~ N(0, q)."""
    sigma = np.sqrt(q)
    _, weight, values = _points(part, sigma, rule)
    if part.parity < 0:
        return float(2 * weight @ values**2)
    average = 2 * weight @ values
    at_zero = rule.step * _scale(sigma, rule) / (sigma * np.sqrt(2 * np.pi))
    return float(2 * weight @ (values - average) ** 2 + at_zero * average**2)


def covariance_and_gap(part: Part, v: float, lam: float, rule: Rule) -> tuple[float, float]:
    """(C, D): the covariance of f(u_1), f(u_2) and the variance less it, at covariance lam >= 0, variance v + lam."""
    q = v + lam
    total = variance(part, q, rule)
    c = lam / q
    if c < _MEHLER_REACH:
        covariance = _mehler(part, q, c, rule)
        return covariance, total - covariance
    gap = _gap(part, q, v, rule)
    return total - gap, gap


def _mehler(part: Part, q: float, c: float, rule: Rule) -> float:
    """sum over n of a_n^2 c^n, a_n the Hermite coefficients of f, n >= 1."""
    sigma = np.sqrt(q)
    x, weight, values = _points(part, sigma, Rule(rule.step / 4, rule.scale))
    z = x / sigma
    before, hermite = np.zeros_like(z), np.ones_like(z)
    total, power = 0.0, 1.0
    for n in range(1, _MEHLER_TERMS):
        before, hermite = hermite, (z * hermite - np.sqrt(n - 1) * before) / np.sqrt(n)
        power *= c
        if n % 2 == (part.parity < 0):
            total += power * (2 * (weight * hermite) @ values) ** 2
    return float(total)


def _gap(part: Part, q: float, v: float, rule: Rule) -> float:
    sigma = np.sqrt(q - v / 2)
    return _squares(part, v, _scale(sigma, rule), rule).mean(sigma)


@lru_cache(maxsize=16)
def _squares(part: Part, v: float, a: float, rule: Rule) -> _Squares:
    return _Squares(part, v, a, rule)


class _Squares:
    """(f(s+d) - f(s-d))^2 on the grid of one v, s by rows, for every variance of s; rows are added when needed."""

    def __init__(self, part: Part, v: float, a: float, rule: Rule) -> None:
        self.part, self.a, self.step = part, a, rule.step
        self.d, self.weight = _grid(np.sqrt(v / 2), rule)
        self.s2 = np.empty((0, len(self.d)))
        self.weighted = np.empty((0, len(self.d)))

    def mean(self, sigma: float) -> float:
        """Half the mean of the squares for s of standard deviation sigma."""
        far, d = _WIDTH * sigma, self.d[[0, -1]]
        last = np.max(np.arcsinh((far - d) / self.a) + np.arcsinh((far + d) / self.a))
        n = int(last / self.step) + 2
        if n > len(self.s2):
            self._extend(n + 32)
        density = np.exp(self.s2[:n] * (-0.5 / sigma**2))
        return float(np.sum(density * self.weighted[:n]) * 2 / (sigma * np.sqrt(2 * np.pi)))

    def _extend(self, n: int) -> None:
        a, d = self.a, self.d[None, :]
        half = 0.5 * self.step * np.arange(len(self.s2), n)[:, None]
        s = a * np.tanh(half) * np.sqrt(np.cosh(half) ** 2 + (d / a) ** 2)
        stretch = 1 / (1 / np.sqrt(a * a + (s - d) ** 2) + 1 / np.sqrt(a * a + (s + d) ** 2))
        stretch[:1] *= 0.5 if len(self.s2) == 0 else 1.0
        weighted = self.weight * self.step * stretch * self.part.difference(s.T, d.T).T ** 2
        self.s2 = np.concatenate([self.s2, s * s], axis=0)
        self.weighted = np.concatenate([self.weighted, weighted], axis=0)
