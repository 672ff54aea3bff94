r"""A function as a step of polynomials plus rapidly decaying segments.

:func:`decompose` writes f(x) = P_-(x) [x < 0] + P_+(x) [x > 0] + g(x) with finite sums of powers P_-, P_+ and a
g that decays faster than every power, and cuts g into segments whose moments are known.  This is all that the
large-variance expansions need to know about f.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import sympy as sp

from derive.expectations.asymptotic.asymptote import leading
from derive.expectations.asymptotic.exp_tail import ExpTail
from derive.expectations.asymptotic.gauss_tail import GaussTail
from derive.expectations.asymptotic.numeric_tail import NumericTail
from derive.expectations.asymptotic.pieces import Piece, RealFunction, X
from derive.numerics.compile import to_arb

__all__ = ["Decomposition", "Segment", "decompose", "decompose_even"]


def lowest_terms(value: sp.Expr) -> sp.Expr:
    """A sum of exact numbers, with denominators such as 1 + E cleared where they cancel."""
    value = sp.expand(value)
    fractions = (p for p in value.atoms(sp.Pow) if p.exp.is_negative and p.base.is_Add)
    return sp.expand(sp.cancel(value)) if any(True for _ in fractions) else value


Powers = tuple[tuple[sp.Expr, sp.Expr], ...]  # ((exponent, coefficient), ...)


@dataclass(frozen=True)
class Segment:
    """g on one interval, on one side of 0.

    ``mirror`` is -1 when the segment lies on x < 0 and is described in y = -x; ``origin`` shifts further (y = origin +
    u, u > 0) when the segment starts at a kink.
    """

    tail: Any  # ExpTail | GaussTail | NumericTail | PolynomialTail, in the shifted variable u > 0
    origin: sp.Expr
    mirror: int
    expr: sp.Expr  # g in the shifted variable

    def squared(self) -> Segment:
        """The segment of g^2."""
        if isinstance(self.tail, PolynomialTail):
            return replace(self, tail=PolynomialTail(self.tail.poly**2, self.tail.length), expr=self.expr**2)
        if isinstance(self.tail, NumericTail):
            return replace(self, tail=NumericTail(self.expr**2, self.tail.length), expr=self.expr**2)
        return replace(self, tail=_outer_tail(self.expr**2)[0], expr=self.expr**2)

    def moment(self, k: int) -> sp.Expr:
        """Return the exact integral of x^k g over the segment."""
        if self.origin == 0:
            value = self.tail.moment(k)
        else:
            value = sp.Add(*(sp.binomial(k, i) * self.origin ** (k - i) * self.tail.moment(i) for i in range(k + 1)))
        return sp.expand(value * self.mirror**k)

    def moment_ball(self, k: int) -> Any:
        """Return the same integral as a ball at the current flint precision."""
        from flint import arb

        if self.origin == 0:
            value = self.tail.moment_ball(k)
        else:
            start = to_arb(self.origin)
            value = sum(
                (int(sp.binomial(k, i)) * start ** (k - i) * self.tail.moment_ball(i) for i in range(k + 1)), arb(0)
            )
        return value * self.mirror**k

    @property
    def sign(self) -> int | None:
        """1, -1 or 0 when g is known to keep that sign on the segment; None if it changes or nothing is known."""
        return self.tail.sign


@dataclass(frozen=True)
class PolynomialTail:
    """A polynomial on the bounded interval 0 < u < length."""

    poly: sp.Poly
    length: sp.Expr

    def moment(self, k: int) -> sp.Expr:
        return sp.Add(*(c * self.length ** (j + k + 1) / (j + k + 1) for (j,), c in self.poly.terms()))

    def moment_ball(self, k: int) -> Any:
        return to_arb(self.moment(k))

    @cached_property
    def sign(self) -> int | None:
        poly = self.poly
        if poly.is_zero:
            return 0
        if not (poly.domain.is_QQ or poly.domain.is_ZZ) or not self.length.is_Rational:
            return None
        for edge in (0, self.length):
            while poly.eval(edge) == 0:
                poly = sp.div(poly, sp.Poly(X - edge, X))[0]
        if poly.count_roots(0, self.length) > 0:
            return None
        return 1 if self.poly.eval(self.length / 2) > 0 else -1


@dataclass(frozen=True)
class Decomposition:
    """P_- and P_+ as ((power of |x|, coefficient), ...) on either side, and the segments of g.

    On x < 0 the powers are those of |x| = -x.
    """

    left: Powers
    right: Powers
    segments: tuple[Segment, ...]

    @property
    def is_exact(self) -> bool:
        """Whether all moments have closed forms."""
        return not any(isinstance(s.tail, NumericTail) for s in self.segments)


@lru_cache(maxsize=512)
def decompose(f: RealFunction) -> Decomposition:
    """Return the step of polynomials and the decaying segments of ``f``.

    Raises :class:`~derive.errors.UnsupportedError` for functions that grow exponentially or have algebraic tails.
    """
    found = f.cut_at_zero()
    left, left_segments = _side([_flip(p) for p in reversed(found) if p.right <= 0], -1)
    right, right_segments = _side([p for p in found if p.left >= 0], 1)
    return Decomposition(left, right, tuple(left_segments) + tuple(right_segments))


@lru_cache(maxsize=512)
def decompose_even(f: RealFunction) -> Decomposition:
    """Return the decomposition of f(x) + f(-x) on x > 0 (``left`` is empty): all that an expectation depends on.

    Odd parts cancel before anything is bounded.
    """
    found = (f + f.mirrored()).cut_at_zero()
    right, segments = _side([p for p in found if p.left >= 0], 1)
    return Decomposition((), right, tuple(segments))


def _flip(piece: Piece) -> Piece:
    return Piece(-piece.right, -piece.left, piece.expr.subs(X, -X))


def _side(found: list[Piece], mirror: int) -> tuple[Powers, list[Segment]]:
    """Treat one half-line, the pieces ordered from 0 outwards."""
    *inner, outer = found
    powers = _pure_powers(outer.expr)
    if powers is None:
        tail, shifted = _outer_tail(_shift(outer.expr, outer.left))
        limit = sp.expand(sp.Add(*(c * (X - outer.left) ** j for j, c in shifted.items())))
        powers = {sp.Integer(j): c for (j,), c in sp.Poly(limit, X).terms() if c != 0} if limit != 0 else {}
        rest = tail.expr if isinstance(tail, NumericTail) else _shift(outer.expr - limit, outer.left)
        segments = [Segment(tail, outer.left, mirror, rest)] if tail.sign != 0 else []
    else:
        segments = []
    step = sp.Add(*(c * X**j for j, c in powers.items()))
    for piece in inner:
        rest = sp.expand(_shift(piece.expr - step, piece.left))
        length = sp.expand(piece.right - piece.left)
        if rest == 0:
            continue
        tail = PolynomialTail(sp.Poly(rest, X), length) if rest.is_polynomial(X) else NumericTail(rest, length)
        segments.append(Segment(tail, piece.left, mirror, rest))
    return tuple(sorted(powers.items(), key=lambda p: sp.default_sort_key(p[0]))), segments


def _shift(expr: sp.Expr, origin: sp.Expr) -> sp.Expr:
    return expr.subs(X, X + origin) if origin != 0 else expr


def _pure_powers(expr: sp.Expr) -> dict[sp.Expr, sp.Expr] | None:
    """Return {exponent: coefficient} if ``expr`` is a finite sum of powers of X, else None."""
    powers: dict[sp.Expr, sp.Expr] = {}
    for term in sp.Add.make_args(sp.expand(expr)):
        c, rest = term.as_independent(X, as_Add=False)
        base, exponent = rest.as_base_exp() if rest != 1 else (X, sp.S.Zero)
        if base != X or exponent.has(X):
            return None
        powers[exponent] = powers.get(exponent, sp.S.Zero) + c
    return {e: c for e, c in powers.items() if c != 0}


def _outer_tail(expr: sp.Expr) -> tuple[Any, dict[sp.Expr, sp.Expr]]:
    """Return the decaying tail on u > 0 and the asymptote {power: coefficient}."""
    for kind in (ExpTail, GaussTail):
        tail = kind.of(expr)
        if tail is not None and tail.is_exact():
            return tail, tail.asymptote
    limit, rest = leading(expr)
    return NumericTail(rest, sp.oo), limit
