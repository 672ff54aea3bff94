"""Signs and values at exact points, in balls and without making SymPy compute huge numbers.

A rational number under a root of high degree (135**0.790001, or any binary fraction as exponent) makes SymPy 1.14 form
integers of millions of digits.  Values are therefore taken in balls where a sign is all that is needed, and
:func:`put` leaves such powers unevaluated.
"""

from __future__ import annotations

import sympy as sp

from derive.errors import PrecisionError, UnsupportedError
from derive.numerics.compile import compile_ball, to_arb

__all__ = [
    "certainly_negative_at",
    "certainly_nonzero",
    "in_exponentials",
    "is_real_at",
    "is_zero",
    "power",
    "put",
    "sign_at",
    "sign_of",
]

_DEGREE = 1000  # of a root of a rational number that SymPy may evaluate


def sign_of(value: sp.Expr) -> int:
    """The sign of a closed number.

    A number that agrees with zero to 1200 digits counts as zero; numbers without balls (roots of polynomials, erfinv)
    are decided by SymPy's digits, 125 of them for zero.  Raises :class:`~derive.errors.PrecisionError` for a number
    that cannot be evaluated.
    """
    if value.is_Rational:
        return (value.p > 0) - (value.p < 0)
    try:
        return _ball_sign(value)
    except UnsupportedError:
        return _sign_by_digits(value)


def _ball_sign(value: sp.Expr) -> int:
    from flint import arb, ctx

    for bits in (64, 300, 4096):
        with ctx.workprec(bits):
            ball = to_arb(value)
        if ball > 0 or ball < 0:
            return 1 if ball > 0 else -1
    if not ball.is_finite() or ball.rad() > arb(2) ** -4000:
        raise PrecisionError(f"the sign of {value} could not be decided with 4096 bits; simplify it first")
    return 0


def _sign_by_digits(value: sp.Expr) -> int:
    for digits in (30, 250):
        number = value.evalf(digits, maxn=2 * digits)
        if not number.is_Float and number != 0:
            break
        if abs(number) > sp.Float(10) ** (-digits // 2):
            return 1 if number > 0 else -1
    else:
        return 0
    raise PrecisionError(f"the sign of {value} could not be decided; it is not known to be a real number")


def certainly_nonzero(value: sp.Expr) -> bool:
    """Whether a ball around a closed number excludes zero; False decides nothing."""
    from flint import ctx

    try:
        with ctx.workprec(300):
            ball = to_arb(value)
    except UnsupportedError:
        return False
    return bool(ball > 0 or ball < 0)


def is_zero(value: sp.Expr) -> bool:
    """Whether a closed number is zero, as in :func:`sign_of`."""
    return sign_of(value) == 0


def certainly_negative_at(expr: sp.Expr, x: sp.Symbol, at: sp.Expr) -> bool:
    """Whether a ball shows that ``expr`` is negative at an exact point; False decides nothing."""
    from flint import ctx

    try:
        with ctx.workprec(300):
            return bool(compile_ball(expr, x)(to_arb(at)) < 0)
    except UnsupportedError:
        return False


def sign_at(expr: sp.Expr, x: sp.Symbol, at: sp.Expr) -> int:
    """The sign of ``expr`` at an exact point, in balls where they separate it from zero."""
    from flint import ctx

    try:
        evaluate = compile_ball(expr, x)
        for bits in (64, 300):
            with ctx.workprec(bits):
                ball = evaluate(to_arb(at))
            if ball > 0 or ball < 0:
                return 1 if ball > 0 else -1
    except UnsupportedError:
        pass  # a function without balls: its value decides below
    return sign_of(put(expr, x, at))


def is_real_at(expr: sp.Expr, x: sp.Symbol, at: sp.Expr) -> bool:
    """Whether ``expr`` is a finite real number at an exact point."""
    from flint import ctx

    try:
        with ctx.workprec(128):
            if compile_ball(expr, x)(to_arb(at)).is_finite():
                return True
    except UnsupportedError:
        pass  # a function without balls: SymPy's value decides below
    value = put(expr, x, at)
    if value.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
        return False
    number = value.evalf(30)
    return bool(number.is_number and sp.im(number) == 0)


def in_exponentials(e: sp.Expr) -> sp.Expr:
    """Hyperbolic functions written in exp; sine and cosine stay, their exponentials are not real."""
    return e.rewrite([sp.tanh, sp.coth, sp.sinh, sp.cosh, sp.sech, sp.csch], sp.exp)


def power(base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
    """base**exponent, left unevaluated where SymPy would compute huge integers."""
    if base.is_Rational and exponent.is_Rational and exponent.q > _DEGREE and base not in (0, 1):
        return sp.Pow(base, exponent, evaluate=False)
    return base**exponent


def put(expr: sp.Expr, x: sp.Symbol, value: sp.Expr) -> sp.Expr:
    """``expr`` with ``value`` for ``x``; powers as in :func:`power`."""
    risky = any(p.exp.is_Rational and p.exp.q > _DEGREE for p in expr.atoms(sp.Pow))
    return _rebuilt(expr, x, value) if risky and not value.free_symbols else expr.subs(x, value)


def _rebuilt(expr: sp.Basic, x: sp.Symbol, value: sp.Expr) -> sp.Basic:
    if expr == x:
        return value
    if not expr.args or not expr.has(x):
        return expr
    args = [_rebuilt(a, x, value) for a in expr.args]
    return power(*args) if isinstance(expr, sp.Pow) else expr.func(*args)
