r"""Special functions in the expander: error functions, gamma and its logarithm, digamma, Lambert's W.

Near a finite argument they are analytic (:mod:`derive.difference.near_point.analytic`); at a large one they have
asymptotic series, times an exponential where there is one (DLMF 7.12.1, 5.11.1, 5.11.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy as sp
from flint import fmpq

from derive.difference.near_point.analytic import analytic
from derive.difference.near_point.local import Local
from derive.difference.series import powerseries as ps
from derive.difference.series.outside import OutsideClass
from derive.errors import UnsupportedError

if TYPE_CHECKING:
    from derive.difference.near_point.expander import Expander

__all__ = ["digamma_rule", "erf_rule", "gamma_rule", "lambert_rule", "log_gamma_rule"]


def erf_rule(walk: Expander, expr: sp.Expr) -> Local:
    """erf or erfc: its Taylor series at a limit, the exponentially small tail (DLMF 7.12.1) towards infinity."""
    inner = walk.value(expr.args[0])
    if walk.tendency(inner) <= 0:
        return analytic(walk, expr, 0)
    tail = _erfc_tail(walk, walk.lead(inner))
    if expr.func is sp.erf:
        return walk.add(walk.element(fmpq(walk.sign(inner))), walk.neg(tail))
    return tail if walk.sign(inner) > 0 else walk.add(walk.element(fmpq(2)), tail)


def _erfc_tail(walk: Expander, u: Local) -> Local:
    """exp(-u^2)/(u sqrt(pi)) (1 - 1/(2 u^2) + 1*3/(2 u^2)^2 - ...), for u of either sign (DLMF 7.12.1)."""
    square = walk.mul(u, u)
    front = walk.mul(walk.exp(walk.neg(square)), walk.power(u, sp.Integer(-1)))
    taylor = [fmpq((-1) ** m * int(sp.factorial2(2 * m - 1)), 2**m) for m in range(walk.size)]
    series = walk.compose(taylor, walk.power(square, sp.Integer(-1)))
    return walk.scale(walk.mul(front, series), walk.table.convert(1 / sp.sqrt(sp.pi)))


def log_gamma_rule(walk: Expander, expr: sp.Expr) -> Local:
    """Stirling: (u - 1/2) log u - u + log(2 pi)/2 + sum B_2m/(2m (2m-1) u^(2m-1)) (DLMF 5.11.1)."""
    u = walk.lead(walk.value(expr.args[0]))
    if u.start >= 0:
        return analytic(walk, expr, 0)
    _only_to_plus_infinity(walk, u, expr)
    half = walk.constant(sp.log(2 * sp.pi) / 2)
    main = walk.mul(walk.add(u, walk.element(fmpq(-1, 2))), walk.log(u))
    taylor: list[Any] = [0] * walk.size
    for m in range(1, (walk.size + 1) // 2):
        b = sp.bernoulli(2 * m) / (2 * m * (2 * m - 1))
        taylor[2 * m - 1] = fmpq(int(b.p), int(b.q))
    tail = walk.compose(taylor, walk.power(u, sp.Integer(-1)))
    return walk.add(walk.add(main, walk.neg(u)), walk.add(half, tail))


def gamma_rule(walk: Expander, expr: sp.Expr) -> Local:
    """The gamma function: its Taylor series at a limit, the exponential of Stirling's series towards infinity."""
    u = walk.lead(walk.value(expr.args[0]))
    return analytic(walk, expr, 0) if u.start >= 0 else walk.exp(log_gamma_rule(walk, expr))


def digamma_rule(walk: Expander, expr: sp.Expr) -> Local:
    """log u - 1/(2u) - sum B_2m/(2m u^(2m)) (DLMF 5.11.2)."""
    u = walk.lead(walk.value(expr.args[-1]))
    if u.start >= 0 or expr.args[:-1] not in ((), (sp.S.Zero,)):
        return analytic(walk, expr, len(expr.args) - 1)
    _only_to_plus_infinity(walk, u, expr)
    taylor: list[Any] = ps.truncate([0, fmpq(-1, 2)], walk.size)
    for m in range(1, (walk.size + 1) // 2):
        b = -sp.bernoulli(2 * m) / (2 * m)
        taylor[2 * m] = fmpq(int(b.p), int(b.q))
    return walk.add(walk.log(u), walk.compose(taylor, walk.power(u, sp.Integer(-1))))


def _only_to_plus_infinity(walk: Expander, u: Local, expr: sp.Expr) -> None:
    if walk.sign(u) < 0:
        raise UnsupportedError(f"{expr} has poles as its argument tends to -oo; there is no expansion in powers")


def lambert_rule(walk: Expander, expr: sp.Expr) -> Local:
    """W(u) near u_0 by reversing W exp(W) = u; branch 0."""
    if len(expr.args) > 1 and expr.args[1] != 0:
        raise UnsupportedError(f"only the principal branch of LambertW is expanded, not {expr}")
    inner = walk.value(expr.args[0])
    if walk.tendency(inner) > 0:
        raise OutsideClass("logarithmic", "LambertW grows like a logarithm; logarithmic scales are outside the classes")
    head = sp.LambertW(walk.table.expr(inner.coefficient(0)))
    n = inner.end
    start, scale = walk.table.convert(head), walk.table.convert(sp.exp(head))
    exponential = [fmpq(1, int(sp.factorial(i))) * scale for i in range(n + 1)]
    forward = ps.sub(ps.mul([start, 1], exponential, n + 1), [start * scale], n + 1)
    taylor = [start, *ps.revert(forward, n)[1:]]
    delta = walk.add(inner, walk.neg(walk.element(inner.coefficient(0))))
    return walk.compose(taylor, delta)
