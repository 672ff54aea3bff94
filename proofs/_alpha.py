"""Alpha-ReLU in mpmath and float64 alone: the kernel by an integral, the layers by plain iteration.

Nothing here calls ``derive.kernels``, ``derive.expectations``, ``derive.difference`` or ``derive.networks``.
"""

import math
from functools import lru_cache

import mpmath
import sympy as sp

alpha = sp.Symbol("alpha", positive=True)
l = sp.Symbol("l", positive=True)
NORM = 2 ** (alpha - 1) * sp.gamma(alpha + sp.Rational(1, 2)) / sp.sqrt(sp.pi)
R = alpha**2 / ((1 - alpha) * (2 * alpha - 1))


def slope_over_square() -> sp.Expr:
    """E psi'^2 / E psi^2 of a normal variable, a rational function of alpha."""
    s = sp.Symbol("s", positive=True)  # alpha - 1/2
    quotient = sp.gammasimp((NORM.subs(alpha, alpha - 1) / NORM).subs(alpha, s + sp.Rational(1, 2)))
    return alpha**2 * quotient.subs(s, alpha - sp.Rational(1, 2))


def number(value):
    """An exact number in mpmath."""
    value = sp.Rational(value)
    return mpmath.mpf(value.p) / value.q


def norm(a):
    """E psi(z)^2 = int_0^oo z^(2a) density."""
    return 2 ** (a - 1) * mpmath.gamma(a + 0.5) / mpmath.sqrt(mpmath.pi)


def kernel(a, c):
    """J: the mean over the angle of Cho and Saul, by the Gaussian hypergeometric series."""
    scale = mpmath.gamma(a + 1) ** 2 / (2 * mpmath.sqrt(2 * mpmath.pi) * mpmath.gamma(a + 1.5) * norm(a))
    return scale * (1 + c) ** (a + 0.5) * mpmath.hyp2f1(0.5, 0.5, a + 1.5, (1 + c) / 2)


def limit_gap(a, guess):
    """1 - e*: the root of J(1 - d) = 1 - d near the guess."""
    return mpmath.findroot(lambda x: kernel(a, 1 - mpmath.exp(x)) - 1 + mpmath.exp(x), mpmath.log(guess)).real


def slope(a, c):
    """J'(c) by numerical differentiation."""
    return mpmath.diff(lambda x: kernel(a, x), c)


@lru_cache(maxsize=16)
def lengths(a: float, sv2: float, sw2: float, sa2: float, sb2: float, p0: float, depth: int):
    """p and log(chi_0/chi_l) for l = 0..depth in float64, sums compensated."""
    size = 2 ** (a - 1) * math.gamma(a + 0.5) / math.sqrt(math.pi)
    steep = a * a * 2 ** (a - 2) * math.gamma(a - 0.5) / math.sqrt(math.pi) if a > 0.5 else math.inf
    p, low, log, rest, out, logs = p0, 0.0, 0.0, 0.0, [p0], [0.0]
    for _ in range(depth):
        q = sw2 * p + sb2
        step = sv2 * size * q**a + sa2 + low
        new = p + step
        low = step - (new - p)
        part = math.log1p(sv2 * sw2 * steep * q ** (a - 1)) + rest if a > 0.5 else 0.0
        higher = log + part
        rest = part - (higher - log)
        p, log = new, higher
        out.append(p)
        logs.append(log)
    return out, logs
