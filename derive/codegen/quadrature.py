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


def mean(part: Part, q: float, rule: Rule) -> float:
    """E f(x) of an even part less its value at 0, x ~ N(0, q)."""
    x, weight = _grid(np.sqrt(q), rule)
    centre = part(np.zeros(1))[0]
    return float(2 * weight @ (part(x) - centre))


def variance(part: Part, q: float, rule: Rule) -> float:
    """The variance of f(x), x ~ N(0, q)."""
    x, weight = _grid(np.sqrt(q), rule)
    values = part(x)
    if part.parity < 0:
        return float(2 * weight @ values**2)
    centre = part(np.zeros(1))[0]
    values = values - centre
    average = 2 * weight @ values
    return float(2 * weight @ (values - average) ** 2 + _at_zero(np.sqrt(q), rule) * average**2)


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
    fine = Rule(rule.step / 4, rule.scale)
    x, weight = _grid(sigma, fine)
    z = x / sigma
    values = part(x) - (part(np.zeros(1))[0] if part.parity > 0 else 0.0)
    before, hermite = np.zeros_like(z), np.ones_like(z)
    total, power = 0.0, 1.0
    for n in range(1, _MEHLER_TERMS):
        before, hermite = hermite, (z * hermite - np.sqrt(n - 1) * before) / np.sqrt(n)
        power *= c
        if n % 2 == (part.parity < 0):
            total += power * (2 * (weight * hermite) @ values) ** 2
    return float(total)


def _gap(part: Part, q: float, v: float, rule: Rule) -> float:
    sigma_s, sigma_d = np.sqrt(q - v / 2), np.sqrt(v / 2)
    d, weight_d = _grid(sigma_d, rule)
    a = min(rule.scale, sigma_s)
    far = _WIDTH * sigma_s
    d = d[:, None]
    last = np.arcsinh((far - d.min()) / a) + np.arcsinh((far + d.min()) / a)
    last = max(last, float(np.max(np.arcsinh((far - d) / a) + np.arcsinh((far + d) / a))))
    half = 0.5 * rule.step * np.arange(int(last / rule.step) + 2)[None, :]
    cosine = np.cosh(half)
    s = a * np.tanh(half) * np.sqrt(cosine**2 + (d / a) ** 2)
    stretch = 1 / (1 / np.sqrt(a * a + (s - d) ** 2) + 1 / np.sqrt(a * a + (s + d) ** 2))
    weight = rule.step * stretch * np.exp(-0.5 * (s / sigma_s) ** 2) / (sigma_s * np.sqrt(2 * np.pi))
    weight[:, 0] *= 0.5
    squares = part.difference(s, d) ** 2
    return float(weight_d @ (2 * np.einsum("ij,ij->i", weight, squares)))
