"""What is averaged: a real function as analytic pieces, with its parity and point masses.

An activation, an expression in one symbol, or any object with ``pieces`` becomes an :class:`Integrand`.
Derivatives of functions with kinks may hold ``DiracDelta``; those become point masses, whose Gaussian mean is a
value times a density.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy as sp

from derive.activations import VARIABLE, Activation
from derive.errors import InputError, UnsupportedError
from derive.expectations.enclose_integral import Piece
from derive.expectations.exprational import ExpRational, exp_rational

__all__ = ["Integrand", "integrand", "squared"]

_ENTIRE = (sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.sech, sp.erf, sp.erfc, sp.erfi, sp.atan, sp.asinh)


@dataclass(frozen=True)
class Integrand:
    """Analytic pieces from left to right in the symbol ``VARIABLE``, point masses, and parity (1, -1 or 0)."""

    pieces: tuple[Piece, ...]
    masses: tuple[tuple[sp.Expr, sp.Expr], ...] = ()
    parity: int = 0

    @property
    def is_smooth(self) -> bool:
        """One analytic piece and no masses."""
        return len(self.pieces) == 1 and not self.masses

    @property
    def exponential_form(self) -> ExpRational | None:
        """The form of the function as rational in an exponential, if it has one."""
        return exp_rational(self.pieces[0].expr, VARIABLE) if self.is_smooth else None

    def squared(self) -> Integrand:
        """The square; refused where the function has point masses."""
        if self.masses:
            raise UnsupportedError("the square of a function with Dirac masses has no expectation")
        return Integrand(
            tuple(Piece(p.left, p.right, p.expr**2, p.x) for p in self.pieces), (), 1 if self.parity else 0
        )


def integrand(f: Any) -> Integrand:
    """``f`` as pieces: an activation, an expression in at most one symbol, or an object with ``pieces``.

    Raises :class:`~derive.errors.InputError` for text and for expressions in several symbols.
    """
    if isinstance(f, Integrand):
        return f
    if isinstance(f, Activation):
        return _of_expression(f.expr)
    if isinstance(f, (str, bytes)):
        raise InputError(f"{str(f)[:60]!r} is text: turn it into an activation with derive.activation(...) first")
    if isinstance(f, (int, sp.Expr)):
        return _of_expression(_in_variable(sp.sympify(f)))
    if hasattr(f, "pieces"):
        return _from_pieces(tuple(f.pieces))
    raise InputError(f"{type(f).__name__} cannot be read as a function of one variable; give an activation")


@lru_cache(maxsize=512)
def squared(f: Any) -> Integrand:
    """The square of a function."""
    return integrand(f).squared()


def _in_variable(expr: sp.Expr) -> sp.Expr:
    symbols = expr.free_symbols
    if len(symbols) > 1:
        names = ", ".join(sorted(map(str, symbols)))
        raise InputError(f"{expr} has the symbols {names}; a function of one variable is needed")
    return expr.xreplace(dict.fromkeys(symbols, VARIABLE))


def _from_pieces(pieces: tuple[Any, ...]) -> Integrand:
    made = []
    for p in pieces:
        low = p.low if hasattr(p, "low") else p.left
        high = p.high if hasattr(p, "high") else p.right
        made.append(Piece(low, high, p.expr, VARIABLE))
    parity = _parity(made[0].expr) if len(made) == 1 else 0
    return Integrand(tuple(made), (), parity)


@lru_cache(maxsize=512)
def _of_expression(expr: sp.Expr) -> Integrand:
    masses: tuple[tuple[sp.Expr, sp.Expr], ...] = ()
    if expr.has(sp.DiracDelta):
        expr, masses = _split_masses(expr)
    if _is_plainly_smooth(expr):
        whole = Piece(-sp.oo, sp.oo, expr, VARIABLE)
        return Integrand((whole,), masses, 0 if masses else _parity(expr))
    phi = Activation(expr)
    pieces = tuple(Piece(p.left, p.right, p.expr, VARIABLE) for p in phi.pieces)
    parity = {"odd": -1, "even": 1}.get(phi.parity, 0)
    return Integrand(pieces, masses, 0 if masses else parity)


def _is_plainly_smooth(expr: sp.Expr) -> bool:
    """Whether the expression is visibly analytic on the whole line: entire or tanh-like heads, whole powers."""
    for node in sp.preorder_traversal(expr):
        if isinstance(node, sp.Pow) and node.base.has(VARIABLE):
            if not (node.exp.is_Integer and node.exp > 0) and not node.base.is_positive:
                return False
        elif isinstance(node, sp.log):
            if not node.args[0].is_positive:
                return False
        elif not isinstance(node, (sp.Add, sp.Mul, sp.Symbol, *_ENTIRE)) and node.has(VARIABLE):
            return False
    return True


def _parity(expr: sp.Expr) -> int:
    """Parity as far as substitution and SymPy's automatic rules show it; exact for functions rational in e^x."""
    form = exp_rational(expr, VARIABLE)
    if form is not None:
        return form.parity
    mirrored = expr.xreplace({VARIABLE: -VARIABLE})
    if mirrored == expr or sp.expand(mirrored - expr) == 0:
        return 1
    return -1 if mirrored == -expr or sp.expand(mirrored + expr) == 0 else 0


def _split_masses(expr: sp.Expr) -> tuple[sp.Expr, tuple[tuple[sp.Expr, sp.Expr], ...]]:
    """A sum of a function and terms g(x) DiracDelta(a x + b), as the function and (point, weight) pairs."""
    smooth, masses = [], []
    for term in sp.Add.make_args(sp.expand(expr, deep=False)):
        deltas = [a for a in sp.Mul.make_args(term) if isinstance(a, sp.DiracDelta)]
        if not deltas:
            if term.has(sp.DiracDelta):
                raise UnsupportedError(f"the Dirac mass in {term} does not stand as a plain factor; expand it first")
            smooth.append(term)
            continue
        inner = sp.Poly(deltas[0].args[0], VARIABLE) if len(deltas[0].args) == 1 else None
        if len(deltas) > 1 or inner is None or inner.degree() != 1:
            raise UnsupportedError(f"{term} is no point mass at one place; only g(x)*DiracDelta(a*x + b) is known")
        a, b = inner.all_coeffs()
        rest = term / deltas[0]
        weight = rest.subs(VARIABLE, -b / a) / sp.Abs(a)
        if weight.has(sp.nan, sp.zoo, sp.AccumBounds):
            raise UnsupportedError(f"the weight of the Dirac mass in {term} is not defined")
        masses.append((-b / a, weight))
    return sp.Add(*smooth), tuple(masses)
