r"""The polynomial a function approaches exponentially fast at +oo, and the rest without cancellation.

A function is written as f = e^{E(x)} (P(x) + d(x)) with polynomials E (no constant term) and P, and d smaller than
every power of 1/x.  Sums keep the larger E, products add them, logarithms and powers act on the leading part; bounded
functions with exponentially fast limits (tanh, erf, ...) take their limit.  The rest d is carried as an expression
in which nothing cancels (log1p, expm1 and erfc in place of differences), so it can be evaluated to full relative
accuracy far out.

This is the class closed under what activations are made of.  An algebraic tail (arctan, x/(1+|x|), sqrt(1+x^2)) lies
outside it and is refused, because its large-variance expansion holds other powers and logarithms.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

from derive.errors import UnsupportedError
from derive.expectations.asymptotic.pieces import X
from derive.expectations.asymptotic.stable import Expm1, Log1p

__all__ = ["Leading", "leading"]

_STEPS = (sp.tanh, sp.erf)  # odd, limit 1, approached exponentially fast
_THROUGH_EXP = (sp.sinh, sp.cosh, sp.sech, sp.csch, sp.coth)
_WAVES = (sp.sin, sp.cos)


@dataclass(frozen=True)
class Leading:
    """e^growth (poly + rest) near +oo; ``poly`` is None for a bounded function without limit (then ``rest`` is all)."""

    growth: sp.Expr
    poly: sp.Expr | None
    rest: sp.Expr

    def rest_at_zero_growth(self) -> sp.Expr:
        """Return f - (its asymptote), for growth <= 0."""
        if self.growth == 0:
            return self.rest
        return sp.exp(self.growth) * ((self.poly or 0) + self.rest)


def leading(expr: sp.Expr) -> tuple[dict[sp.Expr, sp.Expr], sp.Expr]:
    """Return ({power: coefficient} of the asymptote of ``expr`` at +oo, the rest without cancellation).

    Raises :class:`~derive.errors.UnsupportedError` when the function grows exponentially or has an algebraic tail.
    """
    found = _leading(sp.sympify(expr, strict=True))
    direction = _direction(found.growth)
    if direction > 0:
        raise UnsupportedError(
            f"{expr} grows like exp({found.growth}); its expectation has no expansion in powers of q"
        )
    if direction < 0:
        return {}, found.rest_at_zero_growth()
    if found.poly is None:
        raise UnsupportedError(f"{expr} has no limit at infinity; its expectation has no expansion in powers of q")
    poly = sp.Poly(found.poly, X)
    return {sp.Integer(j): c for (j,), c in poly.terms() if c != 0}, found.rest


def _direction(e: sp.Expr) -> int:
    """Return the sign near +oo of a polynomial without constant term (0 if it vanishes)."""
    return 0 if e == 0 else _lead_sign(e)


def _lead_sign(poly: sp.Expr) -> int:
    return 1 if sp.Poly(poly, X).LC().evalf(30) > 0 else -1


@lru_cache(maxsize=4096)
def _leading(expr: sp.Expr) -> Leading:
    if not expr.has(X):
        return Leading(sp.S.Zero, expr, sp.S.Zero)
    if expr == X:
        return Leading(sp.S.Zero, X, sp.S.Zero)
    for kinds, rule in _RULES:
        if isinstance(expr, kinds):
            return rule(expr)
    raise UnsupportedError(f"no exponentially fast limit is known for {expr}")


def _add(expr: sp.Expr) -> Leading:
    parts = [_leading(a) for a in expr.args]
    best = parts[0].growth
    for part in parts[1:]:
        if _direction(sp.expand(part.growth - best)) > 0:
            best = part.growth
    top = [p for p in parts if sp.expand(p.growth - best) == 0]
    low = [p for p in parts if sp.expand(p.growth - best) != 0]
    rest = sp.Add(*(p.rest for p in top), *(sp.exp(p.growth - best) * ((p.poly or 0) + p.rest) for p in low))
    if any(p.poly is None for p in top):
        return Leading(best, None, sp.Add(*(p.poly or 0 for p in top)) + rest)
    poly = sp.expand(sp.Add(*(p.poly for p in top)))
    if poly == 0 and _direction(best) > 0:
        raise UnsupportedError(f"the leading parts of {expr} cancel at infinity; write it without the cancellation")
    return Leading(best, poly, rest)


def _mul(expr: sp.Expr) -> Leading:
    total = Leading(sp.S.Zero, sp.S.One, sp.S.Zero)
    for factor in expr.args:
        total = _times(total, _leading(factor))
    return total


def _times(a: Leading, b: Leading) -> Leading:
    growth = sp.expand(a.growth + b.growth)
    if a.poly is None or b.poly is None:
        return Leading(growth, None, ((a.poly or 0) + a.rest) * ((b.poly or 0) + b.rest))
    return Leading(growth, sp.expand(a.poly * b.poly), a.poly * b.rest + a.rest * (b.poly + b.rest))


def _power(expr: sp.Expr) -> Leading:
    if expr.exp.has(X) or expr.base == sp.E:
        return _exponential(expr.exp if expr.base == sp.E else expr.exp * sp.log(expr.base), expr)
    if expr.exp.is_Integer and expr.exp > 0:
        return _integer_power(_leading(expr.base), int(expr.exp))
    base = _leading(expr.base)
    if not base.poly or base.poly.has(X):
        raise UnsupportedError(f"{expr} has an algebraic tail; only tails that fall off exponentially are expanded")
    scale = base.poly**expr.exp
    return Leading(sp.expand(base.growth * expr.exp), scale, scale * Expm1(expr.exp * Log1p(base.rest / base.poly)))


def _integer_power(base: Leading, n: int) -> Leading:
    """(P + d)^n, the rest by Horner's rule in d: d occurs n times, not 2^n times."""
    growth = sp.expand(n * base.growth)
    if base.poly is None:
        return Leading(growth, None, base.rest**n)
    rest = sp.S.Zero
    if base.rest != 0:
        for k in range(n, 0, -1):
            rest = base.rest * (sp.binomial(n, k) * sp.expand(base.poly ** (n - k)) + rest)
    return Leading(growth, sp.expand(base.poly**n), rest)


def _exponential(argument: sp.Expr, expr: sp.Expr) -> Leading:
    inner = _leading(sp.expand(argument))
    if _direction(inner.growth) > 0 or inner.poly is None:
        raise UnsupportedError(f"{expr} has no leading part of the form exp(polynomial) times polynomial")
    if inner.growth != 0:
        return Leading(sp.S.Zero, sp.S.One, Expm1(inner.rest_at_zero_growth()))
    constant = inner.poly.subs(X, 0)
    scale = sp.exp(constant)
    return Leading(sp.expand(inner.poly - constant), scale, scale * Expm1(inner.rest) if inner.rest != 0 else sp.S.Zero)


def _logarithm(expr: sp.Expr) -> Leading:
    inner = _leading(expr.args[0])
    if not inner.poly or inner.poly.has(X) or not inner.poly.is_positive:
        raise UnsupportedError(f"{expr} has a logarithmic tail; only polynomial asymptotes are expanded")
    return Leading(sp.S.Zero, sp.expand(inner.growth + sp.log(inner.poly)), Log1p(inner.rest / inner.poly))


def _step(expr: sp.Expr) -> Leading:
    inner = _leading(expr.args[0])
    if _direction(inner.growth) < 0:
        return Leading(sp.S.Zero, sp.S.Zero, expr.func(inner.rest_at_zero_growth()))
    if inner.poly is None:
        raise UnsupportedError(f"{expr} has no limit at infinity")
    if inner.growth == 0 and not inner.poly.has(X):
        return _near_constant(expr.func, inner)
    side = _lead_sign(inner.poly)
    return Leading(sp.S.Zero, sp.Integer(side), -side * _below_one(expr.func, side, inner))


def _below_one(function: type, side: int, inner: Leading) -> sp.Expr:
    """1 - f(u) for u = side * (argument) -> oo: erfc(u), or 2 e^{-2u}/(1 + e^{-2u}) for tanh."""
    poly = sp.sympify(inner.poly, strict=True)
    if inner.growth != 0:
        u = side * sp.exp(inner.growth) * (poly + inner.rest)
        small = sp.exp(-2 * u)
    else:
        u = side * (poly + inner.rest)
        small = sp.exp(sp.expand(-2 * side * poly)) * sp.exp(-2 * side * inner.rest)
    return sp.erfc(u) if function is sp.erf else 2 * small / (1 + small)


def _near_constant(function: type, inner: Leading) -> Leading:
    """f(c + d) - f(c) for d -> 0: for tanh by the addition theorem, otherwise as it stands."""
    c, d = inner.poly, inner.rest
    if function is sp.tanh:
        return Leading(sp.S.Zero, sp.tanh(c), sp.tanh(d) * (1 - sp.tanh(c) ** 2) / (1 + sp.tanh(c) * sp.tanh(d)))
    return Leading(sp.S.Zero, function(c), function(c + d) - function(c))


def _wave(expr: sp.Expr) -> Leading:
    inner = _leading(expr.args[0])
    if inner.poly is None or inner.growth != 0 or inner.poly.has(X):
        return Leading(sp.S.Zero, None, expr)
    c, d = inner.poly, inner.rest
    other = sp.cos(c + d / 2) if expr.func is sp.sin else -sp.sin(c + d / 2)
    return Leading(sp.S.Zero, expr.func(c), 2 * sp.sin(d / 2) * other)


_RULES = (
    (sp.Add, _add),
    (sp.Mul, _mul),
    (sp.exp, lambda e: _exponential(e.exp, e)),
    (sp.Pow, _power),
    (_THROUGH_EXP, lambda e: _leading(e.rewrite(sp.exp))),
    (sp.log, _logarithm),
    (sp.erfc, lambda e: _leading(1 - sp.erf(e.args[0], evaluate=False))),
    (_STEPS, _step),
    (_WAVES, _wave),
)
