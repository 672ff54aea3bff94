r"""The odd and the even part of an activation: which are polynomials, which oscillate without end.

A covariance of phi is the sum of those of its odd part o and its even part e (the cross terms vanish by symmetry).  A
part is absent, a polynomial (closed forms), or has tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import mpmath
import sympy as sp

from derive.activations import Activation

__all__ = ["Part", "half_line_pieces", "split"]

_DEGREE = 8  # of the polynomials that are recognised


@dataclass(frozen=True)
class Part:
    """The odd or even part of a function.

    ``parity`` is 1 (even) or -1 (odd); ``polynomial`` holds its expression in ``x`` where it is a polynomial.  A part
    that ``oscillates`` without end ``straightens`` where a polynomial outgrows the oscillation.
    """

    parity: int
    x: sp.Symbol
    polynomial: sp.Expr | None
    oscillates: bool = False
    straightens: bool = False

    @property
    def is_constant(self) -> bool:
        return self.polynomial is not None and not self.polynomial.has(self.x)

    @property
    def is_zero(self) -> bool:
        return self.polynomial is not None and self.polynomial == 0


@lru_cache(maxsize=64)
def split(phi: Activation) -> tuple[Part, Part]:
    """The odd and the even part of an activation."""
    return _part(phi, -1), _part(phi, 1)


def half_line_pieces(phi: Activation, parity: int) -> list[tuple[sp.Expr, sp.Expr, sp.Expr]]:
    """(left, right, expression) of a part between the absolute values of the kinks."""
    from itertools import pairwise

    x = phi.variable
    cuts = sorted({abs(k) for k in phi.kinks} - {sp.S.Zero}, key=lambda k: k.evalf(30))
    found = []
    for low, high in pairwise([sp.S.Zero, *cuts, sp.oo]):
        inside = low + 1 if high == sp.oo else (low + high) / 2
        right, left = (_piece(phi, at) for at in (inside, -inside))
        found.append((low, high, (right + parity * left.xreplace({x: -x})) / 2))
    return found


def _piece(phi: Activation, at: sp.Expr) -> sp.Expr:
    return next(p.expr for p in phi.pieces if p.left < at and at < p.right)


def _part(phi: Activation, parity: int) -> Part:
    x = phi.variable
    if {"odd": -1, "even": 1}.get(str(phi.parity)) == -parity:
        return Part(parity, x, sp.S.Zero)
    found = [_as_polynomial(expr, x, parity, low, high) for low, high, expr in half_line_pieces(phi, parity)]
    if all(p is not None and p == found[0] for p in found):
        return Part(parity, x, found[0])
    swings = None if phi.kinks else _oscillates(phi)
    return Part(parity, x, None, swings is not None, swings is False)


def _as_polynomial(expr: sp.Expr, x: sp.Symbol, parity: int, low: sp.Expr, high: sp.Expr) -> sp.Expr | None:
    """The polynomial of that parity and degree 8 at most that the function equals, to 40 digits, between the ends."""
    from derive.numerics.compile import compile_mp, to_mpf

    f = compile_mp(sp.sympify(expr, strict=True), (x,))
    powers = range(0 if parity > 0 else 1, _DEGREE + 1, 2)
    with mpmath.workdps(80):
        start, length = to_mpf(low), to_mpf(high - low) if high != sp.oo else mpmath.mpf(9)
        points = [start + length * n / 17 for n in (1, 3, 5, 8, 11, 13, 15, 16)]
        values = [f(t) for t in points]
        if not all(mpmath.isfinite(v) for v in values):
            return None
        n = len(powers)
        rows = mpmath.matrix([[t**k for k in powers] for t in points[:n]])
        found = mpmath.lu_solve(rows, mpmath.matrix(values[:n]))
        scale = 1 + max(abs(v) for v in values)
        rest = [
            abs(sum(c * t**k for c, k in zip(found, powers, strict=True)) - v)
            for t, v in zip(points, values, strict=True)
        ]
        if max(rest) > mpmath.mpf(10) ** -40 * scale:
            return None
        terms = [_near_fraction(c) * x**k for c, k in zip(found, powers, strict=True)]
    return sp.sympify(sum(terms), strict=True)


def _near_fraction(number: mpmath.mpf) -> sp.Expr:
    """A fraction of small denominator where 35 digits are close to one, else 40 digits."""
    exact = sp.Rational(str(mpmath.nstr(number, 50)))
    fraction = exact.limit_denominator(10**4)
    return fraction if abs(fraction - exact) < sp.Rational(1, 10**35) else sp.Float(str(exact.evalf(40)), 40)


def _oscillates(phi: Activation) -> bool | None:
    """None where phi does not oscillate without end; else whether no polynomial in it outgrows the oscillation."""
    rest = sum((t for t in sp.Add.make_args(sp.expand(phi.expr)) if not t.is_polynomial(phi.variable)), sp.S.Zero)
    if not rest.has(phi.variable):
        return None
    oscillating = Activation(rest)
    if not any(isinstance(v, sp.AccumBounds) for v in (*phi.limits, *oscillating.limits)):
        return None
    return not bool(phi.growth > oscillating.growth)
