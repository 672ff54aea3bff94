r"""Gaussian expectations in proven balls.

:func:`expectation_ball` encloses E f(X), X ~ N(0, q), for a ball q.  The rule depends on f alone; each proves its
own radius (see the module named):

* f odd: exactly 0;
* f rational in e^{a x} and polynomial in x (tanh, sigmoid, swish, mish, their products and derivatives): the
  trapezoidal rule with residues, :mod:`~derive.expectations.one_variable.residue_trapezoid`, under a millisecond at 40
  digits, and at variances above 10^4 the series of :mod:`~derive.expectations.asymptotic.large_values`;
* powers of x on either side of 0: a gamma function, :mod:`~derive.expectations.homogeneous`;
* pieces that are polynomials times exponentials, sines and Gaussians, or real powers: closed forms,
  :mod:`~derive.expectations.one_variable.gaussian_closed`;
* every other piece: adaptive integration with a proven tail, :mod:`~derive.expectations.one_variable.enclose_integral`.

A ball q of positive radius is carried through (every operation encloses), so the result encloses E f for every q
in the ball.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp
from flint import arb, ctx

from derive.errors import DomainError, UnsupportedError
from derive.expectations import homogeneous as powers
from derive.expectations.covariance import covariance_ball, cross_covariance_ball, gap_ball
from derive.expectations.one_variable.enclose_integral import Piece, enclose_pieces_once, smallness
from derive.expectations.one_variable.gaussian_closed import Term, closed_terms, enclose_terms
from derive.expectations.one_variable.integrand import Integrand, integrand, squared
from derive.expectations.one_variable.residue_trapezoid import enclose_mean
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
        q = _as_ball(q, bits)
        if q.is_zero():
            return _at_zero(g, bits)
        if not q > 0:
            raise DomainError(f"the variance {q.str(10)} is not certainly positive; give a positive ball or exactly 0")
    if g.parity == -1:
        return arb(0)
    scaling = None if g.is_smooth else powers.homogeneous(g)
    if scaling is not None:
        return powers.sharpened(lambda: powers.mean_ball(scaling, q), bits, q.is_exact())
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


def _as_ball(q: Any, bits: int) -> Any:
    """A ball for q; an exact number that is tiny is enclosed with more bits, since odd parts of f cancel to order q."""
    ball = to_arb(q)
    if isinstance(q, arb) or not ball > 0 or ball.is_exact():
        return ball
    with ctx.workprec(bits + 32 + max(0, -2 * int(float((ball.log() / arb(2).log()).mid())))):
        return to_arb(q)


def _by_large_variance(g: Integrand, q: Any, bits: int) -> Any | None:
    """The large-variance series, where the trapezoidal rule would take milliseconds and the series is short."""
    if not q > _LARGE + 50 * bits:
        return None
    from derive.expectations.asymptotic.large_values import expectation_large_ball

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
    """Closed forms where they are known, integration elsewhere, with more bits until the relative accuracy is there."""
    pieces = _folded(g)
    rest = tuple(p for p in pieces if _closed(p) is None)
    extra = smallness(pieces, q)
    for _ in range(5):
        with ctx.workprec(bits + extra + 32):
            total = _masses(g, q) + _closed_part(pieces, q)
            if rest:
                total += enclose_pieces_once(rest, q, bits + extra)
        accuracy = total.rel_accuracy_bits()
        if accuracy >= bits or (not q.is_exact() and accuracy >= q.rel_accuracy_bits() - 8):
            break
        extra += bits - max(accuracy, -bits) + 16
    return total


@lru_cache(maxsize=256)
def _folded(g: Integrand) -> tuple[Piece, ...]:
    """Pieces with the same mean on one half of the line: 2 f for an even f, f(x) + f(-x) for one analytic piece.

    There odd parts cancel before anything is integrated.  Functions in closed form are left as they are.
    """
    if all(_closed(p) is not None for p in g.pieces) or g.masses or not (g.parity == 1 or len(g.pieces) == 1):
        return g.pieces
    right = [p for p in g.pieces if p.right.is_infinite or p.right > 0]
    if right[0].left.is_infinite or right[0].left < 0:
        right[0] = Piece(sp.S.Zero, right[0].right, right[0].expr, right[0].x)
    x = right[0].x
    if g.parity == 1:
        return tuple(Piece(p.left, p.right, 2 * p.expr, x) for p in right)
    return (Piece(sp.S.Zero, sp.oo, right[0].expr + right[0].expr.xreplace({x: -x}), x),)


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
