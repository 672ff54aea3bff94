r"""E phi(u1) phi(u2) for a function with kinks, in a proven ball.

With u1 = M + X, u2 = sigma M + X', independent, Var M = mu = |lam|, Var X = Var X' = v = q - |lam|, and
F(m) = E phi(m + X)

.. math:: W = E[F(M)\, F(\sigma M)] .

F is entire whatever the kinks of phi are.  On pieces that are polynomials times exponentials it is a combination of
erfc (:mod:`derive.expectations.gaussian_closed`), on other pieces an inner integral.  With |phi(x)| <= C e^{s|x|}
on the line and A_v = 2 e^{s^2 v/2}, A_mu = 2 e^{2 s^2 mu} (both 1 if s = 0),

.. math:: |F(m + it)| \le C A_v e^{s|m| + t^2/2v},

so the trapezoidal rule of step h for the outer mean has an error of at most C^2 A_v^2 A_mu 2 e^{kappa t^2}/(e^{2 pi
t/h} - 1), kappa = 1/(2 mu) + 1/v, for every t; t = pi/(h kappa) is best.  It needs about D/pi sqrt(1 + 2 mu/v) points
for D nats.  Close to perfect correlation that is too many, and adaptive integration takes over where F is in closed
form.
"""

from __future__ import annotations

from math import ceil, log, pi, sqrt
from typing import Any

import sympy as sp
from flint import acb, arb, ctx

from derive.errors import PrecisionError, UnsupportedError
from derive.expectations.covariance_grid import weight_tail
from derive.expectations.enclose_integral import Piece
from derive.expectations.gaussian_closed import closed_terms, enclose_shifted_terms
from derive.expectations.integrand import Integrand
from derive.expectations.line_bound import line_bound
from derive.numerics.compile import compile_ball, to_arb
from derive.numerics.quadrature import enclose_integral

__all__ = ["enclose_with_kinks"]

_MAX_POINTS_CLOSED = 3000
_MAX_POINTS_OPEN = 600


def enclose_with_kinks(f: Integrand, v: Any, mu: Any, sign: int, bits: int, small: float = 0.0) -> Any:
    """A ball with E f(M + X) f(sign M + X') for v, mu > 0; absolute radius near 2^-(bits + small).

    Raises :class:`~derive.errors.UnsupportedError` for functions with point masses or of no exponential bound and
    :class:`~derive.errors.PrecisionError` where the integral does not converge.
    """
    if f.masses:
        raise UnsupportedError("the covariance of a function with Dirac masses is not covered")
    bits = bits + round(small)
    log_size, growth = line_bound(f, sqrt(float((v + mu).mid())))
    nats = (bits + 6) * log(2) + 2 * max(0.0, log_size) + 2 * growth**2 * float((v + mu).mid())
    with ctx.workprec(bits + 30):
        size, s = arb(log_size).exp() * (1 + arb(2) ** -40), arb(growth)
        smooth = _Smoothed(f, v, bits + 10, size, s)
        spread = sqrt(float(mu.mid()))
        length = 2 * growth * spread**2 + spread * (sqrt(2 * nats) + 1)
        step = pi / sqrt(nats * (1 / (2 * spread**2) + 1 / float(v.mid())))
        if length / step < (_MAX_POINTS_OPEN if smooth.open else _MAX_POINTS_CLOSED):
            return _trapezoid(smooth, f.parity, (v, mu, sign), arb(step), ceil(length / step))
        if smooth.open:
            raise UnsupportedError(
                f"this near to perfect correlation (1 - |c| = {float((v / (v + mu)).mid()):.3g}) the covariance of a "
                "function with kinks is covered only where it is piecewise polynomial or exponential"
            )
        return _adaptive(f, smooth, (v, mu, sign), arb(length), bits)


def _trapezoid(smooth: _Smoothed, parity: int, split: tuple[Any, Any, int], h: Any, points: int) -> Any:
    """The outer mean by points (i + 1/2) h, with the proven errors of step and cut."""
    v, mu, sign = split
    weight = h * (-h * h / (8 * mu)).exp() / (2 * arb.pi() * mu).sqrt()
    decay = (-h * h / mu).exp()
    ratio, total = decay, arb(0)
    for i in range(points):
        m = acb((2 * i + 1) * h / 2)
        ahead = smooth(m).real
        if parity:
            pair = 2 * ahead * ahead * (parity if sign < 0 else 1)
        else:
            behind = smooth(-m).real
            pair = ahead * ahead + behind * behind if sign > 0 else 2 * ahead * behind
        total += weight * pair
        weight *= ratio
        ratio *= decay
    with ctx.workprec(64):
        s = smooth.growth
        grown = arb(1) if s.is_zero() else 2 * (s * s * v / 2).exp()
        kappa = 1 / (2 * mu) + 1 / v
        t = (arb.pi() / (h * kappa)).mid()
        shift = 2 * (kappa * t * t).exp() / ((2 * arb.pi() * t / h).exp() - 1)
        shift *= arb(1) if s.is_zero() else 2 * (2 * s * s * mu).exp()
        cut = weight_tail(h, mu, 2 * s, (points + arb(0.5)) * h)
        error = (smooth.size * grown) ** 2 * (shift + cut)
    return total + arb(0, error.upper())


def _adaptive(f: Integrand, smooth: _Smoothed, split: tuple[Any, Any, int], length: Any, bits: int) -> Any:
    """The outer mean by rigorous adaptive integration."""
    v, mu, sign = split
    norm = (2 * arb.pi() * mu).sqrt()

    def integrand(m: Any, analytic: bool) -> Any:
        ahead = smooth(m)
        return ahead * (ahead if sign > 0 else smooth(-m)) * (-m * m / (2 * mu)).exp()

    value = enclose_integral(integrand, _cuts(f, length, v), bits, norm).real / norm
    if not value.is_finite():
        raise PrecisionError("the outer integral of the covariance met a point where it could not be bounded")
    return value + arb(0, _tail(smooth.size, smooth.growth, v, mu, length))


def _tail(size: Any, s: Any, v: Any, mu: Any, length: Any) -> Any:
    """Bound of E[|F(M) F(sigma M)|; |M| > length]."""
    slope = length / mu - 2 * s
    if not slope > 0:
        raise UnsupportedError("the function grows too fast for the cut-off of the covariance integral")
    edge = (2 * s * length - length * length / (2 * mu)).exp() / (slope * (2 * arb.pi() * mu).sqrt())
    return (8 * size * size * (s * s * v).exp() * edge).upper()


def _cuts(f: Integrand, length: Any, v: Any) -> list[Any]:
    """The ends, the kinks, and points at distances 4^k sqrt(v) from them, where F changes its manner."""
    width, end = sqrt(float(v.mid())), float(length.mid())
    inside = set()
    for kink in {*(p.left for p in f.pieces[1:]), *(-p.left for p in f.pieces[1:]), sp.S.Zero}:
        place = float(kink)
        inside |= {place} | {place + side * width * 4.0**k for k in range(6) for side in (-1, 1)}
    apart = [-end]
    for p in sorted(inside):
        if apart[-1] + width / 4 < p < end - width / 4:
            apart.append(p)
    return [-length, *map(arb, apart[1:]), length]


class _Smoothed:
    """F(m) = E f(m + X) for complex balls m."""

    def __init__(self, f: Integrand, v: Any, bits: int, size: Any, growth: Any) -> None:
        self.v, self.bits, self.size, self.growth = v, bits, size, growth
        self.reach = v.sqrt() * arb(sqrt(2 * bits * log(2)) + 3)
        self.closed, self.open = [], []
        for piece in f.pieces:
            terms = closed_terms(piece.expr, piece.x)
            if terms is not None and all(t.power.is_Integer for t in terms):
                self.closed.append((terms, piece))
            else:
                self.open.append((compile_ball(piece.expr, (piece.x,)), piece))

    def __call__(self, m: Any) -> Any:
        total = acb(0)
        for terms, piece in self.closed:
            total += enclose_shifted_terms(terms, piece.left, piece.right, self.v, m)
        for f, piece in self.open:
            total += self._integral(f, piece, m)
        return total

    def _integral(self, f: Any, piece: Piece, m: Any) -> Any:
        """The part of F from one piece: over x within ``reach`` of Re m, with a bound of what is cut off."""
        low, high = m.real.lower() - self.reach, m.real.upper() + self.reach
        if not piece.left.is_infinite and low < to_arb(piece.left):
            low = to_arb(piece.left)
        if not piece.right.is_infinite and high > to_arb(piece.right):
            high = to_arb(piece.right)
        cut = arb(0, self._cut(m))
        if not low < high:
            return acb(cut, cut)

        def integrand(x: Any, analytic: bool) -> Any:
            return f(x, analytic=analytic) * (-(x - m) * (x - m) / (2 * self.v)).exp()

        norm = (2 * arb.pi() * self.v).sqrt()
        return enclose_integral(integrand, [low, high], self.bits, norm * self.size) / norm + acb(cut, cut)

    def _cut(self, m: Any) -> Any:
        """Bound of E[C e^{s|x|}; |x - Re m| > reach], |g_v(x - m)| = g_v(x - Re m) e^{(Im m)^2/2v}."""
        slope = self.reach / self.v - self.growth
        if not slope > 0:
            raise UnsupportedError("the function grows too fast for the cut-off of the inner integral")
        exponent = self.growth * (m.real.abs_upper() + self.reach)
        exponent += (m.imag.abs_upper() ** 2 - self.reach**2) / (2 * self.v)
        return (2 * self.size * exponent.exp() / (slope * (2 * arb.pi() * self.v).sqrt())).upper()
