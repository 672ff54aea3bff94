r"""Density, distribution function and log moments of finitely many equal circular layers, to any number of digits.

At one point the equation y(u) = y of :mod:`derive.spectrum.finite_arrays` is refined from the float64 root of the
table, and the root is enclosed by an interval Newton step in complex balls; density and distribution function follow
in balls.

Log moments: on -1 < v < 1, which belongs to lambda < 0, y is real plus :math:`i\pi`, and shrinking the contour around
the spectrum to that segment gives

.. math:: E y^k = \frac1{2\pi(k+1)}\int_{-1}^1\operatorname{Im}\,(x(v) + i\pi)^{k+1}dv, \qquad
   x = \log\frac{1+v}{1-v} + L\log\frac{(r+1)^2-\epsilon^2}4,

for every epsilon > 0.  For k = 1 the integral is :math:`Ey = 0` for epsilon <= 1 and
:math:`L(\log\epsilon + 1/\epsilon - 1)` beyond.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import sympy as sp
from flint import acb, arb, ctx

from derive.errors import DomainError, PrecisionError
from derive.numerics.compile import arb_to_sympy, mpf_to_sympy, to_arb, to_mpf
from derive.numerics.exact import positive_integer, sign_of
from derive.spectrum.edges import log_edges

__all__ = ["density_and_cdf", "log_cumulant", "log_moment", "mean_log"]


def _curve(u: Any, eps: Any, depth: int) -> tuple[Any, Any, Any, Any, Any]:
    """(y, dy/du, w, r, log w) at u in the upper half plane."""
    left = u.real.mid() < 0
    grown = (u if left else -u).exp()
    below = 1 - grown
    w = -2 * grown / below if left else 2 / below
    log_w = arb(2).log() - below.log() + (u - acb(0, arb.pi()) if left else 0)
    r = ((1 - eps) ** 2 + 2 * eps * w).sqrt()
    if eps >= 1:
        layer = log_w + (eps / 2 * (r + 1 + eps) / (r + (eps - 1))).log()
    else:
        layer = (r + 1 - eps).log() + ((r + 1 + eps) / 4).log()
    slope = 1 - depth * eps * (r + 1) / (r * ((r + 1) ** 2 - eps * eps)) * w * (w - 2)
    if eps >= 1:
        slope = 1 + depth * (r + 1) * (2 - w) * (r + (eps - 1)) / (2 * r * (r + 1 + eps))
    return u + depth * layer, slope, w, r, log_w


def _root(start: complex, y: Any, eps: Any, depth: int) -> Any:
    """A complex ball around the root near ``start``, proven by an interval Newton step."""
    u = acb(start.real, start.imag)
    target = arb(y.mid())
    for _ in range(200):
        value, slope, *_ = _curve(u, eps, depth)
        step = (value - target) / slope
        size, room = abs(step).mid(), abs(u).mid() / 2
        following = u - (step if size <= room else step * (room / size))
        u = acb(following.real.mid(), abs(following.imag.mid()))
        if size <= abs(u).mid() * arb(2) ** (8 - ctx.prec):
            break
    value, slope, *_ = _curve(u, eps, depth)
    radius = 4 * abs((value - y) / slope).upper() + abs(u).upper() * arb(2) ** (4 - ctx.prec)
    for _ in range(30):
        box = acb(u.real + arb(0, radius), u.imag + arb(0, radius))
        _, slope, *_ = _curve(box, eps, depth)
        image = u - (value - y) / slope
        if image.is_finite() and box.contains_interior(image) and box.imag > 0:
            return image
        radius = radius * 4
    raise PrecisionError("the point of the spectrum was not enclosed; ask for more digits, or stay away from the edges")


def density_and_cdf(spectrum: Any, s: sp.Expr, digits: int) -> tuple[Any, Any]:
    """(density of s, P(S <= s)), each right to ``digits`` significant digits; outside the support exact 0 and 1."""
    if spectrum.c == 0:
        raise DomainError("c = 0 puts all singular values at one point: there is no density")
    if sign_of(s) <= 0:
        if sign_of(s) == 0 and spectrum._hard():
            raise DomainError("s = 0 is the hard edge of this spectrum; give s > 0 (see edges)")
        return sp.Integer(0), sp.Integer(0)
    need, start = int(3.33 * digits) + 6, None
    for bits in (need + 80, 2 * need + 300, 4 * need + 1200, 16 * need + 6000):
        with ctx.workprec(bits):
            y = 2 * to_arb(s).log() - to_arb(spectrum.log_scale)
            low, high = log_edges(spectrum)
            if y > high:
                return sp.Integer(0), sp.Integer(1)
            if y < low:
                return sp.Integer(0), sp.Integer(0)
            if not low < y < high:
                continue
            try:
                start = _start(spectrum, y) if start is None else start
                found = _values(start, y, to_arb(spectrum._epsilon()), int(spectrum.depth), to_arb(s))
            except PrecisionError:
                continue
        if all(b.rel_accuracy_bits() >= need for b in found):
            return tuple(arb_to_sympy(b, digits) for b in found)
    raise PrecisionError(f"s = {s} is too close to an edge of the spectrum for {digits} digits; see edges")


def _start(spectrum: Any, y: Any) -> complex:
    import numpy as np

    return complex(spectrum._arrays.solve(np.array([float(y.mid())]))[0])


def _values(start: complex, y: Any, eps: Any, depth: int, s: Any) -> tuple[Any, Any]:
    u = _root(start, y, eps, depth)
    _, _, w, r, log_w = _curve(u, eps, depth)
    total = w * log_w - (w - 2) * (w - 2).log()
    near, far = 1 - eps, 1 + eps
    first = log_w + (2 * eps / (r - near)).log() if eps >= 1 else (r + near).log()
    layers = eps * w * first + eps * (w - 2) * (r + far).log() - r * r / 2 + r - r * r * arb(2).log()
    primitive = total + depth / eps * layers
    density = -w.imag / (arb.pi() * s)
    return density, 1 - (y * w.imag - primitive.imag) / (2 * arb.pi())


def mean_log(epsilon: sp.Expr, depth: sp.Expr) -> sp.Expr:
    """E log(lambda/a^(2L)), exactly.

    >>> mean_log(sp.Rational(1, 2), sp.Integer(3)), mean_log(sp.Integer(2), sp.Integer(3))
    (0, -3/2 + 3*log(2))
    """
    if sign_of(epsilon - 1) <= 0:
        return sp.Integer(0)
    return sp.expand(depth * (sp.log(epsilon) + 1 / epsilon - 1))


def log_moment(k: int, epsilon: sp.Expr, depth: int, digits: int, shift: sp.Expr) -> sp.Float:
    """E (y + shift)^k to ``digits`` digits of its scale, by tanh-sinh quadrature at two precisions."""

    def value() -> Any:
        return _moments(k, epsilon, depth, shift)[k]

    return _agreed(value, digits)


def log_cumulant(k: int, epsilon: sp.Expr, depth: int, digits: int) -> sp.Float:
    """The k-th cumulant of y, k >= 2, to ``digits`` digits, by tanh-sinh quadrature at two precisions."""

    def value() -> Any:
        moments = _moments(k, epsilon, depth, -mean_log(epsilon, sp.Integer(depth)))
        found: list[Any] = [mpmath.mpf(0)]
        for n in range(1, k + 1):
            lower = (mpmath.binomial(n - 1, j - 1) * found[j] * moments[n - j] for j in range(1, n))
            found.append(moments[n] - mpmath.fsum(lower))
        return found[k]

    return _agreed(value, digits)


def _agreed(value: Callable[[], Any], digits: int) -> sp.Float:
    digits = positive_integer(digits, "digits")
    before = None
    for guard in (15, 30, 60, 120):
        with mpmath.workdps(digits + guard):
            found = value()
            if before is not None and abs(found - before) <= abs(found) * mpmath.mpf(10) ** (-digits - 3):
                return mpf_to_sympy(found, digits)
            before = found
    raise PrecisionError(f"the log moment did not settle to {digits} digits (it may be 0); ask for fewer")


def _moments(k: int, epsilon: sp.Expr, depth: int, shift: sp.Expr) -> list[Any]:
    """E (y + shift)^j for j = 0, ..., k in one pass over the nodes of each half of the segment."""
    eps, extra = to_mpf(epsilon), to_mpf(shift)
    pi, found = mpmath.pi, [mpmath.mpf(1)]

    def real_part(gap: Any, lower: bool) -> Any:
        """x + shift at v = -1 + gap (lower) or 1 - gap."""
        w = gap if lower else 2 - gap
        r = mpmath.sqrt((1 - eps) ** 2 + 2 * eps * w)
        near = 2 * eps * w / (r + (eps - 1)) if eps >= 1 else r + 1 - eps
        ratio = gap / (2 - gap) if lower else (2 - gap) / gap
        return mpmath.log(ratio) + depth * mpmath.log(near * (r + 1 + eps) / 4) + extra

    cache: dict[Any, Any] = {}

    def at(gap: Any) -> tuple[Any, Any]:
        if gap not in cache:
            cache[gap] = (real_part(gap, True), real_part(gap, False))
        return cache[gap]

    for j in range(1, k + 1):

        def integrand(gap: Any, order: int = j + 1) -> Any:
            return sum((mpmath.mpc(x, pi) ** order).imag for x in at(gap))

        found.append(mpmath.quad(integrand, [0, 1]) / (2 * pi * (j + 1)))
    return found
