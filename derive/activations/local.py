r"""Exact one-sided expansions of an analytic expression: :math:`f(x_0 \pm t) = \sum_k c_k t^{s_k}`, t -> 0+.

The exponents are real numbers, so that poles, removable points and roots are covered.  This decides whether an
activation is analytic where two of its branches meet, and gives its Taylor coefficients at 0.  Truncated series are
dictionaries from exponent to coefficient together with the exponent from which nothing is known; coefficients are exact
SymPy numbers, and a coefficient counts as zero only when that is certain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, islice

import sympy as sp

from derive.activations.values import is_zero, power, sign_of
from derive.activations.zeros import plain
from derive.errors import UnsupportedError

__all__ = ["Local", "local_series"]

_EXTRA = (0, 1, 2, 4, 8, 16, 32)  # terms computed beyond those asked for, where some are lost


class _TooShort(Exception):
    """A leading term was needed and is not among the terms known."""


@dataclass(frozen=True)
class Local:
    """Terms ``{exponent: coefficient}``, complete below the exponent ``known``.

    On the way a coefficient may be zero in disguise; in what :func:`local_series` returns none is.
    """

    terms: dict[sp.Rational, sp.Expr]
    known: sp.Rational

    @property
    def valuation(self) -> sp.Rational:
        """The smallest exponent, ``known`` when there is no term below it."""
        return min(self.terms, default=self.known)

    def coefficient(self, exponent: int | sp.Rational) -> sp.Expr:
        """The coefficient of one exponent below ``known``."""
        return self.terms.get(sp.Rational(exponent), sp.S.Zero)


def _stripped(series: Local) -> Local:
    """The series without leading terms that are zero in disguise."""
    terms = dict(series.terms)
    for exponent in sorted(series.terms):
        if not is_zero(terms[exponent]):
            break
        del terms[exponent]
    return Local(terms, series.known)


def _clean(terms: dict[sp.Rational, sp.Expr], known: sp.Rational) -> Local:
    kept = {}
    for exponent, value in terms.items():
        if exponent < known:
            value = value if value.is_Rational else sp.expand(value)
            if value != 0:
                kept[exponent] = value
    return Local(kept, known)


def _add(a: Local, b: Local) -> Local:
    total = dict(a.terms)
    for exponent, value in b.terms.items():
        total[exponent] = total.get(exponent, sp.S.Zero) + value
    return _clean(total, min(a.known, b.known))


def _multiply(a: Local, b: Local) -> Local:
    known = min(a.known + b.valuation, b.known + a.valuation)
    total: dict[sp.Rational, sp.Expr] = {}
    for ea, va in a.terms.items():
        for eb, vb in b.terms.items():
            if ea + eb < known:
                total[ea + eb] = total.get(ea + eb, sp.S.Zero) + va * vb
    return _clean(total, known)


def _constant(value: sp.Expr, known: sp.Rational) -> Local:
    return Local({} if is_zero(value) else {sp.S.Zero: value}, known)


def _compose(taylor: Iterator[sp.Expr], small: Local) -> Local:
    """sum_k f_k w^k for a series w of positive valuation, by Horner's rule."""
    steps = int(sp.ceiling(small.known / small.valuation)) if small.terms else 1
    coefficients = list(islice(taylor, steps))
    result = Local({}, small.known)
    for value in reversed(coefficients):
        result = _add(_multiply(result, small), _constant(value, small.known))
    return Local(result.terms, min(result.known, small.known))


def _power(base: Local, exponent: sp.Expr) -> Local:
    """base**exponent for a constant exponent; the leading coefficient must be positive unless it is an integer."""
    base = _stripped(base)
    if not base.terms and sign_of(exponent) > 0:
        return Local({}, base.known * exponent)
    if not base.terms:
        raise _TooShort
    v = base.valuation
    lead = base.terms[v]
    if not exponent.is_Integer and sign_of(lead) < 0:
        raise UnsupportedError(f"the power {exponent} of a negative number is not real")
    small = Local({e - v: c / lead for e, c in base.terms.items() if e != v}, base.known - v)

    def binomials() -> Iterator[sp.Expr]:
        value = sp.S.One
        for k in count():
            yield value
            value = value * (exponent - k) / (k + 1)

    unit = _compose(binomials(), small)
    shift, scale = v * exponent if v != 0 else v, power(lead, exponent)
    return Local({e + shift: scale * c for e, c in unit.terms.items()}, unit.known + shift)


# ------------------------------------------------------------------------------------- Taylor series of functions


def _cycle(*values: sp.Expr) -> Iterator[sp.Expr]:
    for k in count():
        yield values[k % len(values)] / sp.factorial(k)


def _hyperbolic(u: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """sinh u and cosh u through exp, which SymPy simplifies at logarithms."""
    return (sp.exp(u) - sp.exp(-u)) / 2, (sp.exp(u) + sp.exp(-u)) / 2


_CYCLES: dict[type, Callable[[sp.Expr], Iterator[sp.Expr]]] = {
    sp.exp: lambda u: _cycle(sp.exp(u)),
    sp.sin: lambda u: _cycle(sp.sin(u), sp.cos(u), -sp.sin(u), -sp.cos(u)),
    sp.cos: lambda u: _cycle(sp.cos(u), -sp.sin(u), -sp.cos(u), sp.sin(u)),
    sp.sinh: lambda u: _cycle(*_hyperbolic(u)),
    sp.cosh: lambda u: _cycle(*reversed(_hyperbolic(u))),
}
_QUOTIENTS: dict[type, Callable[[sp.Expr], sp.Expr]] = {
    sp.tanh: lambda u: sp.sinh(u) / sp.cosh(u),
    sp.coth: lambda u: sp.cosh(u) / sp.sinh(u),
    sp.sech: lambda u: 1 / sp.cosh(u),
    sp.csch: lambda u: 1 / sp.sinh(u),
    sp.tan: lambda u: sp.sin(u) / sp.cos(u),
    sp.cot: lambda u: sp.cos(u) / sp.sin(u),
    sp.sec: lambda u: 1 / sp.cos(u),
    sp.csc: lambda u: 1 / sp.sin(u),
}
# The inverse functions at the end points 1 and -1 of their domain, where they are analytic in a square root.
_AT_ONE: dict[type, Callable[[sp.Expr, sp.Expr], sp.Expr]] = {
    sp.asin: lambda u, end: end * (sp.pi / 2 - 2 * sp.asin(sp.sqrt((1 - end * u) / 2))),
    sp.acos: lambda u, end: sp.pi / 2 - end * (sp.pi / 2 - 2 * sp.asin(sp.sqrt((1 - end * u) / 2))),
    sp.acosh: lambda u, end: 2 * sp.asinh(sp.sqrt((u - 1) / 2)),
}
# Functions whose derivative is made of simpler ones: their series is the integral of the derivative's.
_INTEGRALS = (sp.erf, sp.erfc, sp.erfi, sp.atan, sp.asin, sp.acos, sp.asinh, sp.acosh, sp.atanh, sp.acoth, sp.log)


def _integral(f: type, at: sp.Expr, order: sp.Rational) -> Iterator[sp.Expr]:
    y = sp.Dummy("y", real=True)
    slope = local_series(f(y).diff(y), y, at, 1, max(int(sp.ceiling(order)), 1))
    yield f(at)
    for k in count(1):
        yield slope.coefficient(k - 1) / k


def _derivatives(f: type, at: sp.Expr) -> Iterator[sp.Expr]:
    """The Taylor coefficients of any other function by repeated differentiation."""
    y = sp.Dummy("y", real=True)
    term = f(y)
    for k in count():
        yield term.subs(y, at) / sp.factorial(k)
        term = sp.diff(term, y)


def _function(expr: sp.Function, x: sp.Symbol, at: sp.Expr, side: int, order: sp.Rational) -> Local:
    head, argument = expr.func, expr.args[0]
    if len(expr.args) > 1:
        raise UnsupportedError(f"{plain(expr)} has no local expansion here")
    inner = _stripped(_expand(argument, x, at, side, order))
    if inner.known <= 0:
        raise _TooShort
    if inner.valuation < 0:
        raise UnsupportedError(f"{plain(expr)} has an essential singularity or a limit from infinity at {at}")
    value = inner.coefficient(0)
    if head in _QUOTIENTS:
        hyperbolic = value != 0 and head in (sp.tanh, sp.coth, sp.sech, sp.csch)
        form = expr.rewrite(sp.exp) if hyperbolic else _QUOTIENTS[head](argument)
        return _expand(form, x, at, side, order)
    small = Local({e: c for e, c in inner.terms.items() if e != 0}, inner.known)
    steps = order / small.valuation if small.terms else sp.S.One
    if head in _CYCLES:
        return _compose(_CYCLES[head](value), small)
    if head in _INTEGRALS and _regular(head, value):
        return _compose(_integral(head, value, steps), small)
    if head in _AT_ONE and is_zero(1 - value**2):
        return _expand(_AT_ONE[head](argument, value), x, at, side, order)
    if head in _INTEGRALS:
        raise UnsupportedError(f"{plain(expr)} is singular at {at} in a way that powers do not describe")
    return _compose(_derivatives(head, value), small)


def _regular(head: type, value: sp.Expr) -> bool:
    """Whether one of the integrated functions is analytic at a value."""
    if head is sp.log:
        return sign_of(value) > 0
    if head in (sp.asin, sp.acos, sp.atanh, sp.acoth):
        return not is_zero(1 - value**2)
    return head is not sp.acosh or sign_of(value - 1) > 0


# ------------------------------------------------------------------------------------------------------ expansion


def _expand(expr: sp.Expr, x: sp.Symbol, at: sp.Expr, side: int, order: sp.Rational) -> Local:
    if not expr.has(x):
        return _constant(expr, order)
    if expr == x:
        return _clean({sp.S.Zero: at, sp.S.One: sp.Integer(side)}, order)
    if isinstance(expr, (sp.Add, sp.Mul)):
        combine = _add if isinstance(expr, sp.Add) else _multiply
        parts = [_expand(a, x, at, side, order) for a in expr.args]
        result = parts[0]
        for part in parts[1:]:
            result = combine(result, part)
        return result
    if isinstance(expr, sp.Pow):
        if expr.exp.has(x):
            return _expand(sp.exp(expr.exp * sp.log(expr.base)), x, at, side, order)
        return _power(_expand(expr.base, x, at, side, order), expr.exp)
    if isinstance(expr, sp.Function):
        return _function(expr, x, at, side, order)
    raise UnsupportedError(f"{plain(expr)} has no local expansion here")


@lru_cache(maxsize=1024)
def local_series(expr: sp.Expr, x: sp.Symbol, at: sp.Expr, side: int, order: int) -> Local:
    """The expansion of ``expr`` at ``at + side*t``, t -> 0+, complete below t**order.

    ``side`` is 1 or -1.  Terms lost to cancellation or division are recovered by expanding further.  Raises
    :class:`~derive.errors.UnsupportedError` where there is no expansion in powers (logarithms, essential
    singularities).

    >>> x = sp.Symbol("x", real=True)
    >>> local_series(sp.sin(x)/x, x, sp.S.Zero, 1, 4).terms
    {0: 1, 2: -1/6}
    """
    wanted = sp.Rational(order)
    for extra in _EXTRA:
        try:
            found = _expand(expr, x, sp.sympify(at, strict=True), side, wanted + extra)
        except _TooShort:
            continue
        if found.known >= wanted:
            return Local({e: c for e, c in sorted(found.terms.items()) if e < wanted and not is_zero(c)}, wanted)
    raise UnsupportedError(f"the expansion of {plain(expr)} at {at} loses too many terms to cancellation")
