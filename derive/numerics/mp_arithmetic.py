"""What a compiled expression means in mpmath numbers."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import mpmath
import sympy as sp
from mpmath import mp

from derive.numerics.tape import Arithmetic

__all__ = ["MP"]


def _leaf(number: sp.Expr) -> Any:
    if number.is_Rational:
        return mpmath.mpf(int(number.p)) / int(number.q)
    if number.is_Float:
        return mp.make_mpf(number._mpf_)
    return mp.make_mpf(number._as_mpf_val(mp.prec))


def _power(exponent: sp.Expr) -> Callable[[bool, Any], Any]:
    """x -> x**exponent."""
    if exponent.is_Integer:
        n = int(exponent)
        return lambda analytic, x: mpmath.mpmathify(x) ** n
    if exponent.is_Rational and exponent.q == 2:
        p = int(exponent.p)
        return lambda analytic, x: mpmath.sqrt(x) ** p
    from derive.numerics.compile import to_mpf

    return lambda analytic, x: mpmath.power(x, to_mpf(exponent))


def _real(x: Any) -> Any:
    return x.real if isinstance(x, mpmath.mpc) else x


def _abs(analytic: bool, x: Any) -> Any:
    return x if _real(x) >= 0 else -x


def _sign(analytic: bool, x: Any) -> Any:
    return mpmath.sign(_real(x))


def _heaviside(analytic: bool, x: Any, at_zero: Any = None) -> Any:
    side = mpmath.sign(_real(x))
    return (mpmath.mpf(0.5) if at_zero is None else at_zero) if side == 0 else mpmath.mpf(int(side > 0))


def _piecewise(analytic: bool, *parts: Any) -> Any:
    for value, condition in zip(parts[::2], parts[1::2], strict=True):
        if condition:
            return value
    return mpmath.nan


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda analytic, *values: function(*values)


def _compare(test: Callable[[Any, Any], bool]) -> Callable[..., bool]:
    return lambda analytic, a, b: bool(test(_real(a), _real(b)))


_NAMES = (
    "exp sin cos tan cot sec csc sinh cosh tanh coth sech csch asin acos atan asinh acosh atanh erf erfc erfi gamma "
    "zeta digamma loggamma"
)

_FUNCTIONS: dict[Any, Callable[..., Any]] = {getattr(sp, n): _plain(getattr(mpmath, n)) for n in _NAMES.split()} | {
    sp.Add: lambda analytic, a, b: a + b,
    sp.Mul: lambda analytic, a, b: a * b,
    sp.log: _plain(mpmath.log),
    sp.polygamma: _plain(mpmath.psi),
    sp.LambertW: _plain(mpmath.lambertw),
    sp.sinc: _plain(mpmath.sinc),
    sp.Abs: _abs,
    sp.sign: _sign,
    sp.Heaviside: _heaviside,
    sp.Max: _plain(lambda *values: max(values, key=_real)),
    sp.Min: _plain(lambda *values: min(values, key=_real)),
    sp.And: _plain(lambda *truths: all(truths)),
    sp.Or: _plain(lambda *truths: any(truths)),
    sp.Not: _plain(operator.not_),
}

_COMPARE = {
    sp.StrictGreaterThan: _compare(operator.gt),
    sp.GreaterThan: _compare(operator.ge),
    sp.StrictLessThan: _compare(operator.lt),
    sp.LessThan: _compare(operator.le),
    sp.Equality: _compare(operator.eq),
    sp.Unequality: _compare(operator.ne),
}


def _special(node: sp.Basic) -> tuple[Callable[..., Any], tuple[sp.Expr, ...]] | None:
    from derive.numerics.ball_arithmetic import exp_sum

    parts = exp_sum(node.args[0]) if isinstance(node, sp.log) and len(node.args) == 1 else None
    return None if parts is None else (_log_of_exp_sum, parts)


def _log_of_exp_sum(analytic: bool, w: Any, c: Any) -> Any:
    if _real(w) > 0:
        return w + mpmath.log(1 + c * mpmath.exp(-w))
    return mpmath.log(c + mpmath.exp(w))


MP = Arithmetic(
    name="mpmath",
    leaf=_leaf,
    functions=_FUNCTIONS,
    power=_power,
    general_power=_plain(mpmath.power),
    divide=lambda analytic, a, b: mpmath.mpmathify(a) / b,
    compare=_COMPARE,
    piecewise=_piecewise,
    hook="_mp_",
    precision=lambda: mp.prec,
    special=_special,
)
