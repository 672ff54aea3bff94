"""Quadrature rules in NumPy and SciPy; each gives (V, E phi'^2, W) of tanh at one point."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np


def gauss_hermite(n: int) -> Callable[[float, float], tuple[float, float, float]]:
    """Tensor Gauss-Hermite with n nodes an axis."""
    x, w = np.polynomial.hermite_e.hermegauss(n)
    w = w / math.sqrt(2 * math.pi)

    def values(q: float, c: float) -> tuple[float, float, float]:
        r = math.sqrt(q)
        t = np.tanh(r * x)
        other = np.tanh(r * (c * x[:, None] + math.sqrt(1 - c * c) * x[None, :]))
        return w @ t**2, w @ (1 - t**2) ** 2, (w * t) @ (other @ w)

    return values


def trapezoid(q: float, c: float) -> tuple[float, float, float]:
    """The trapezoidal rule over 8.5 deviations with a step that tanh needs."""
    r = math.sqrt(q)
    n = math.ceil(8.5 / min(0.5, 0.27 / r))
    x = np.linspace(-8.5, 8.5, 2 * n + 1)
    w = np.exp(-0.5 * x * x) * (x[1] - x[0]) / math.sqrt(2 * math.pi)
    t = np.tanh(r * x)
    inner = np.array([np.tanh(r * (c * a + math.sqrt(1 - c * c) * x)) @ w for a in x])
    return w @ t**2, w @ (1 - t**2) ** 2, (w * t) @ inner


def scipy_quadrature(q: float, c: float) -> tuple[float, float, float]:
    """scipy.integrate.quad and dblquad at tolerances of 1e-11."""
    from scipy.integrate import dblquad, quad

    r, norm = math.sqrt(q), 1 / math.sqrt(2 * math.pi)
    g = lambda x: norm * math.exp(-0.5 * x * x)  # noqa: E731
    tight = {"epsabs": 1e-12, "epsrel": 1e-11}
    v = quad(lambda x: math.tanh(r * x) ** 2 * g(x), -8.5, 8.5, limit=500, **tight)[0]
    s = quad(lambda x: (1 - math.tanh(r * x) ** 2) ** 2 * g(x), -8.5, 8.5, limit=500, **tight)[0]
    o = math.sqrt(1 - c * c)
    w = dblquad(
        lambda y, x: math.tanh(r * x) * math.tanh(r * (c * x + o * y)) * g(x) * g(y), -8.5, 8.5, -8.5, 8.5, **tight
    )[0]
    return v, s, w
