"""Means of the sigmoid in balls by direct integration, for the proofs of the sigmoid theorem.

Nothing of ``derive.expectations`` or ``derive.networks`` is used: the integrals over |z| <= 14 are enclosed by
``acb.integral``, the rest is below e^(-98) because every integrand is at most 1 (or z^2/200).  Over intervals of q the
moments are bounded from their ends: V = E phi^2 increases and D = E phi'^2 decreases with q (claims
``sigmoid_length_map_increases`` and ``sigmoid_slope_squared_derivative``).
"""

from functools import lru_cache

import sympy as sp

BITS = 120
x = sp.Symbol("x", real=True)
SIGMOID = 1 / (1 + sp.exp(-x))


def phi(value):
    """The sigmoid of a ball."""
    return 1 / (1 + (-value).exp())


def mean(f, q, bits=BITS):
    """E f(s, u) in a ball, s = phi(u), u = sqrt(q) z, for an exact or ball q >= 0 and |f| <= 1 (or |f| <= z^2/200)."""
    from flint import acb, arb, ctx

    with ctx.workprec(bits + 20):
        root = arb(q).sqrt()

        def integrand(z, _analytic):
            u = root * z
            return f(phi(u), u) * (-z * z / 2).exp()

        inside = acb.integral(integrand, -14, 14).real / (2 * arb.pi()).sqrt()
        return inside + arb(0, (-arb(98)).exp())


@lru_cache(maxsize=4096)
def _point(which, mantissa, exponent):
    from flint import arb

    functions = {"V": lambda s, u: s * s, "D": lambda s, u: (s * (1 - s)) ** 2, "D2": lambda s, u: (s * (1 - s)) ** 4}
    return mean(functions[which], arb((mantissa, exponent)))


def at(which, q):
    """V, D or D2 = E phi'^4 at an exact q (an arb without radius)."""
    mantissa, exponent = q.man_exp()
    return _point(which, int(mantissa), int(exponent))


def ends(t):
    """q = t/(1-t) for a ball t of [0, 1]: exact lower and upper end, the upper one None at infinity."""
    low, high = t.lower(), t.upper()
    low = low if low > 0 else low * 0
    top = None if not high < 1 else (high / (1 - high)).upper()
    return (low / (1 - low)).lower() if low > 0 else low, top


def spot(q, digits):
    """V and D by mpmath's quadrature, for the checks by digits."""
    import mpmath

    r = mpmath.sqrt(q)
    grid = [-20, -10, -5, -2, -1, -0.25, 0, 0.25, 1, 2, 5, 10, 20]

    def s(z):
        return 1 / (1 + mpmath.exp(-r * z))

    V = mpmath.quad(lambda z: s(z) ** 2 * mpmath.npdf(z), grid)
    D = mpmath.quad(lambda z: (s(z) * s(-z)) ** 2 * mpmath.npdf(z), grid)
    return V, D
