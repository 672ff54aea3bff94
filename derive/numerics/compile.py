"""SymPy expressions as fast evaluators: in python-flint balls and in mpmath numbers.

:func:`compile_ball` gives a function of real (``arb``) or complex (``acb``) balls, at flint's current precision.
Its value encloses the expression for every point of the argument balls.  Real arguments give real results; where
the expression is not defined on the whole ball the result is not finite.  With ``analytic=True`` (the flag that
``acb.integral`` hands over) the result is finite only if the expression is analytic on the whole complex ball: branch
cuts, kinks and undecided conditions give a ball that is not finite.  ``Abs``, ``sign``, ``Max``, ``Min``, ``Heaviside``
and ``Piecewise`` are continued from the real axis, so ``Abs(z)`` is z where Re z > 0.

:func:`compile_mp` evaluates in mpmath at its current precision, with no control of the rounding error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import sympy as sp

from derive.errors import InputError
from derive.numerics.tape import Tape

__all__ = ["arb_to_mpf", "arb_to_sympy", "compile_ball", "compile_mp", "mpf_to_sympy", "to_arb", "to_mpf"]


def _expression(expr: Any) -> sp.Expr:
    if isinstance(expr, sp.Expr):
        return expr
    if isinstance(expr, str):
        raise InputError(f"{expr!r} is text; turn it into an expression with derive.parsing.parse first")
    return sp.sympify(expr, strict=True)


@lru_cache(maxsize=512)
def _ball_tape(expr: sp.Expr, symbols: tuple[sp.Symbol, ...]) -> Tape:
    from derive.numerics.ball_arithmetic import BALLS

    return Tape(expr, symbols, BALLS)


@lru_cache(maxsize=512)
def _mp_tape(expr: sp.Expr, symbols: tuple[sp.Symbol, ...]) -> Tape:
    from derive.numerics.mp_arithmetic import MP

    return Tape(expr, symbols, MP)


def compile_ball(expr: sp.Expr, symbols: Sequence[sp.Symbol] | sp.Symbol) -> Tape:
    """A function of balls, one per symbol: ``f(*balls, analytic=False)``.

    Raises :class:`~derive.errors.UnsupportedError` naming the first part that has no evaluation in balls.

    >>> from flint import arb
    >>> x = sp.Symbol("x")
    >>> f = compile_ball(sp.tanh(x) / x, [x])
    >>> f(arb(1)).str(5, radius=False)
    '0.76159'
    """
    return _ball_tape(_expression(expr), (symbols,) if isinstance(symbols, sp.Symbol) else tuple(symbols))


def compile_mp(expr: sp.Expr, symbols: Sequence[sp.Symbol] | sp.Symbol) -> Callable[..., Any]:
    """A function of mpmath numbers, one per symbol, at mpmath's current precision.

    >>> x = sp.Symbol("x")
    >>> compile_mp(x**2 + 1, [x])(3)
    mpf('10.0')
    """
    return _mp_tape(_expression(expr), (symbols,) if isinstance(symbols, sp.Symbol) else tuple(symbols))


def to_arb(number: Any) -> Any:
    """A ball at flint's current precision that contains an exact real number (Python, SymPy, flint or mpmath)."""
    from flint import arb, fmpq

    if isinstance(number, arb):
        return number
    if isinstance(number, int):
        return arb(number)
    if not isinstance(number, sp.Expr):
        from derive.numerics.exact import exact_number

        number = exact_number(number)
    if number.is_Rational:
        return arb(fmpq(int(number.p), int(number.q)))
    return _ball_tape(number, ())()


def to_mpf(number: Any) -> Any:
    """An exact real number (or the midpoint of a ball) as an mpf, rounded to mpmath's current precision."""
    import mpmath
    from flint import arb

    if isinstance(number, arb):
        return +arb_to_mpf(number)
    if isinstance(number, mpmath.mpf):
        return +number
    if not isinstance(number, sp.Expr):
        from derive.numerics.exact import exact_number

        number = exact_number(number)
    if number.is_Rational:
        return mpmath.mpf(int(number.p)) / int(number.q)
    from flint import ctx

    bits = mpmath.mp.prec + 20
    for _ in range(8):
        with ctx.workprec(bits):
            ball = to_arb(number)
        if ball.rel_accuracy_bits() >= mpmath.mp.prec or ball.is_zero():
            break
        bits *= 2
    return +arb_to_mpf(ball)


def arb_to_mpf(ball: Any) -> Any:
    """The midpoint of a real ball, exactly, as an mpf (which may carry more bits than mpmath's current precision)."""
    import mpmath
    from mpmath.libmp import from_man_exp

    middle = ball.mid()
    if not middle.is_finite():
        return mpmath.mpf("nan") if middle.is_nan() else mpmath.mpf("inf") * (1 if middle > 0 else -1)
    mantissa, exponent = middle.man_exp()
    return mpmath.mp.make_mpf(from_man_exp(int(mantissa), int(exponent)))


def arb_to_sympy(ball: Any, digits: int = 15) -> sp.Float:
    """The midpoint of a real ball as a SymPy Float of ``digits`` digits."""
    return mpf_to_sympy(arb_to_mpf(ball), digits)


def mpf_to_sympy(value: Any, digits: int = 15) -> sp.Float:
    """An mpf as a SymPy Float of ``digits`` digits (rounded to nearest)."""
    from mpmath.libmp import dps_to_prec, mpf_pos

    bits = dps_to_prec(digits)
    return sp.Float._new(mpf_pos(value._mpf_, bits, "n"), bits)
