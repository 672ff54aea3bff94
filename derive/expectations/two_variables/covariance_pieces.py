r"""E f(u1) g(u2) for pieces that are polynomials times exponentials, in a proven ball.

With u1 = M + X, u2 = sigma M + X', independent, Var M = mu = |lam|, Var X = Var X' = v = q - |lam|, and
F(m) = E phi(m + X)

.. math:: W = E[F(M)\, F(\sigma M)] .

F is entire whatever the kinks of phi are: on these pieces it is a combination of erfc
(:mod:`derive.expectations.one_variable.gaussian_closed`).  With |phi(x)| <= C e^{s|x|} on the line and A_v =
2 e^{s^2 v/2}, A_mu = 2 e^{2 s^2 mu} (both 1 if s = 0),

.. math:: |F(m + it)| \le C A_v e^{s|m| + t^2/2v},

so the trapezoidal rule of step h for the outer mean has an error of at most C^2 A_v^2 A_mu 2 e^{kappa t^2}/(e^{2 pi
t/h} - 1), kappa = 1/(2 mu) + 1/v, for every t; t = pi/(h kappa) is best.  It needs about D/pi sqrt(1 + 2 mu/v) points
for D nats.
"""

from __future__ import annotations

from math import ceil, log, pi, sqrt
from typing import Any

from flint import acb, arb, ctx

from derive.errors import UnsupportedError
from derive.expectations.one_variable.gaussian_closed import closed_terms, enclose_shifted_terms
from derive.expectations.one_variable.integrand import Integrand
from derive.expectations.two_variables.covariance_grid import weight_tail
from derive.expectations.two_variables.line_bound import line_bound
from derive.numerics.compile import to_arb

__all__ = ["enclose_closed_pieces"]

_MAX_POINTS = 2000


def enclose_closed_pieces(
    f: Integrand, g: Integrand, v: Any, mu: Any, sign: int, bits: int, small: float = 0.0, scale: Any = 1
) -> Any:
    """A ball with E f(M + X) g(scale (sign M + X')) for v, mu > 0; absolute radius near 2^-(bits + small).

    Raises :class:`~derive.errors.UnsupportedError` where a piece is of another kind, for point masses, and close to
    perfect correlation, where too many points would be needed.
    """
    terms = [_closed(f), _closed(g)]
    bits = bits + round(small)
    spread = sqrt(float((v + mu).mid()))
    with ctx.workprec(bits + 30):
        one = _Smoothed(f, terms[0], v, spread)
        two = one if g == f and isinstance(scale, int) else _Smoothed(g, terms[1], v, spread, scale)
        growth = max(float(one.growth.mid()), float(two.growth.mid()))
        log_size = max(0.0, float(one.size.log().mid())) + max(0.0, float(two.size.log().mid()))
        nats = (bits + 6) * log(2) + log_size + 2 * growth**2 * spread**2
        unit = mu.mid().sqrt().mid()  # lengths below are multiples of it: mu may lie below the smallest float
        length = 2 * growth * float(unit) + sqrt(2 * nats) + 1
        step = pi / sqrt(nats * (0.5 + float((mu / v).mid())))
        if length / step > _MAX_POINTS:
            raise UnsupportedError(f"the outer mean would need more than {_MAX_POINTS} points")
        return _trapezoid((one, two), f.parity * g.parity, (v, mu, sign), (step * unit).mid(), ceil(length / step))


def _closed(f: Integrand) -> list[Any]:
    """Each piece as terms of closed form."""
    found = [closed_terms(piece.expr, piece.x) for piece in f.pieces]
    if f.masses or any(terms is None or any(not t.power.is_Integer for t in terms) for terms in found):
        raise UnsupportedError("the pieces are not all polynomials times exponentials")
    return found


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


def _larger(a: Any, b: Any) -> Any:
    return a if a >= b else b


class _Smoothed:
    """F(m) = E f(scale (m + X)) for complex balls m, with |f(scale x)| <= size e^{growth |x|}."""

    def __init__(self, f: Integrand, terms: list[Any], v: Any, spread: float, scale: Any = 1) -> None:
        self.scale = to_arb(scale)
        log_size, growth = line_bound(f, spread * float(self.scale.mid()))
        self.size, self.growth = arb(log_size).exp() * (1 + arb(2) ** -40), arb(growth) * self.scale
        self.v = v * self.scale * self.scale
        self.pieces = [(kind, piece.left, piece.right) for kind, piece in zip(terms, f.pieces, strict=True)]

    def __call__(self, m: Any) -> Any:
        total, m = acb(0), m * self.scale
        for kind, left, right in self.pieces:
            total += enclose_shifted_terms(kind, left, right, self.v, m)
        return total
