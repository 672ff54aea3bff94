"""Numbers for the proofs of paper 001, made without the package: block equations, one layer, many layers."""

from __future__ import annotations

import mpmath
import sympy as sp


def number(value):
    """An exact SymPy number as an mpf."""
    return mpmath.mpf(value.p) / value.q


def block_green(z, a, alpha):
    """G12 of (15) with a constant determining sequence, by iterating the 2 x 2 matrix equation at large real z."""
    scalars = mpmath.matrix([[-a, 1], [z, -a]])
    blocks = scalars ** (-1)
    for _ in range(4000):
        shifted = scalars - alpha * mpmath.matrix([[0, blocks[0, 1]], [blocks[1, 0], 0]])
        following = shifted ** (-1)
        done = mpmath.mnorm(following - blocks) < mpmath.mpf(10) ** (2 - mpmath.mp.dps)
        blocks = following
        if done:
            return blocks[0, 1]
    raise ArithmeticError(f"the block equation did not converge at z = {z}")


def layer_values(point, symbols):
    """(z0, G, R at G, psi, S at psi) of one layer for a point that gives a, alpha and z0."""
    a, alpha, z0 = (number(sp.Rational(point[s])) for s in symbols)
    green = block_green(z0, a, alpha)
    psi = z0 * green - 1
    return z0, green, z0 - 1 / green, psi, (1 + psi) / (psi * z0)


def evaluate(expression, values):
    """An expression at mpf values of its symbols."""
    names = sorted(values, key=lambda s: s.name)
    return sp.lambdify(names, expression, "mpmath")(*(values[s] for s in names))


def boundary_v(y, kappa):
    """v with log((v+1)/(v-1)) + kappa v = y and Im v < 0, y inside the support, by Newton's method in v."""
    guess = mpmath.mpc(y / (2 + kappa), -mpmath.sqrt(2 / kappa))
    return mpmath.findroot(lambda v: mpmath.log((v + 1) / (v - 1)) + kappa * v - y, guess)


def middle_angle(kappa):
    """sigma_m with sigma_m tan(sigma_m/2) = kappa by bisection."""
    low, high = mpmath.mpf(0), mpmath.pi
    for _ in range(int(3.4 * mpmath.mp.dps)):
        middle = (low + high) / 2
        if middle * mpmath.sin(middle / 2) < kappa * mpmath.cos(middle / 2):
            low = middle
        else:
            high = middle
    return (low + high) / 2


def angle_at(y, kappa):
    """sigma at y > 0 by bisection on the explicit curve."""
    low, high = mpmath.mpf(0), middle_angle(kappa)
    for _ in range(int(3.4 * mpmath.mp.dps)):
        sigma = (low + high) / 2
        tau = mpmath.acosh(max(mpmath.mpf(1), mpmath.cos(sigma) + kappa * mpmath.sin(sigma) / sigma))
        if tau + sigma * mpmath.sinh(tau) / mpmath.sin(sigma) > y:
            low = sigma
        else:
            high = sigma
    return (low + high) / 2


def mean_of_log(f, kappa):
    """E f(y) for an even primitive: int over the curve of [F(y) - F(-y)] d sigma/(2 pi kappa), F' = f."""

    def integrand(sigma):
        tau = mpmath.acosh(mpmath.cos(sigma) + kappa * mpmath.sin(sigma) / sigma)
        y = tau + sigma * mpmath.sinh(tau) / mpmath.sin(sigma)
        return (f(y) - f(-y)) / (2 * mpmath.pi * kappa)

    top = middle_angle(kappa)
    tiny = mpmath.mpf(10) ** (-mpmath.mp.dps)
    return mpmath.quad(integrand, [top * tiny, top / 2, top * (1 - tiny)])
