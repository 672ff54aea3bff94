"""A real function as analytic pieces: what this room works on.

A :class:`RealFunction` is a tuple of pieces, from left to right, that cover the real line.  An activation is turned
into one by :func:`real_function`; sums and products of such functions are cut at the kinks of both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import sympy as sp
from sympy.core.function import Application

from derive.activations import VARIABLE, Activation
from derive.activations.pieces import Piece
from derive.errors import InputError

__all__ = ["Piece", "RealFunction", "X", "real_function"]

X = VARIABLE
_ANALYTIC = (sp.tanh, sp.sinh, sp.cosh, sp.sech, sp.exp, sp.sin, sp.cos, sp.erf, sp.erfc)


@dataclass(frozen=True)
class RealFunction:
    """Analytic pieces from minus to plus infinity."""

    pieces: tuple[Piece, ...]

    @property
    def kinks(self) -> tuple[sp.Expr, ...]:
        """The points between the pieces."""
        return tuple(p.left for p in self.pieces[1:])

    def map(self, change: Callable[[sp.Expr], sp.Expr]) -> RealFunction:
        """Apply ``change`` to the expression of each piece."""
        return RealFunction(tuple(Piece(p.left, p.right, change(p.expr)) for p in self.pieces))

    def __mul__(self, other: RealFunction) -> RealFunction:
        return _combine(self, other, lambda a, b: a * b)

    def __add__(self, other: RealFunction) -> RealFunction:
        return _combine(self, other, lambda a, b: a + b)

    def squared(self) -> RealFunction:
        """The square."""
        return self.map(lambda e: e**2)

    def mirrored(self) -> RealFunction:
        """The function x -> f(-x)."""
        return RealFunction(tuple(Piece(-p.right, -p.left, p.expr.subs(X, -X)) for p in reversed(self.pieces)))

    def cut_at_zero(self) -> tuple[Piece, ...]:
        """The pieces, with one more cut at 0."""
        cut: list[Piece] = []
        for p in self.pieces:
            if p.left < 0 and p.right > 0:
                cut += [Piece(p.left, sp.S.Zero, p.expr), Piece(sp.S.Zero, p.right, p.expr)]
            else:
                cut.append(p)
        return tuple(cut)


def _combine(f: RealFunction, g: RealFunction, operation: Callable[[sp.Expr, sp.Expr], sp.Expr]) -> RealFunction:
    cuts = sorted({*f.kinks, *g.kinks}, key=lambda k: k.evalf(30))
    edges = [sp.S.NegativeInfinity, *cuts, sp.S.Infinity]

    def branch(h: RealFunction, low: sp.Expr, high: sp.Expr) -> sp.Expr:
        return next(p.expr for p in h.pieces if p.left <= low and high <= p.right)

    return RealFunction(
        tuple(Piece(low, high, operation(branch(f, low, high), branch(g, low, high))) for low, high in pairwise(edges))
    )


def real_function(f: Any) -> RealFunction:
    """Return ``f`` (an activation, a real function, or an expression in one symbol) as a :class:`RealFunction`.

    >>> import sympy as sp
        >>> real_function(sp.Max(sp.Symbol("x", real=True), 0)).kinks
        (0,)

        Raises :class:`~derive.errors.InputError` for text and for expressions in more than one symbol.
    """
    if isinstance(f, RealFunction):
        return f
    if isinstance(f, (str, bytes)):
        raise InputError(f"{str(f)[:60]!r} is text: turn it into an activation with derive.activation(...) first")
    if not isinstance(f, (sp.Expr, Activation, int)):
        raise InputError(f"{type(f).__name__} cannot be read as a function of one variable; give an activation")
    return _from_activation(f if isinstance(f, Activation) else Activation(sp.sympify(f, strict=True)))


@lru_cache(maxsize=512)
def _from_activation(phi: Activation) -> RealFunction:
    if not phi.expr.atoms(Application) - phi.expr.atoms(*_ANALYTIC) and _entire_powers(phi.expr):
        return RealFunction((Piece(sp.S.NegativeInfinity, sp.S.Infinity, phi.expr),))
    return RealFunction(tuple(phi.pieces))


def _entire_powers(expr: sp.Expr) -> bool:
    """Whether every power of something that varies has an exponent that is a non-negative integer."""
    return all(p.exp.is_Integer and p.exp > 0 for p in expr.atoms(sp.Pow) if p.base.has(X))
