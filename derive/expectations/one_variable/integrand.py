"""What is averaged: a real function as analytic pieces, with its parity and point masses.

An activation, an expression in one symbol, or any object with ``pieces`` becomes an :class:`Integrand`.
Derivatives of functions with kinks may hold ``DiracDelta``; those become point masses, whose Gaussian mean is a
value times a density.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import sympy as sp

from derive.activations import VARIABLE, Activation
from derive.errors import InputError, UnsupportedError
from derive.expectations.one_variable.enclose_integral import Piece
from derive.expectations.one_variable.exprational import ExpRational, exp_rational

__all__ = ["Integrand", "integrand", "squared"]

_ANALYTIC = (
    *(sp.Add, sp.Mul, sp.Symbol, sp.Number),
    *(sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.sech, sp.erf, sp.erfc, sp.erfi, sp.atan, sp.asinh),
)


@dataclass(frozen=True)
class Mass:
    """weight * (-1)^order delta^(order)(x - point): its mean is weight times that derivative of the density."""

    point: sp.Expr
    weight: sp.Expr
    order: int = 0


@dataclass(frozen=True)
class Integrand:
    """Analytic pieces from left to right in the symbol ``VARIABLE``, and point masses."""

    pieces: tuple[Piece, ...]
    masses: tuple[Mass, ...] = ()
    known_parity: int | None = None

    @cached_property
    def parity(self) -> int:
        """1 even, -1 odd, 0 neither or not known."""
        if self.known_parity is not None:
            return self.known_parity
        return _parity(self) if self.is_smooth else 0

    @property
    def is_smooth(self) -> bool:
        """One analytic piece and no masses."""
        return len(self.pieces) == 1 and not self.masses

    @cached_property
    def exponential_form(self) -> ExpRational | None:
        """The form of the function as rational in an exponential, if it has one."""
        return exp_rational(self.pieces[0].expr, VARIABLE) if self.is_smooth else None

    def squared(self) -> Integrand:
        """The square; refused where the function has point masses."""
        if self.masses:
            raise UnsupportedError("the square of a function with Dirac masses has no expectation")
        known = abs(self.parity) if self.parity or not self.is_smooth else None
        return Integrand(tuple(Piece(p.left, p.right, p.expr**2, p.x) for p in self.pieces), (), known)


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
        return _of_expression(_in_variable(sp.sympify(f, strict=True)))
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
    return Integrand(tuple(Piece(p.left, p.right, p.expr, VARIABLE) for p in pieces))


def _without_cosh(expr: sp.Expr) -> sp.Expr:
    """log cosh u = log(1 + e^(2u)) - u - log 2 and sinh u/cosh u = tanh u.

    On a wide box cosh has zeros, and far out 1 + e^(2u) has none.
    """
    if not expr.has(sp.cosh):
        return expr
    if any(isinstance(p.base, sp.cosh) and p.exp.is_negative for p in expr.atoms(sp.Pow)):
        expr = expr.replace(sp.sinh, lambda u: sp.tanh(u) * sp.cosh(u))
    return expr.replace(
        lambda e: isinstance(e, sp.log) and isinstance(e.args[0], sp.cosh),
        lambda e: sp.log(1 + sp.exp(2 * e.args[0].args[0])) - e.args[0].args[0] - sp.log(2),
    )


@lru_cache(maxsize=512)
def _of_expression(expr: sp.Expr) -> Integrand:
    masses: tuple[Mass, ...] = ()
    if expr.has(sp.DiracDelta):
        expr, masses = _split_masses(expr)
    if _is_plainly_smooth(expr):
        whole = Integrand((Piece(-sp.oo, sp.oo, expr, VARIABLE),), masses)
        rewritten = _without_cosh(expr)
        if rewritten == expr:
            return whole
        return Integrand((Piece(-sp.oo, sp.oo, rewritten, VARIABLE),), masses, whole.parity or None)
    phi = Activation(expr)
    pieces = tuple(Piece(p.left, p.right, _without_cosh(p.expr), VARIABLE) for p in phi.pieces)
    parity = {"odd": -1, "even": 1}.get(phi.parity or "", 0)
    return Integrand(pieces, masses, 0 if masses else parity)


def _is_plainly_smooth(expr: sp.Expr) -> bool:
    """Whether the expression is visibly analytic on the whole line: entire or tanh-like heads, whole powers."""
    for node in sp.preorder_traversal(expr):
        if isinstance(node, sp.Pow):
            plain = node.exp.is_Integer and node.exp > 0
            if not plain and node.base.has(VARIABLE) and not node.base.is_positive:
                return False
        elif isinstance(node, sp.log):
            if not node.args[0].is_positive:
                return False
        elif not isinstance(node, _ANALYTIC) and node.has(VARIABLE):
            return False
    return True


def _parity(f: Integrand) -> int:
    """Parity as far as substitution and SymPy's automatic rules show it; exact for functions rational in e^x."""
    if f.exponential_form is not None:
        return f.exponential_form.parity
    expr = f.pieces[0].expr
    mirrored = expr.xreplace({VARIABLE: -VARIABLE})
    if mirrored == expr or sp.expand(mirrored - expr) == 0:
        return 1
    return -1 if mirrored == -expr or sp.expand(mirrored + expr) == 0 else 0


def _split_masses(expr: sp.Expr) -> tuple[sp.Expr, tuple[Mass, ...]]:
    """A sum of a function and terms g(x) delta^(k)(a x + b), as the function and point masses.

    Integrating by parts k times, int g p delta^(k)(a x + b) dx = (-1/a)^k/|a| (g p)^(k) at -b/a, p the density.
    """
    smooth, masses = [], []
    for term in sp.Add.make_args(sp.expand(expr, deep=False)):
        deltas = [a for a in sp.Mul.make_args(term) if isinstance(a, sp.DiracDelta)]
        if not deltas:
            if term.has(sp.DiracDelta):
                raise UnsupportedError(f"the Dirac mass in {term} does not stand as a plain factor; expand it first")
            smooth.append(term)
            continue
        inner = sp.Poly(deltas[0].args[0], VARIABLE)
        if len(deltas) > 1 or inner.degree() != 1:
            raise UnsupportedError(f"{term} is no point mass at one place; only g(x)*DiracDelta(a*x + b, k) is known")
        a, b = inner.all_coeffs()
        k = int(deltas[0].args[1]) if len(deltas[0].args) > 1 else 0
        for i in range(k + 1):
            slope = sp.diff(term / deltas[0], VARIABLE, k - i).subs(VARIABLE, -b / a)
            if slope.has(sp.nan, sp.zoo, sp.AccumBounds, sp.DiracDelta):
                raise UnsupportedError(f"the weight of the Dirac mass in {term} is not smooth there")
            if slope != 0:
                masses.append(Mass(-b / a, sp.binomial(k, i) * slope * (-1 / a) ** k / sp.Abs(a), i))
    return sp.Add(*smooth), tuple(masses)
