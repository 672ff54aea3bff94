"""Independent numbers for the tanh proofs: quadrature by mpmath, and direct iteration in plain float64.

Nothing here calls ``derive.expectations``, ``derive.difference`` or ``derive.networks``.
"""

from functools import lru_cache

import mpmath


def gaussian_integral(g, q, reach: int = 60):
    """E g(u) for even, rapidly decaying g and u normal with variance q, by mpmath's quadrature in u itself."""
    cuts = [0, 1, 2, 4, 8, 16, 32, reach]
    density = lambda u: g(u) * mpmath.exp(-u * u / (2 * q))  # noqa: E731
    return 2 * mpmath.quad(density, cuts) / mpmath.sqrt(2 * mpmath.pi * q)


def variance_of_tanh(q):
    """E tanh(u)^2 = 1 - E sech(u)^2."""
    return _variance_of_tanh(q, mpmath.mp.prec)


@lru_cache(maxsize=4096)
def _variance_of_tanh(q, prec):
    return 1 - gaussian_integral(lambda u: mpmath.sech(u) ** 2, q)


def variance_of_slope(q):
    """E tanh'(u)^2 = E sech(u)^4."""
    return gaussian_integral(lambda u: mpmath.sech(u) ** 4, q)


def covariance_of_tanh(q: float, c: float, reach: float = 9, fineness: float = 3) -> float:
    """E tanh(u1) tanh(u2) for variances q and correlation c, in float64: a trapezoidal sum over two independent
    normals.

    For analytic integrands the sum converges faster than any power of the step; here it is right to about 1e-14 for
    q (1 - c) >= 1e-2 and q <= 1e3.
    """
    import numpy as np

    step = 1 / (5 + fineness * np.sqrt(q))
    z = np.arange(-reach, reach + step / 2, step)
    weight = step * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    s, d = np.sqrt(q * (1 + c) / 2) * z, np.sqrt(q * (1 - c) / 2) * z
    values = np.tanh(s[:, None] + d[None, :]) * np.tanh(s[:, None] - d[None, :])
    return float(weight @ values @ weight)


@lru_cache(maxsize=4)
def _float_grid():
    import numpy as np

    u = np.arange(0, 45, 0.05)  # sech decays like exp(-u); the trapezoidal error is exp(-pi^2/0.05) and less
    weight = np.full(u.shape, 0.05)
    weight[0] /= 2
    return u, weight / np.cosh(u) ** 2, weight / np.cosh(u) ** 4


def float_means(q: float) -> tuple[float, float]:
    """E sech(u)^2 and E sech(u)^4 in float64, right to about 1e-15 for q >= 1."""
    import numpy as np

    u, second, fourth = _float_grid()
    density = 2 * np.exp(-u * u / (2 * q)) / np.sqrt(2 * np.pi * q)
    return float(density @ second), float(density @ fourth)


@lru_cache(maxsize=8)
def float_run(depth: int, sv2: float, sw2: float, sa2: float, sb2: float, p0: float) -> tuple[list, list]:
    """p and log(chi_0/chi_l) for l = 0..depth by direct iteration in float64 with compensated sums."""
    from math import fsum, log1p

    p, parts, logs, log_parts = [p0], [p0], [0.0], []
    for _ in range(depth):
        second, fourth = float_means(sw2 * p[-1] + sb2)
        parts.append(sv2 * (1 - second) + sa2)
        log_parts.append(log1p(sv2 * sw2 * fourth))
        if len(parts) > 64:
            parts, log_parts = [fsum(parts)], [fsum(log_parts)]
        p.append(fsum(parts))
        logs.append(fsum(log_parts))
    return p, logs
