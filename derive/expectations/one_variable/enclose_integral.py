r"""Gaussian means by rigorous adaptive integration: the rule that works for every evaluable function.

On [-L, L], cut at the kinks, ``acb.integral`` (python-flint: adaptive Gauss-Legendre with complex bounds) encloses
the integral of f(x) e^{-x^2/2q}/sqrt(2 pi q).  Beyond L the bound |f(x)| <= (x/L)^n exp(a_0 + a_1 x + a_2 x^2)
of :mod:`derive.expectations.bounds.growth` gives, with c = 1/(2q) - a_2 and slope s = 2 c L - a_1 - n/L > 0,

.. math:: E[|f(X)|; X > L] \le \frac{e^{a_0 + a_1 L - c L^2}}{s \sqrt{2\pi q}} .

It is slower than the trapezoidal rules (milliseconds to tenths of a second) and asks for nothing but an evaluation in
complex balls.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log, sqrt
from typing import Any

import sympy as sp
from flint import arb, ctx

from derive.errors import DomainError, PrecisionError, UnsupportedError
from derive.expectations.bounds.growth import lower_growth, upper_growth
from derive.numerics.compile import compile_ball, to_arb
from derive.numerics.quadrature import enclose_integral

__all__ = ["Piece", "enclose_pieces", "enclose_pieces_once", "smallness", "tail_bound"]


@dataclass(frozen=True)
class Piece:
    """One analytic branch: ``expr`` in ``x`` on the open interval (``left``, ``right``), ends exact or infinite."""

    left: sp.Expr
    right: sp.Expr
    expr: sp.Expr
    x: sp.Symbol


def tail_bound(expr: sp.Expr, x: sp.Symbol, length: float, q: Any, mirrored: bool) -> Any:
    """An upper bound of E[|f(X)|; X > length] (X < -length if ``mirrored``), infinite where the rules give none yet.

    Raises :class:`~derive.errors.DomainError` when the expectation is certainly infinite.
    """
    bound = upper_growth(expr, x, length, 0.0, mirrored)
    with ctx.workprec(64):
        c = 1 / (2 * q) - arb(bound.a2)
        if not c > 0:
            _refuse_divergent(expr, x, length, q, mirrored)
            return arb("inf")
        slope = 2 * c * arb(length) - arb(bound.a1) - arb(max(bound.n, 0.0)) / length
        if not slope > 0:
            return arb("inf")
        end = arb(length)
        top = (arb(bound.a0) + arb(bound.a1) * end - c * end * end).exp()
        return (top / (slope * (2 * arb.pi() * q).sqrt())).upper()


def _refuse_divergent(expr: sp.Expr, x: sp.Symbol, length: float, q: Any, mirrored: bool) -> None:
    least = lower_growth(expr, x, length, mirrored)
    if least is not None and arb(least.a2) >= 1 / (2 * q) and least.a1 >= 0 and least.n >= 0:
        raise DomainError(
            f"the expectation of {expr} is infinite at the variance {q.str(8, radius=False)}: "
            f"it grows like exp({least.a2:.6g}*x**2); take a smaller variance"
        )


def _length(pieces: tuple[Piece, ...], q: Any, nats: float) -> tuple[float, Any]:
    """A cut-off L beyond all kinks with a small tail, and the bound of both tails."""
    root = sqrt(float(q.mid()))
    length = root * (sqrt(2 * nats) + 1)
    for piece in pieces:
        for end in (piece.left, piece.right):
            if not end.is_infinite:
                length = max(length, 1.25 * abs(float(end)) + root)
    first, last = pieces[0], pieces[-1]
    for _ in range(60):
        tail = tail_bound(last.expr, last.x, length, q, False) if last.right.is_infinite else arb(0)
        if first.left.is_infinite:
            tail += tail_bound(first.expr, first.x, length, q, True)
        if tail < arb(-nats).exp():
            return length, tail
        length *= 1.25
    raise UnsupportedError(f"{last.expr} grows too fast for a proven bound of its Gaussian tail at variance {q}")


def enclose_pieces(pieces: tuple[Piece, ...], q: Any, bits: int) -> Any:
    """A ball with E f(X), X ~ N(0, q), f given by its analytic pieces; relative radius near 2^-bits.

    The pieces run from left to right; where they do not reach an end of the line f is 0 there.
    Raises :class:`~derive.errors.DomainError` (infinite), :class:`~derive.errors.UnsupportedError` (no bound known)
    and :class:`~derive.errors.PrecisionError` (the integral did not converge).
    """
    extra = smallness(pieces, q)
    for _ in range(5):
        value = enclose_pieces_once(pieces, q, bits + extra)
        accuracy = value.rel_accuracy_bits()
        if accuracy >= bits or (not q.is_exact() and accuracy >= q.rel_accuracy_bits() - 8):
            return value
        extra += bits - max(accuracy, -bits) + 10
    return value


def enclose_pieces_once(pieces: tuple[Piece, ...], q: Any, bits: int) -> Any:
    """The same with an absolute radius near 2^-bits, in one pass."""
    length, tail = _length(pieces, q, (bits + 4) * log(2))
    with ctx.workprec(bits + 20):
        value = sum((_integral(p, length, q, bits) for p in pieces), arb(0)) + arb(0, tail.upper())
    if not value.is_finite():
        raise PrecisionError(
            "adaptive integration met a point where the function could not be bounded; "
            f"is {pieces[0].expr} finite on the whole line?"
        )
    return value


def smallness(pieces: tuple[Piece, ...], q: Any) -> int:
    """About how many bits the function lies below 1 at x = +- sqrt(q): for the first choice of the precision."""
    for bits in (64, 300, 1200, 4800):
        with ctx.workprec(bits):
            sizes = [abs(compile_ball(p.expr, (p.x,))(x)) for p in pieces for x in _samples(p, q)]
        sizes = [s for s in sizes if s.is_finite() and s > 0 and s.rel_accuracy_bits() > 8]
        if sizes:
            with ctx.workprec(64):
                largest = max(s.log() / arb(2).log() for s in sizes)
                return min(8000, max(0, -int(float(largest.mid()))))
    return 0


def _samples(piece: Piece, q: Any) -> list[Any]:
    """Those of +- sqrt(q) that lie inside the piece."""
    return [
        x
        for x in (q.sqrt().mid(), -q.sqrt().mid())
        if (piece.left.is_infinite or x > to_arb(piece.left)) and (piece.right.is_infinite or x < to_arb(piece.right))
    ]


def _integral(piece: Piece, length: float, q: Any, bits: int) -> Any:
    """Adaptive integration over one piece, cut at powers of 4 times the standard deviation towards its ends."""
    f = compile_ball(piece.expr, (piece.x,))
    norm = (2 * arb.pi() * q).sqrt()
    half_inverse = -1 / (2 * q)

    def integrand(x: Any, analytic: bool) -> Any:
        return f(x, analytic=analytic) * (x * x * half_inverse).exp()

    low = -arb(length) if piece.left.is_infinite else to_arb(piece.left)
    high = arb(length) if piece.right.is_infinite else to_arb(piece.right)
    cuts = [low, *(c for c in _cuts(length) if c > low and c < high), high]
    return enclose_integral(integrand, cuts, bits, norm).real / norm


def _cuts(length: float) -> list[Any]:
    """0 and +- a geometric ladder, so that a function of unit scale is resolved under a wide Gaussian."""
    ladder = [arb(4) ** k for k in range(ceil(log(max(length, 1.0), 4)))]
    return [-c for c in reversed(ladder)] + [arb(0)] + ladder
