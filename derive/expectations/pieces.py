"""A real function cut at its kinks into analytic pieces.

Everything in this room works on a :class:`RealFunction`: an expression in one real variable together with the points
where it is not analytic.  An activation is turned into one by :func:`real_function`; so are products of activations
and their derivatives, which keep the kinks of their factors.  On each open interval between kinks the piecewise parts
(``Abs``, ``Max``, ``Min``, ``Heaviside``, ``sign``, ``Piecewise``) are resolved by their value at one exact sample
point, which is sound because the list of kinks is complete.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy as sp

from derive.errors import InputError, UnsupportedError

__all__ = ["Piece", "RealFunction", "pieces", "real_function"]

X = sp.Dummy("x", real=True)
_SWITCHES = (sp.Abs, sp.Max, sp.Min, sp.Heaviside, sp.sign, sp.Piecewise, sp.DiracDelta)


@dataclass(frozen=True)
class RealFunction:
    """An expression in the variable ``X`` of this module, and the sorted points where it is not analytic."""

    expr: sp.Expr
    kinks: tuple[sp.Expr, ...] = ()

    def __mul__(self, other: RealFunction) -> RealFunction:
        return RealFunction(self.expr * other.expr, _merge(self.kinks, other.kinks))

    def __add__(self, other: RealFunction) -> RealFunction:
        return RealFunction(self.expr + other.expr, _merge(self.kinks, other.kinks))

    def squared(self) -> RealFunction:
        """The square, with the same kinks."""
        return RealFunction(self.expr**2, self.kinks)

    def mirrored(self) -> RealFunction:
        """The function x -> f(-x)."""
        return RealFunction(self.expr.subs(X, -X), tuple(-k for k in reversed(self.kinks)))


@dataclass(frozen=True)
class Piece:
    """One analytic branch: ``expr`` in ``X`` on the open interval (``low``, ``high``)."""

    low: sp.Expr
    high: sp.Expr
    expr: sp.Expr


def real_function(f: Any) -> RealFunction:
    """Return ``f`` (an activation, a real function or an expression in one symbol) as a :class:`RealFunction`.

    >>> import sympy as sp
    >>> real_function(sp.Max(sp.Symbol("x", real=True), 0)).kinks
    (0,)

    Raises :class:`~derive.errors.InputError` for text and for expressions in more than one symbol.
    """
    if isinstance(f, RealFunction):
        return f
    if isinstance(f, (str, bytes)):
        raise InputError(f"{f[:60]!r} is text: turn it into an activation with derive.activation(...) first")
    if isinstance(f, sp.Expr) and not hasattr(f, "kinks"):
        return _from_expression(f)
    if hasattr(f, "expr") and hasattr(f, "variable") and hasattr(f, "kinks"):
        return RealFunction(f.expr.xreplace({f.variable: X}), tuple(f.kinks))
    try:
        return _from_expression(sp.Integer(f) if isinstance(f, int) else sp.Expr(f))
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{type(f).__name__} cannot be read as a function of one variable; give an activation"
        ) from error


@lru_cache(maxsize=256)
def _from_expression(expr: sp.Expr) -> RealFunction:
    symbols = expr.free_symbols
    if len(symbols) > 1:
        raise InputError(f"{expr} has the symbols {sorted(map(str, symbols))}; a function of one variable is needed")
    expr = expr.xreplace(dict.fromkeys(symbols, X))
    if not expr.has(*_SWITCHES):
        return RealFunction(expr)
    from derive.activations import Activation

    made = Activation(expr)
    return RealFunction(made.expr.xreplace({made.variable: X}), tuple(made.kinks))


def _merge(left: tuple, right: tuple) -> tuple:
    return tuple(sorted(set(left) | set(right)))


def _sample(low: sp.Expr, high: sp.Expr) -> sp.Expr:
    """Return a point inside the interval, away from the small integers where formulas degenerate."""
    if low.is_infinite and high.is_infinite:
        return sp.Rational(377, 610)
    if low.is_infinite:
        return high - sp.Rational(610, 377)
    if high.is_infinite:
        return low + sp.Rational(610, 377)
    return low + (high - low) * sp.Rational(377, 610)


def resolve(expr: sp.Expr, low: sp.Expr, high: sp.Expr) -> sp.Expr:
    """Return the analytic branch of ``expr`` on (low, high), which must hold no kink."""
    at = _sample(low, high)

    def sign_of(u: sp.Expr) -> int:
        value = u.xreplace({X: at})
        number = value.evalf(30)
        if not number.is_comparable:
            raise UnsupportedError(f"the sign of {u} at {at} cannot be decided")
        if abs(number) < sp.Float(10) ** -25:
            return 0 if sp.simplify(value) == 0 else (1 if value.evalf(200) > 0 else -1)
        return 1 if number > 0 else -1

    def walk(e: sp.Expr) -> sp.Expr:
        if not e.has(*_SWITCHES):
            return e
        if isinstance(e, sp.Piecewise):
            for branch, condition in e.args:
                if condition == True or bool(condition.subs(X, at)):  # noqa: E712 - SymPy's own true
                    return walk(branch)
            raise UnsupportedError(f"{e} has no branch at {at}")
        args = [walk(a) for a in e.args]
        if isinstance(e, sp.DiracDelta):
            return sp.S.Zero
        if isinstance(e, (sp.Abs, sp.sign, sp.Heaviside)):
            s = sign_of(args[0])
            return s * args[0] if isinstance(e, sp.Abs) else sp.Integer(s if isinstance(e, sp.sign) else (1 + s) // 2)
        if isinstance(e, (sp.Max, sp.Min)):
            pick = args[0]
            for other in args[1:]:
                if sign_of(other - pick) * (1 if isinstance(e, sp.Max) else -1) > 0:
                    pick = other
            return pick
        return e.func(*args)

    return walk(expr)


@lru_cache(maxsize=256)
def pieces(f: RealFunction) -> tuple[Piece, ...]:
    """Return the analytic pieces of ``f`` from left to right; the real line is cut at the kinks and at 0."""
    cuts = sorted({*f.kinks, sp.S.Zero}, key=lambda k: k.evalf(30))
    edges = [sp.S.NegativeInfinity, *cuts, sp.S.Infinity]
    return tuple(Piece(low, high, resolve(f.expr, low, high)) for low, high in zip(edges, edges[1:], strict=False))
