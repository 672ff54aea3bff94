r"""Moments of real and complex order of finitely many equal circular layers, to any number of digits.

With v = 2 lambda G - 1 as a function of lambda, partial integration turns the mean over the spectrum into one over v,

.. math:: E\Bigl(\frac{\lambda}{a^{2L}}\Bigr)^k = \frac1{4\pi ik}\oint e^{k\,y(v)}\,dv, \qquad
   y = u + L\log\frac{(r+1)^2-\epsilon^2}4, \quad u = \log\frac{v+1}{v-1} ,

counterclockwise around the segment -1 <= v <= 1 (:mod:`derive.spectrum.finite_depth`).  For epsilon < 1 every k is
allowed: the curve is an ellipse in the plane of u through the two places that belong to the ends of the spectrum, and
the trapezoidal rule converges geometrically on it.  At a hard edge (epsilon >= 1) the curve is a circle that begins and
ends at v = -1, where the integrand behaves like :math:`(v+1)^{k(L+1)}` (:math:`(v+1)^{k(L+2)/2}` for epsilon = 1), so
that the mean is finite for Re k > -1/(L+1) (-2/(L+2)) only; there tanh-sinh quadrature takes the two halves.
"""

from __future__ import annotations

from typing import Any

import mpmath
import sympy as sp
from flint import ctx

from derive.errors import DomainError, PrecisionError
from derive.numerics.compile import arb_to_mpf, mpf_to_sympy, to_arb, to_mpf
from derive.numerics.exact import positive_integer, sign_of
from derive.spectrum.finite_depth import lower_edge_root, upper_edge_root

__all__ = ["complex_moment"]

_NODES = 1 << 13


def complex_moment(order: sp.Expr, epsilon: sp.Expr, depth: int, digits: Any) -> sp.Expr:
    """E (lambda/a^(2L))^k for a complex k other than 0, to ``digits`` digits of its absolute value.

    Raises DomainError where the moment is infinite, PrecisionError where the integral does not settle.
    """
    digits = positive_integer(digits, "digits")
    real, imaginary = order.as_real_imag()
    hard = sign_of(epsilon - 1)
    if hard >= 0:
        lowest = -sp.Rational(1, depth + 1) if hard > 0 else -sp.Rational(2, depth + 2)
        if sign_of(real - lowest) <= 0:
            raise DomainError(f"E lam^k is infinite for k = {order}: this spectrum reaches 0; give Re k > {lowest}")
    before, bound = None, mpmath.inf  # |E lam^k| is at most E lam^(Re k)
    if imaginary != 0:
        bound = to_mpf(complex_moment(real, epsilon, depth, 5)) * mpmath.mpf("1.001") if real != 0 else mpmath.mpf(1)
    for guard in (20, 45, 100):
        with mpmath.workdps(digits + guard):
            k = mpmath.mpc(to_mpf(real), to_mpf(imaginary))
            curve, peak = _circle(k, epsilon, depth) if hard >= 0 else _ellipse(k, epsilon, depth, digits)
            if curve is None:
                continue
            found = curve / (4j * mpmath.pi * k)
            if min(abs(found), bound) * mpmath.mpf(10) ** (guard - 10) < peak / abs(k):
                continue  # values off the spectrum cancel: more digits
            if before is not None and abs(found - before) <= abs(found) * mpmath.mpf(10) ** (-digits - 3):
                value = mpf_to_sympy(found.real, digits)
                if imaginary == 0:
                    return value
                if abs(found) > bound:
                    break
                return value + sp.I * mpf_to_sympy(found.imag, digits)
            before = found
    raise PrecisionError(
        f"the moment of order {order} did not settle to {digits} digits; ask for fewer, or see universal()"
    )


def _circle(k: Any, epsilon: sp.Expr, depth: int) -> tuple[Any, Any]:
    """The integral of e^(k y) dv at a hard edge, and the largest value met."""
    eps, (high,) = to_mpf(epsilon), _places(epsilon, depth)
    radius = (high + 1) / 2

    peak = mpmath.mpf(0)

    def integrand(angle: Any) -> Any:
        nonlocal peak
        half = mpmath.expj(angle / 2)
        w = 2 * radius * mpmath.cos(angle / 2) * half
        value = mpmath.exp(k * _y(mpmath.log(w / (w - 2)), w, eps, depth)) * 1j * radius * half**2
        if abs(angle) < 3:  # at the ends it may grow, like an integrable power
            peak = max(peak, abs(value))
        return value

    return mpmath.quad(integrand, [-mpmath.pi, 0, mpmath.pi]), peak


def _ellipse(k: Any, epsilon: sp.Expr, depth: int, digits: int) -> tuple[Any, Any]:
    """The integral of e^(k y) dv between soft edges (None: not settled), and the largest value met.

    dv = -du/(2 sinh(u/2)^2) turns the curve's sense round.
    """
    eps, (low, high) = to_mpf(epsilon), (mpmath.log1p(2 / (v - 1)) for v in _places(epsilon, depth))
    middle, length = (high + low) / 2, (high - low) / 2
    height = min(length, mpmath.mpf(2))

    def integrand(angle: Any) -> Any:
        turn = mpmath.expj(angle)
        u = mpmath.mpc(middle + length * turn.real, height * turn.imag)
        slope = mpmath.mpc(-length * turn.imag, height * turn.real)
        return mpmath.exp(k * _y_of(u, eps, depth)) * slope / (2 * mpmath.sinh(u / 2) ** 2)

    count, before, peak = 32, None, mpmath.mpf(0)
    total = mpmath.mpc(0)
    angles = [2 * mpmath.pi * j / count for j in range(count)]
    while count <= _NODES:
        values = [integrand(angle) for angle in angles]
        total, peak = total + mpmath.fsum(values), max(peak, *map(abs, values))
        value = 2 * mpmath.pi * total / count
        if before is not None and abs(value - before) <= abs(value) * mpmath.mpf(10) ** (-digits - 6):
            return value, peak
        before, angles = value, [mpmath.pi * (2 * j + 1) / count for j in range(count)]
        count *= 2
    return None, peak


def _y(u: Any, w: Any, eps: Any, depth: int) -> Any:
    """y at v = w - 1."""
    r = mpmath.sqrt((1 - eps) ** 2 + 2 * eps * w)
    near = mpmath.log(r + 1 - eps) if eps < 1 else mpmath.log(w) + mpmath.log(2 * eps / (r + eps - 1))
    return u + depth * (near + mpmath.log((r + 1 + eps) / 4))


def _y_of(u: Any, eps: Any, depth: int) -> Any:
    return _y(u, -2 / mpmath.expm1(-u), eps, depth)


def _places(epsilon: sp.Expr, depth: int) -> tuple[Any, ...]:
    """The real v at the ends of the spectrum other than a hard one; a few digits would do."""
    with ctx.workprec(mpmath.mp.prec):
        eps = to_arb(epsilon)
        roots = [upper_edge_root(eps, depth)]
        if eps < 1:
            roots.insert(0, lower_edge_root(eps, depth))
        return tuple(arb_to_mpf(((r - 1) * (r + 1) - eps * eps) / (2 * eps)) for r in roots)
