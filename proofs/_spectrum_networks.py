"""c of four activations by (26) and (27) as printed, in mpmath: closed Gaussian integrals or plain trapezoidal sums."""

from __future__ import annotations

from functools import lru_cache

import mpmath


def _tanh_sums(q, factor):
    """E tanh(factor u)^2 and E sech(factor u)^4, u of variance q, by the trapezoidal rule in python-flint numbers.

    Poles at distance d = pi/(2 factor sqrt(q)) in z leave an error of about exp(-2 pi d/h), h the step; at small q it
    is exp(-2 pi^2/h^2).  The sums are even in z.
    """
    from flint import arb, ctx

    with ctx.workprec(mpmath.mp.prec + 20):
        scale = arb(mpmath.nstr(q, mpmath.mp.dps + 5)).sqrt() * arb(factor)
        # so that 2 pi d/h, 2 pi^2/h^2 and half the square of the largest z exceed the digits wanted
        per_unit = 4 + int(mpmath.mp.dps * 0.27 * float(scale.mid()))
        reach = int((4.7 * mpmath.mp.dps) ** 0.5) + 2
        square, fourth = arb(0), arb(1) / 2
        for index in range(1, reach * per_unit + 1):
            z = arb(index) / per_unit
            weight, value = (-z * z / 2).exp(), (scale * z).tanh()
            value = value * value
            square += weight * value
            fourth += weight * (1 - value) * (1 - value)
        norm = 2 / (per_unit * (2 * arb.pi()).sqrt())
        return tuple(mpmath.mpf(str((s * norm).str(mpmath.mp.dps + 4, radius=False))) for s in (square, fourth))


def tanh_means(q):
    """E phi^2, E phi, E phi'^2."""
    square, fourth = _tanh_sums(q, 1)
    return square, mpmath.mpf(0), fourth


def sigmoid_means(q):
    """E phi^2 = 1/4 + E tanh(h/2)^2/4, E phi = 1/2, E phi'^2 = E sech(h/2)^4/16."""
    square, fourth = _tanh_sums(q, 0.5)
    return (1 + square) / 4, mpmath.mpf(1) / 2, fourth / 16


def hard_tanh_means(q):
    """By incomplete moments of the normal law."""
    inside = mpmath.erf(1 / mpmath.sqrt(2 * q))
    edge = 2 * mpmath.sqrt(q / (2 * mpmath.pi)) * mpmath.exp(-1 / (2 * q))
    return q * inside - edge + (1 - inside), mpmath.mpf(0), inside


def selu_means(q):
    """By E e^(kh) 1(h<0) = e^(k^2 q/2) erfc(k sqrt(q/2))/2; the constants from mean 0 and variance 1 at q = 1."""

    def low(k, v):
        return mpmath.exp(k * k * v / 2) * mpmath.erfc(k * mpmath.sqrt(v / 2)) / 2

    one = mpmath.mpf(1)
    alpha = 1 / mpmath.sqrt(2 * mpmath.pi) / (low(0, one) - low(1, one))
    scale = 1 / mpmath.sqrt(one / 2 + alpha**2 * (low(2, one) - 2 * low(1, one) + low(0, one)))
    square = q / 2 + alpha**2 * (low(2, q) - 2 * low(1, q) + low(0, q))
    mean = mpmath.sqrt(q / (2 * mpmath.pi)) + alpha * (low(1, q) - low(0, q))
    return scale**2 * square, scale * mean, scale**2 * (one / 2 + alpha**2 * low(2, q))


def cumulant(means, sigma_w2, depth):
    """c for skip 1, no biases, input of mean 0 and mean square 1."""
    weight = sigma_w2 / depth
    q, drift, total = weight, mpmath.mpf(0), mpmath.mpf(0)
    for _ in range(depth):
        square, first, slope = means(q)
        total += slope
        q, drift = q + weight * (square + 2 * drift * first), drift + first
    return sigma_w2 * total / depth


@lru_cache(maxsize=64)
def weight_variance(name, depth, digits):
    """The package's answer, as text."""
    from derive.spectrum import weight_variance_for

    return str(weight_variance_for(name, "1/8", depth, digits=digits))


def reference(name, means):
    """A route for ``digits``: c of the independent recursion at the weight variance of the package."""
    from .isometry_weight_variance_tanh import L

    def route(point, digits):
        return cumulant(means, mpmath.mpf(weight_variance(name, int(point[L]), digits + 5)), int(point[L]))

    return route
