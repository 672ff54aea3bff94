r"""A function of one moving argument that tends to a finite value: by its derivative, or by Taylor's formula.

:math:`f(u(w)) = f(u(0)) + \int f'(u)\,u'\,dw` where :math:`f'` is simpler than f (erf, atan, Ei, ...), which also
covers branch points such as that of asin at 1; else Taylor coefficients by repeated SymPy differentiation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from derive.difference.near_point.local import Local
from derive.difference.series import powerseries as ps
from derive.errors import UnsupportedError

if TYPE_CHECKING:
    from derive.difference.near_point.expander import Expander

__all__ = ["analytic"]


def analytic(walk: Expander, expr: sp.Expr, place: int) -> Local:
    """A function of one moving argument that tends to a finite value."""
    inner = walk.value(expr.args[place])
    if inner.growth or any(not ps.is_zero(inner.coefficient(i)) for i in range(inner.start, 0)):
        raise UnsupportedError(f"no expansion of {expr.func.__name__} is known as its argument grows without bound")
    head = walk.table.expr(inner.coefficient(0))
    u = sp.Dummy("u", real=True)
    args = [*expr.args[:place], u, *expr.args[place + 1 :]]
    slope = expr.func(*args).diff(u)
    at_head = expr.func(*expr.args[:place], head, *expr.args[place + 1 :])
    if not slope.has(expr.func, sp.Derivative, sp.Subs) and at_head.is_finite is not False:
        moved = walk.value(slope.xreplace({u: expr.args[place]}))
        return walk.integral(walk.mul(moved, walk.derivative(inner)), walk.table.convert(at_head))
    return _taylor(walk, expr, place, inner, head)


def _taylor(walk: Expander, expr: sp.Expr, place: int, inner: Local, head: sp.Expr) -> Local:
    """Taylor coefficients by repeated differentiation (constants stay as SymPy writes them)."""
    u = sp.Dummy("u", real=True)
    current = expr.func(*expr.args[:place], u, *expr.args[place + 1 :])
    delta = walk.add(inner, walk.neg(walk.element(inner.coefficient(0))))
    if walk.is_zero(delta):
        return Local(0, tuple(ps.truncate([walk.table.convert(current.subs(u, head))], inner.end)), {}, inner.flat)
    count = (inner.end - 1) // walk.lead(delta).start + 1
    taylor = []
    for i in range(count):
        value = current.subs(u, head)
        if value.has(sp.nan, sp.zoo, sp.oo, sp.Derivative, sp.Subs):
            raise UnsupportedError(f"no Taylor expansion of {expr.func.__name__} at {head} is known")
        taylor.append(ps.ratio(walk.table.convert(value), 1, int(sp.factorial(i))))
        current = current.diff(u)
    return walk.compose(taylor, delta)
