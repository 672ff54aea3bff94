r"""E phi(u1) phi(u2) for a function with kinks, in a proven ball.

With u1 = M + X, u2 = sigma M + X', independent, Var M = mu = |lam|, Var X = Var X' = v = q - |lam|, and
F(m) = E phi(m + X)

.. math:: W = E[F(M)\, F(\sigma M)] .

F is entire whatever the kinks of phi are.  On pieces that are polynomials times exponentials it is a combination of
erfc (:mod:`derive.expectations.one_variable.gaussian_closed`), on other pieces an inner integral.  With |phi(x)| <= C
e^{s|x|} on the line and A_v = 2 e^{s^2 v/2}, A_mu = 2 e^{2 s^2 mu} (both 1 if s = 0),

.. math:: |F(m + it)| \le C A_v e^{s|m| + t^2/2v},

so the trapezoidal rule of step h for the outer mean has an error of at most C^2 A_v^2 A_mu 2 e^{kappa t^2}/(e^{2 pi
t/h} - 1), kappa = 1/(2 mu) + 1/v, for every t; t = pi/(h kappa) is best.  It needs about D/pi sqrt(1 + 2 mu/v) points
for D nats.  Close to perfect correlation that is too many, and adaptive integration takes over where F is in closed
form.
"""

from __future__ import annotations

from math import ceil, log, pi, sqrt
from typing import Any

from flint import acb, arb, ctx

from derive.errors import PrecisionError, UnsupportedError
from derive.expectations.one_variable.enclose_integral import Piece
from derive.expectations.one_variable.gaussian_closed import closed_terms, enclose_shifted_terms
from derive.expectations.one_variable.integrand import Integrand
from derive.expectations.two_variables.covariance_grid import weight_tail
from derive.expectations.two_variables.line_bound import line_bound
from derive.numerics.compile import compile_ball, to_arb
from derive.numerics.quadrature import enclose_integral

__all__ = ["enclose_with_kinks"]

_MAX_POINTS_CLOSED = 3000
_MAX_POINTS_OPEN = 600


def enclose_with_kinks(
    f: Integrand, g: Integrand, v: Any, mu: Any, sign: int, bits: int, small: float = 0.0, scale: Any = 1
) -> Any:
    """A ball with E f(M + X) g(scale (sign M + X')) for v, mu > 0; absolute radius near 2^-(bits + small).

    Raises :class:`~derive.errors.UnsupportedError` for functions with point masses or of no exponential bound and
    :class:`~derive.errors.PrecisionError` where the integral does not converge.
    """
    if f.masses or g.masses:
        raise UnsupportedError("the covariance of a function with Dirac masses is not covered")
    bits = bits + round(small)
    spread = sqrt(float((v + mu).mid()))
    with ctx.workprec(bits + 30):
        one = _Smoothed(f, v, bits + 10, spread)
        two = one if g == f and isinstance(scale, int) else _Smoothed(g, v, bits + 10, spread, scale)
        growth = max(float(one.growth.mid()), float(two.growth.mid()))
        log_size = max(0.0, float(one.size.log().mid())) + max(0.0, float(two.size.log().mid()))
        nats = (bits + 6) * log(2) + log_size + 2 * growth**2 * spread**2
        unit = mu.mid().sqrt().mid()  # lengths below are multiples of it: mu may lie below the smallest float
        length = 2 * growth * float(unit) + sqrt(2 * nats) + 1
        step = pi / sqrt(nats * (0.5 + float((mu / v).mid())))
        has_integrals = bool(one.open or two.open)
        if length / step < (_MAX_POINTS_OPEN if has_integrals else _MAX_POINTS_CLOSED):
            return _trapezoid((one, two), f.parity * g.parity, (v, mu, sign), (step * unit).mid(), ceil(length / step))
        if has_integrals:
            raise UnsupportedError(
                f"this near to perfect correlation (1 - |c| = {float((v / (v + mu)).mid()):.3g}) the covariance of a "
                "function with kinks is covered only where it is piecewise polynomial or exponential"
            )
        return _adaptive((one, two), (v, mu, sign), (length * unit).mid(), bits)


def _trapezoid(pair: tuple[_Smoothed, _Smoothed], even: int, split: tuple[Any, Any, int], h: Any, points: int) -> Any:
    """The outer mean by points (i + 1/2) h, with the proven errors of step and cut.

    ``even`` is 1 when F(m) G(sign m) is even in m, and 0 when that is not known.
    """
    v, mu, sign = split
    one, two = pair
    weight = h * (-h * h / (8 * mu)).exp() / (2 * arb.pi() * mu).sqrt()
    decay = (-h * h / mu).exp()
    ratio, total = decay, arb(0)
    for i in range(points):
        m = acb((2 * i + 1) * h / 2)
        ahead = one(m)
        value = ahead * (ahead if two is one and sign > 0 else two(sign * m))
        if even:
            total += weight * 2 * value.real
        else:
            behind = one(-m)
            total += weight * (value + behind * (behind if two is one and sign > 0 else two(-sign * m))).real
        weight *= ratio
        ratio *= decay
    with ctx.workprec(64):
        s = _larger(one.growth, two.growth)
        grown = arb(1) if s.is_zero() else 2 * (s * s * v / 2).exp()
        kappa = 1 / (2 * mu) + 1 / v
        t = (arb.pi() / (h * kappa)).mid()
        shift = 2 * (kappa * t * t).exp() / ((2 * arb.pi() * t / h).exp() - 1)
        shift *= arb(1) if s.is_zero() else 2 * (2 * s * s * mu).exp()
        cut = weight_tail(h, mu, 2 * s, (points + arb(0.5)) * h)
        error = one.size * two.size * grown * grown * (shift + cut)
    return total + arb(0, error.upper())


def _adaptive(pair: tuple[_Smoothed, _Smoothed], split: tuple[Any, Any, int], length: Any, bits: int) -> Any:
    """The outer mean by rigorous adaptive integration."""
    v, mu, sign = split
    one, two = pair
    norm = (2 * arb.pi() * mu).sqrt()

    def integrand(m: Any, analytic: bool) -> Any:
        ahead = one(m)
        return ahead * (ahead if two is one and sign > 0 else two(sign * m)) * (-m * m / (2 * mu)).exp()

    value = enclose_integral(integrand, _cuts(one.kinks | two.kinks, length, v), bits, norm).real / norm
    if not value.is_finite():
        raise PrecisionError("the outer integral of the covariance met a point where it could not be bounded")
    return value + arb(0, _tail(one.size * two.size, _larger(one.growth, two.growth), v, mu, length))


def _larger(a: Any, b: Any) -> Any:
    return a if a >= b else b


def _tail(size: Any, s: Any, v: Any, mu: Any, length: Any) -> Any:
    """Bound of E[|F(M) G(sigma M)|; |M| > length], |f| |g| <= size e^{s|x| + s|x'|}."""
    slope = length / mu - 2 * s
    if not slope > 0:
        raise UnsupportedError("the function grows too fast for the cut-off of the covariance integral")
    edge = (2 * s * length - length * length / (2 * mu)).exp() / (slope * (2 * arb.pi() * mu).sqrt())
    return (8 * size * (s * s * v).exp() * edge).upper()


def _cuts(kinks: set[float], length: Any, v: Any) -> list[Any]:
    """The ends, the kinks, and points at distances 4^k sqrt(v) from them, where F changes its manner."""
    width, end = sqrt(float(v.mid())), float(length.mid())
    inside = set()
    for place in {0.0} | kinks | {-k for k in kinks}:
        inside |= {place} | {place + side * width * 4.0**k for k in range(6) for side in (-1, 1)}
    apart = [-end]
    for p in sorted(inside):
        if apart[-1] + width / 4 < p < end - width / 4:
            apart.append(p)
    return [-length, *map(arb, apart[1:]), length]


class _Smoothed:
    """F(m) = E f(scale (m + X)) for complex balls m, with |f(scale x)| <= size e^{growth |x|}."""

    def __init__(self, f: Integrand, v: Any, bits: int, spread: float, scale: Any = 1) -> None:
        self.scale = to_arb(scale)
        log_size, growth = line_bound(f, spread * float(self.scale.mid()))
        self.size, self.growth = arb(log_size).exp() * (1 + arb(2) ** -40), arb(growth) * self.scale
        self.kinks = {float(p.left) / float(self.scale.mid()) for p in f.pieces[1:]}
        self.v, self.bits = v * self.scale * self.scale, bits
        self.slope = arb(growth)
        self.reach = self.v.sqrt() * arb(sqrt(2 * bits * log(2)) + 3)
        self.closed, self.open = [], []
        for piece in f.pieces:
            terms = closed_terms(piece.expr, piece.x)
            if terms is not None and all(t.power.is_Integer for t in terms):
                self.closed.append((terms, piece))
            else:
                self.open.append((compile_ball(piece.expr, (piece.x,)), piece))

    def __call__(self, m: Any) -> Any:
        total, m = acb(0), m * self.scale
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
        slope = self.reach / self.v - self.slope
        if not slope > 0:
            raise UnsupportedError("the function grows too fast for the cut-off of the inner integral")
        exponent = self.slope * (m.real.abs_upper() + self.reach)
        exponent += (m.imag.abs_upper() ** 2 - self.reach**2) / (2 * self.v)
        return (2 * self.size * exponent.exp() / (slope * (2 * arb.pi() * self.v).sqrt())).upper()
