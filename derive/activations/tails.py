r"""How an analytic expression behaves as :math:`t \to +\infty`: its limit and its growth.

The leading behaviour :math:`c\, e^{E(t)} t^g (\log t)^k` is computed by rules from the inside out, which takes
milliseconds and cannot hang.  Saturating functions are first split into their limit and a vanishing part
(:math:`\operatorname{erf} u = 1 - \operatorname{erfc} u`), so that cancellations such as
:math:`x(1 + \operatorname{erf} x)` at minus infinity are exact.  Where the rules end (other cancellations), SymPy's
limit is asked, and its answer must agree with the function's values at large arguments.  Oscillation is kept as an
interval (``AccumBounds``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

from derive.activations.values import in_exponentials, sign_of
from derive.activations.zeros import plain
from derive.errors import UnsupportedError

__all__ = ["Tail", "tail"]

T = sp.Dummy("t", positive=True)
_WAVES = (sp.sin, sp.cos)


class _Unclear(Exception):
    """The rules do not decide: a leading coefficient cancels, or a function has none here."""


@dataclass(frozen=True)
class _Lead:
    """c exp(E) t**power log(t)**log (1 + o(1)); E is 0 or tends to +-infinity faster than log t."""

    c: sp.Expr
    exponential: sp.Expr = sp.S.Zero
    power: sp.Expr = sp.S.Zero
    log: sp.Expr = sp.S.Zero

    def __mul__(self, other: _Lead) -> _Lead:
        c = self.c * other.c
        return _Lead(c, self.exponential + other.exponential, self.power + other.power, self.log + other.log)

    def size(self) -> int:
        """1 when the absolute value tends to infinity, -1 to zero, 0 to a finite limit other than zero."""
        if self.exponential != 0:
            return _sign(_lead(self.exponential).c)
        return next((sign_of(s) for s in (self.power, self.log) if sign_of(s)), 0)


@dataclass(frozen=True)
class Tail:
    """The limit (a number, an infinity, or an interval for an oscillation) and the exponent of growth, at least 0."""

    limit: sp.Expr
    growth: sp.Expr
    bounded: bool


@lru_cache(maxsize=512)
def tail(expr: sp.Expr, x: sp.Symbol, side: int) -> Tail:
    """The behaviour of ``expr`` as ``side * x`` tends to infinity; ``expr`` is analytic near there.

    >>> x = sp.Symbol("x", real=True)
    >>> tail(x*(1 + sp.erf(x))/2, x, -1).limit
    0

    Raises :class:`~derive.errors.UnsupportedError` when neither the rules nor a confirmed limit of SymPy decides.
    """
    at_infinity = expr.subs(x, side * T)
    try:
        return _read_off(_lead_with_retries(at_infinity))
    except (_Unclear, RecursionError):
        return _confirmed(at_infinity, expr)


def _read_off(lead: _Lead) -> Tail:
    size = lead.size()
    growth = sp.oo if size > 0 and lead.exponential != 0 else sp.Max(lead.power if not lead.exponential else 0, 0)
    if size < 0:
        return Tail(sp.S.Zero, sp.S.Zero, True)
    if size == 0:
        return Tail(lead.c, sp.S.Zero, True)
    if isinstance(lead.c, sp.AccumBounds):
        return Tail(lead.c * sp.oo, growth, False)
    return Tail(sp.oo * sign_of(lead.c), growth, False)


def _lead_with_retries(expr: sp.Expr) -> _Lead:
    for form in (lambda e: e, sp.expand_mul, sp.together, lambda e: sp.together(in_exponentials(e)), sp.expand):
        try:
            return _lead(form(_split_saturating(expr)))
        except _Unclear:
            continue
    raise _Unclear


# ---------------------------------------------------------------------------------------------------- the rules


def _sign(c: sp.Expr) -> int:
    if isinstance(c, sp.AccumBounds):
        if c.min >= 0 or c.max <= 0:
            return 1 if c.max > 0 else -1
        raise _Unclear
    return sign_of(c)


def _split_saturating(expr: sp.Expr) -> sp.Expr:
    """tanh, erf and atan of arguments that tend to infinity, written as limit plus vanishing part."""
    parts: dict[type, Callable[[sp.Expr], sp.Expr]] = {
        sp.tanh: lambda u: 1 - 2 / (sp.exp(2 * u) + 1),
        sp.erf: lambda u: 1 - sp.erfc(u),
        sp.atan: lambda u: sp.pi / 2 - sp.atan(1 / u),
    }

    def split(node: sp.Expr) -> sp.Expr:
        try:
            lead = _lead(node.args[0])
            if lead.size() <= 0:
                return node
            sign = _sign(lead.c)
        except _Unclear:
            return node
        return sign * parts[node.func](sign * node.args[0])

    return expr.replace(lambda e: e.func in parts and e.has(T), split)


@lru_cache(maxsize=4096)
def _lead(e: sp.Expr) -> _Lead:
    if not e.has(T):
        return _Lead(e)
    if e == T:
        return _Lead(sp.S.One, power=sp.S.One)
    if isinstance(e, sp.Add):
        return _lead_sum(e)
    if isinstance(e, sp.Mul):
        result = _Lead(sp.S.One)
        for factor in e.args:
            result = result * _lead(factor)
        return result
    if isinstance(e, sp.Pow):
        return _lead_power(e)
    if isinstance(e, sp.Function) and e.func in _RULES:
        return _RULES[e.func](e.args[0])
    if isinstance(e, sp.Function):
        return _lead_smooth(e)
    raise _Unclear


def _lead_sum(e: sp.Add) -> _Lead:
    best: _Lead | None = None
    for term in (_lead(a) for a in e.args):
        if best is None:
            best = term
            continue
        ratio = _Lead(sp.S.One, term.exponential - best.exponential, term.power - best.power, term.log - best.log)
        if ratio.exponential != 0:
            ratio = _lead_exp(ratio.exponential) * _Lead(sp.S.One, power=ratio.power, log=ratio.log)
        size = ratio.size()
        if size > 0:
            best = term
        elif size == 0:
            best = _Lead(best.c + ratio.c * term.c, best.exponential, best.power, best.log)
    assert best is not None
    if not isinstance(best.c, sp.AccumBounds) and sign_of(sp.expand(best.c)) == 0:
        raise _Unclear
    return best


def _lead_power(e: sp.Pow) -> _Lead:
    if e.exp.has(T):
        return _lead(sp.exp(e.exp * sp.log(e.base)))
    base = _lead(e.base)
    if isinstance(base.c, sp.AccumBounds) and (not e.exp.is_Integer or e.exp < 0):
        raise _Unclear
    if not isinstance(base.c, sp.AccumBounds) and not e.exp.is_Integer and sign_of(base.c) < 0:
        raise _Unclear
    return _Lead(base.c**e.exp, e.exp * base.exponential, e.exp * base.power, e.exp * base.log)


def _lead_exp(u: sp.Expr) -> _Lead:
    inner = _lead(u)
    size = inner.size()
    if size < 0:
        return _Lead(sp.S.One)
    if size == 0:
        return _Lead(sp.exp(inner.c))
    if inner.exponential == 0 and inner.power == 0:
        if inner.log != 1 or isinstance(inner.c, sp.AccumBounds):
            raise _Unclear
        rest = _lead_exp(sp.expand_log(u - inner.c * sp.log(T)))  # exp(c log t + rest)
        return _Lead(rest.c, rest.exponential, inner.c + rest.power, rest.log)
    _sign(inner.c)
    return _Lead(sp.S.One, exponential=u)


def _lead_log(u: sp.Expr) -> _Lead:
    inner = _lead(u)
    if isinstance(inner.c, sp.AccumBounds) or sign_of(inner.c) <= 0:
        raise _Unclear
    if inner.exponential != 0:
        return _lead(inner.exponential)
    if inner.power != 0:
        return _Lead(inner.power, log=sp.S.One)
    if inner.log != 0:
        raise _Unclear
    return _lead(u - 1) if inner.c == 1 else _Lead(sp.log(inner.c))


def _lead_erfc(u: sp.Expr) -> _Lead:
    inner = _lead(u)
    if inner.size() <= 0:
        return _lead_smooth(sp.erfc(u))
    if _sign(inner.c) < 0:
        return _Lead(sp.Integer(2))
    return _lead(sp.exp(-sp.expand(u**2)) / (sp.sqrt(sp.pi) * u))


def _lead_erfi(u: sp.Expr) -> _Lead:
    inner = _lead(u)
    if inner.size() <= 0:
        return _lead_smooth(sp.erfi(u))
    return _lead(sp.exp(sp.expand(u**2)) / (sp.sqrt(sp.pi) * u))


def _lead_hyperbolic(head: type) -> Callable[[sp.Expr], _Lead]:
    def rule(u: sp.Expr) -> _Lead:
        if _lead(u).size() <= 0:
            return _lead_smooth(head(u))
        return _lead(head(u).rewrite(sp.exp))

    return rule


def _lead_asinh(u: sp.Expr) -> _Lead:
    inner = _lead(u)
    if inner.size() <= 0:
        return _lead_smooth(sp.asinh(u))
    sign = _sign(inner.c)
    return _Lead(sp.Integer(sign)) * _lead(sp.log(2 * sign * u))


_RULES: dict[type, Callable[[sp.Expr], _Lead]] = {
    sp.exp: _lead_exp,
    sp.log: _lead_log,
    sp.erfc: _lead_erfc,
    sp.erfi: _lead_erfi,
    sp.asinh: _lead_asinh,
    sp.acosh: lambda u: _lead(sp.log(2 * u)) if _lead(u).size() > 0 else _lead_smooth(sp.acosh(u)),
    **{head: _lead_hyperbolic(head) for head in (sp.sinh, sp.cosh, sp.sech, sp.csch, sp.coth)},
}
_LIMITS = {sp.tanh: sp.S.One, sp.erf: sp.S.One, sp.atan: sp.pi / 2}


def _lead_smooth(e: sp.Function) -> _Lead:
    """A function of an argument with a limit: its value there, or its slope times the argument's distance."""
    inner = _lead(e.args[0])
    size = inner.size()
    if e.func in _WAVES and (size > 0 or isinstance(inner.c, sp.AccumBounds)):
        return _Lead(sp.AccumBounds(-1, 1))
    if size > 0:
        if e.func not in _LIMITS:
            raise _Unclear
        return _Lead(_sign(inner.c) * _LIMITS[e.func])
    if isinstance(inner.c, sp.AccumBounds):
        raise _Unclear
    limit = inner.c if size == 0 else sp.S.Zero
    value = e.func(limit)
    if value.has(sp.oo, -sp.oo, sp.zoo, sp.nan):
        raise _Unclear
    if sign_of(value):
        return _Lead(value)
    y = sp.Dummy("y", real=True)
    slope = e.func(y).diff(y).subs(y, limit)
    if slope.has(sp.oo, -sp.oo, sp.zoo, sp.nan) or sign_of(slope) == 0:
        raise _Unclear
    return _Lead(slope) * _lead(e.args[0] - limit)


# ------------------------------------------------------------------------------------------- SymPy, then a test


def _confirmed(e: sp.Expr, shown: sp.Expr) -> Tail:
    """SymPy's limit and growth, if the values at large arguments agree with them."""
    unknown = UnsupportedError(
        f"the behaviour of {plain(shown)} at infinity could not be determined; simplify the formula"
    )
    if sp.count_ops(e) > 60 or e.has(*_WAVES):
        raise unknown
    try:
        limit = sp.limit(e, T, sp.oo)
        growth = sp.S.Zero if limit.is_finite else sp.limit(T * sp.diff(e, T) / e, T, sp.oo)
    except (NotImplementedError, ValueError, TypeError, RecursionError):
        raise unknown from None
    if limit.free_symbols or limit.is_extended_real is not True or not growth.is_extended_nonnegative:
        raise unknown
    values = [e.subs(T, sp.Integer(10) ** k).evalf(30, maxn=2000) for k in (3, 6, 9)]
    if not all(v.is_Float or v.is_Rational for v in values):
        raise unknown
    if limit.is_finite:
        gaps = [abs(v - limit) for v in values]
        agrees = gaps[2] <= gaps[0] and gaps[2] < sp.Rational(1, 10)
    else:
        agrees = abs(values[2]) > abs(values[0]) and sp.sign(values[2]) == sp.sign(limit)
    if not agrees:
        raise unknown
    return Tail(limit, growth, bool(limit.is_finite))
