r"""Gaussian expectations in proven balls.

:func:`expectation_ball` encloses E f(X), X ~ N(0, q), for a ball q.  The rule depends on f alone; each proves its
own radius (see the module named):

* f odd: exactly 0;
* f rational in e^{a x} and polynomial in x (tanh, sigmoid, swish, mish, their products and derivatives): the
  trapezoidal rule with residues, :mod:`~derive.expectations.residue_trapezoid`, under a millisecond at 40 digits, and
  at variances above 10^4 the series of :mod:`~derive.expectations.large_values`;
* pieces that are polynomials times exponentials, sines and Gaussians, or real powers: closed forms,
  :mod:`~derive.expectations.gaussian_closed`;
* every other piece: adaptive integration with a proven tail, :mod:`~derive.expectations.enclose_integral`.

A ball q of positive radius is carried through (every operation encloses), so the result encloses E f for every q
in the ball.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp
from flint import arb, ctx

from derive.errors import DomainError, UnsupportedError
from derive.expectations.covariance import covariance_ball, cross_covariance_ball, gap_ball
from derive.expectations.enclose_integral import Piece, enclose_pieces
from derive.expectations.gaussian_closed import Term, closed_terms, enclose_terms
from derive.expectations.integrand import Integrand, integrand, squared
from derive.expectations.residue_trapezoid import enclose_mean
from derive.numerics.compile import to_arb

__all__ = ["covariance_ball", "cross_covariance_ball", "expectation_ball", "gap_ball", "variance_ball"]

_LARGE = 10_000.0


def variance_ball(phi: Any, q: Any, bits: int) -> Any:
    """A ball (``arb``) with V(phi, q) = E phi(X)^2, X ~ N(0, q); see :func:`expectation_ball`.

    >>> from flint import arb
    >>> import sympy as sp
    >>> x = sp.Symbol("x", real=True)
    >>> variance_ball(sp.tanh(x), arb(1), 100).str(20, radius=False)
    '0.39429449039784117442'
    """
    return expectation_ball(squared(phi), q, bits)


def expectation_ball(f: Any, q: Any, bits: int) -> Any:
    """A ball (``arb``) with E f(X), X ~ N(0, q), of relative radius about 2^-bits.

    ``f`` is an activation or an expression in one symbol, ``q`` a ball (or an exact number) that is zero or
    positive.  The ball is wider where ``q`` itself is uncertain, and where the value is zero or nearly so (then it
    is narrow on the scale of f).

    Raises :class:`~derive.errors.DomainError` for a negative q or an infinite expectation,
    :class:`~derive.errors.UnsupportedError` where no bound of f is known.
    """
    g = integrand(f)
    with ctx.workprec(bits + 32):
        q = to_arb(q)
        if q.is_zero():
            return _at_zero(g, bits)
        if not q > 0:
            raise DomainError(f"the variance {q.str(10)} is not certainly positive; give a positive ball or exactly 0")
    if g.parity == -1:
        return arb(0)
    form = g.exponential_form
    if form is not None and form.factors:
        value = _by_large_variance(g, q, bits)
        if value is not None:
            return value
        try:
            return enclose_mean(form, q, bits)
        except UnsupportedError:
            pass
    return _by_pieces(g, q, bits)


def _by_large_variance(g: Integrand, q: Any, bits: int) -> Any | None:
    """The large-variance series, where the trapezoidal rule would take milliseconds and the series is short."""
    if not q > _LARGE + 50 * bits:
        return None
    from derive.expectations.large_values import expectation_large_ball

    with ctx.workprec(bits + 32):
        return expectation_large_ball(g.pieces[0].expr, q, bits)


def _at_zero(g: Integrand, bits: int) -> Any:
    """f(0), where f is analytic or at least defined."""
    if any(mass.point == 0 for mass in g.masses):
        raise DomainError("the expectation of a Dirac mass at 0 is infinite at the variance 0")
    piece = next(p for p in g.pieces if p.right.is_infinite or p.right > 0)
    if piece.left == 0:
        values = [p.expr.subs(p.x, 0) for p in g.pieces if 0 in (p.left, p.right)]
        if any(v != values[0] for v in values):
            raise DomainError("the function jumps at 0, so its expectation at the variance 0 is not defined")
    value = piece.expr.subs(piece.x, 0)
    if value.has(sp.nan, sp.zoo, sp.oo):
        value = sp.limit(piece.expr, piece.x, 0)
    with ctx.workprec(bits + 16):
        return to_arb(value)


def _by_pieces(g: Integrand, q: Any, bits: int) -> Any:
    """Closed forms where they are known, integration elsewhere; an even function is done on one half of the line."""
    half = g.parity == 1 and not g.masses and any(_closed(p) is None for p in g.pieces)
    pieces = _half_line(g) if half else g.pieces
    total = arb(0)
    extra = 0
    for _ in range(4):
        with ctx.workprec(bits + extra + 32):
            total = _masses(g, q) + _closed_part(pieces, q) + _integrated_part(pieces, q, bits + extra)
            if half:
                total = 2 * total
        accuracy = total.rel_accuracy_bits()
        if accuracy >= bits or (not q.is_exact() and accuracy >= q.rel_accuracy_bits() - 8):
            break
        extra += bits - max(accuracy, -bits) + 16
    return total


@lru_cache(maxsize=256)
def _half_line(g: Integrand) -> tuple[Piece, ...]:
    right = [p for p in g.pieces if p.right.is_infinite or p.right > 0]
    first = right[0]
    if first.left.is_infinite or first.left < 0:
        right[0] = Piece(sp.S.Zero, first.right, first.expr, first.x)
    return tuple(right)


def _masses(g: Integrand, q: Any) -> Any:
    total = arb(0)
    for mass in g.masses:
        x = to_arb(mass.point)
        before, hermite = arb(0), arb(1)
        for n in range(mass.order):
            before, hermite = hermite, -(x * hermite + n * before) / q  # p^(n+1) = -(x p^(n) + n p^(n-1))/q
        total += to_arb(mass.weight) * hermite * (-x * x / (2 * q)).exp() / (2 * arb.pi() * q).sqrt()
    return total


def _closed(piece: Piece) -> tuple[Term, ...] | None:
    terms = closed_terms(piece.expr, piece.x)
    if terms is None or all(t.power.is_Integer for t in terms):
        return terms
    return terms if piece.left.is_nonnegative else None


def _closed_part(pieces: tuple[Piece, ...], q: Any) -> Any:
    total = arb(0)
    for piece in pieces:
        terms = _closed(piece)
        if terms is not None:
            total += enclose_terms(terms, piece.left, piece.right, q)
    return total


def _integrated_part(pieces: tuple[Piece, ...], q: Any, bits: int) -> Any:
    rest = tuple(p for p in pieces if _closed(p) is None)
    return enclose_pieces(rest, q, bits) if rest else arb(0)
