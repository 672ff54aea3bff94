r"""Functions in the expander: what each does near a finite argument and at a large one.

Four sources, in this order:

1. *Heads that know themselves.*  A SymPy function with a method ``large_argument_terms(order)`` returning
   ``{exponent: coefficient}`` for its last argument u -> oo, all exponents above ``-order`` (and optionally
   ``small_argument_terms(order)`` for u -> 0, all exponents below ``order``).
2. *Real-line functions* decided by signs: Abs, sign, Max, Min, Heaviside, Piecewise.
3. *Rewriting*: hyperbolic functions and their inverses by exp and log; trigonometric functions by addition theorems;
   functions at infinity by reflection (atan u = pi/2 - atan 1/u) or their asymptotic series (erfc, loggamma, digamma).
4. *By the derivative*: f(u(w)) = f(u(0)) + the integral of f'(u) u' where f' is simpler than f; else Taylor
   coefficients by repeated SymPy differentiation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import sympy as sp
from flint import fmpq

from derive.difference.near_point.analytic import analytic
from derive.difference.near_point.local import Cancelled, Local
from derive.difference.near_point.special_functions import (
    digamma_rule,
    erf_rule,
    gamma_rule,
    lambert_rule,
    log_gamma_rule,
)
from derive.difference.series import powerseries as ps
from derive.difference.series.outside import OutsideClass
from derive.errors import UnsupportedError

if TYPE_CHECKING:
    from derive.difference.near_point.expander import Expander

__all__ = ["expand_function"]


def expand_function(walk: Expander, expr: sp.Expr) -> Local:
    """The local expansion of a function whose arguments contain the variable."""
    if hasattr(expr, "large_argument_terms"):
        return _self_knowing(walk, expr)
    if expr.func not in _BY_SIGN and len(expr.args) > 0:
        inner = walk.value(expr.args[-1])
        if inner.growth:
            return _exponential_inside(walk, expr, inner)
    rule = _RULES.get(expr.func)
    if rule is not None:
        return rule(walk, expr)
    if not isinstance(expr, sp.Function) or len(expr.args) == 0:
        raise UnsupportedError(f"no expansion is known for {expr}")
    moving = [i for i, a in enumerate(expr.args) if a.has(walk.x)]
    if len(moving) != 1:
        raise UnsupportedError(f"no expansion is known for {expr}, where several arguments move with the variable")
    return analytic(walk, expr, moving[0])


# 1. heads that know their own expansion


def _self_knowing(walk: Expander, expr: sp.Expr) -> Local:
    if any(a.has(walk.x) for a in expr.args[:-1]):
        raise UnsupportedError(f"no expansion is known for {expr}: only its last argument may move with the variable")
    inner = walk.lead(walk.value(expr.args[-1]))
    if walk.tendency(inner) > 0:
        if walk.sign(inner) < 0:
            raise UnsupportedError(f"{expr.func.__name__} knows its expansion at +oo only; its argument tends to -oo")
        return _sum_of_powers(walk, inner, lambda order: expr.large_argument_terms(order), -1)
    if walk.tendency(inner) < 0 and hasattr(expr, "small_argument_terms"):
        return _sum_of_powers(walk, inner, lambda order: expr.small_argument_terms(order), 1)
    return analytic(walk, expr, len(expr.args) - 1)


def _sum_of_powers(walk: Expander, inner: Local, terms: Callable[[int], Any], direction: int) -> Local:
    """Sum of c_e u^e for the dictionary {e: c_e}, complete up to the precision of u."""
    depth = abs(inner.start)
    order = -(-walk.size // depth) + 1
    rows = dict(terms(order))
    end = order * depth
    total = walk.element(fmpq(0), start=min(0, *(int(sp.floor(e * inner.start)) for e in rows), 0))
    for exponent, coefficient in rows.items():
        power = walk.power(inner, sp.Rational(exponent))
        total = walk.add(total, walk.scale(power, walk.table.convert(sp.sympify(coefficient, strict=True))))
    keep = max(min(total.end, end) - total.start, 0)
    return Local(total.start, total.coefficients[:keep], total.growth, walk.larger(inner.flat, total.flat))


def _exponential_inside(walk: Expander, expr: sp.Expr, inner: Local) -> Local:
    """A function of something exponentially small (its value or slope at 0) or large (its limit, where it has one)."""
    place = len(expr.args) - 1
    if walk.tendency(inner) > 0:
        limit = _LIMITS.get(expr.func)
        if limit is None:
            raise UnsupportedError(f"{expr} is a function of something that grows exponentially; it is not expanded")
        reciprocal = walk.quotient_growth({}, inner.growth)
        return Local(
            0, walk.constant(limit * walk.sign(inner)).coefficients, {}, walk.larger(inner.flat, (reciprocal,))
        )
    u = sp.Dummy("u", real=True)
    inside = expr.func(*expr.args[:place], u)
    at_zero = inside.subs(u, 0)
    if at_zero.is_finite and not at_zero.is_zero:
        return Local(0, walk.constant(at_zero).coefficients, {}, walk.larger(inner.flat, (inner.growth,)))
    slope = inside.diff(u).subs(u, 0)
    if at_zero.is_zero and slope.is_finite and not slope.is_zero:
        small = walk.scale(inner, walk.table.convert(slope))
        return Local(small.start, small.coefficients, small.growth, walk.larger(inner.flat, (inner.growth,)))
    raise UnsupportedError(f"{expr} is a function of something exponentially small; it is not expanded")


# 2. functions of signs


def _abs(walk: Expander, expr: sp.Expr) -> Local:
    inner = walk.value(expr.args[0])
    return inner if walk.sign(inner) > 0 else walk.neg(inner)


def _sign(walk: Expander, expr: sp.Expr) -> Local:
    return walk.element(fmpq(walk.sign(walk.value(expr.args[0]))))


def _heaviside(walk: Expander, expr: sp.Expr) -> Local:
    return walk.element(fmpq(1 if walk.sign(walk.value(expr.args[0])) > 0 else 0))


def _extreme(walk: Expander, expr: sp.Expr) -> Local:
    wanted = 1 if expr.func is sp.Max else -1
    best = walk.value(expr.args[0])
    for a in expr.args[1:]:
        other = walk.value(a)
        if walk.sign(walk.add(other, walk.neg(best))) == wanted:
            best = other
    return best


def _piecewise(walk: Expander, expr: sp.Expr) -> Local:
    for value, condition in expr.args:
        if _holds(walk, condition):
            return walk.value(value)
    raise UnsupportedError(f"no branch of {expr} applies near the point")


def _holds(walk: Expander, condition: Any) -> bool:
    if condition in (sp.true, sp.false):
        return bool(condition)
    if isinstance(condition, sp.And):
        return all(_holds(walk, a) for a in condition.args)
    if isinstance(condition, sp.Or):
        return any(_holds(walk, a) for a in condition.args)
    if isinstance(condition, sp.Not):
        return not _holds(walk, condition.args[0])
    if isinstance(condition, (sp.StrictGreaterThan, sp.GreaterThan, sp.StrictLessThan, sp.LessThan)):
        sign = walk.sign(walk.value(condition.lhs - condition.rhs))
        return sign > 0 if isinstance(condition, (sp.StrictGreaterThan, sp.GreaterThan)) else sign < 0
    if isinstance(condition, (sp.Eq, sp.Ne)):
        try:
            walk.sign(walk.value(condition.lhs - condition.rhs))
        except Cancelled:
            raise UnsupportedError(f"the condition {condition} cannot be decided near the point") from None
        return isinstance(condition, sp.Ne)
    raise UnsupportedError(f"the condition {condition} cannot be decided near the point")


# 3. rewriting


def _hyperbolic(walk: Expander, expr: sp.Expr) -> Local:
    inner = walk.value(expr.args[0])
    if walk.tendency(inner) <= 0 and not walk.table.degree_in_log(inner.coefficient(0)):
        s, c = _even_odd(walk, inner, ps.sinh_cosh, sp.sinh, sp.cosh)
    else:
        up, down = walk.exp(inner), walk.exp(walk.neg(inner))
        s = walk.scale(walk.add(up, walk.neg(down)), fmpq(1, 2))
        c = walk.scale(walk.add(up, down), fmpq(1, 2))
    return _quotient(walk, expr.func, s, c, (sp.sinh, sp.cosh, sp.tanh, sp.coth, sp.sech, sp.csch))


def _trigonometric(walk: Expander, expr: sp.Expr) -> Local:
    inner = walk.value(expr.args[0])
    if walk.tendency(inner) > 0:
        raise OutsideClass("oscillating", f"{expr} oscillates as its argument grows; there is no expansion in powers")
    s, c = _even_odd(walk, inner, ps.sin_cos, sp.sin, sp.cos)
    return _quotient(walk, expr.func, s, c, (sp.sin, sp.cos, sp.tan, sp.cot, sp.sec, sp.csc))


def _even_odd(walk: Expander, inner: Local, pair: Any, sine: Any, cosine: Any) -> tuple[Local, Local]:
    """Sine and cosine (circular or hyperbolic) of u_0 + delta by the addition theorem."""
    head, n = inner.coefficient(0), inner.end
    s, c = pair([0] + [inner.coefficient(i) for i in range(1, n)], n)
    small = Local(0, tuple(s), {}, inner.flat), Local(0, tuple(c), {}, inner.flat)
    if ps.is_zero(head):
        return small
    at = walk.table.expr(head)
    sine_head, cosine_head = walk.table.convert(sine(at)), walk.table.convert(cosine(at))
    sign = -1 if sine is sp.sin else 1
    first = walk.add(walk.scale(small[1], sine_head), walk.scale(small[0], cosine_head))
    second = walk.add(walk.scale(small[1], cosine_head), walk.scale(small[0], sine_head * sign))
    return first, second


def _quotient(walk: Expander, func: Any, s: Local, c: Local, names: tuple[Any, ...]) -> Local:
    """One of sin, cos, tan, cot, sec, csc (or their hyperbolic namesakes) from sine and cosine."""
    top, bottom = ((s, None), (c, None), (s, c), (c, s), (None, c), (None, s))[names.index(func)]
    if bottom is None:
        assert top is not None
        return top
    below = walk.power(bottom, sp.Integer(-1))
    return below if top is None else walk.mul(top, below)


def _rewritten(form: Callable[[sp.Expr], sp.Expr]) -> Callable[[Expander, sp.Expr], Local]:
    return lambda walk, expr: walk.value(form(expr.args[0]))


def _reflected(form: Callable[[sp.Expr, int], sp.Expr]) -> Callable[[Expander, sp.Expr], Local]:
    """Near a finite argument by the derivative, at a large one through the form ``form(u, sign of u)``."""

    def rule(walk: Expander, expr: sp.Expr) -> Local:
        inner = walk.value(expr.args[0])
        if walk.tendency(inner) <= 0:
            return analytic(walk, expr, 0)
        return walk.value(form(expr.args[0], walk.sign(inner)))

    return rule


_BY_SIGN = (sp.Abs, sp.sign, sp.Heaviside, sp.Max, sp.Min, sp.Piecewise)
_LIMITS = {sp.tanh: sp.Integer(1), sp.coth: sp.Integer(1), sp.erf: sp.Integer(1), sp.atan: sp.pi / 2}
_RULES: dict[Any, Callable[[Expander, sp.Expr], Local]] = {
    sp.Abs: _abs,
    sp.sign: _sign,
    sp.Heaviside: _heaviside,
    sp.Max: _extreme,
    sp.Min: _extreme,
    sp.Piecewise: _piecewise,
    **dict.fromkeys((sp.sinh, sp.cosh, sp.tanh, sp.coth, sp.sech, sp.csch), _hyperbolic),
    **dict.fromkeys((sp.sin, sp.cos, sp.tan, sp.cot, sp.sec, sp.csc), _trigonometric),
    sp.asinh: _reflected(lambda u, s: s * sp.log(s * u + sp.sqrt(1 + u**2))),
    sp.acosh: _rewritten(lambda u: sp.log(u + sp.sqrt(u - 1) * sp.sqrt(u + 1))),
    sp.atanh: _rewritten(lambda u: sp.log(1 + u) / 2 - sp.log(1 - u) / 2),
    sp.acoth: _rewritten(lambda u: sp.log(1 + 1 / u) / 2 - sp.log(1 - 1 / u) / 2),
    sp.atan: _reflected(lambda u, s: s * sp.pi / 2 - sp.atan(1 / u)),
    sp.acot: _rewritten(lambda u: sp.atan(1 / u)),
    sp.erf: erf_rule,
    sp.erfc: erf_rule,
    sp.loggamma: log_gamma_rule,
    sp.gamma: gamma_rule,
    sp.LambertW: lambert_rule,
    sp.factorial: _rewritten(lambda u: sp.gamma(u + 1)),
    sp.digamma: digamma_rule,
    sp.polygamma: digamma_rule,
}
