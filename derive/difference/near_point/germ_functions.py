"""Which functions a germ may be made of, and where their principal branches are analytic."""

from __future__ import annotations

from typing import Any

import sympy as sp

__all__ = ["analytic_factors", "complex_value", "plain"]


def complex_value(head: type, value: Any) -> Any:
    """The function ``head`` at a complex ball."""
    from flint import acb

    return getattr(acb(value), _CIRCLE[head])()


_CIRCLE: dict[type, str] = {
    sp.exp: "exp",
    sp.log: "log",
    sp.sin: "sin",
    sp.cos: "cos",
    sp.sinh: "sinh",
    sp.cosh: "cosh",
    sp.asin: "asin",
    sp.acos: "acos",
    sp.atan: "atan",
    sp.asinh: "asinh",
    sp.atanh: "atanh",
    sp.erf: "erf",
    sp.erfc: "erfc",
    sp.erfi: "erfi",
    sp.LambertW: "lambertw",
}


def analytic_factors(node: sp.Expr) -> list[sp.Expr]:
    """What must stay off the negative axis for the principal branch of the function to be analytic."""
    u = node.args[0]
    if node.func is sp.log:
        return [u]
    if node.func in (sp.asin, sp.acos, sp.atanh):
        return [1 - u**2]
    if node.func in (sp.atan, sp.asinh):
        return [1 + u**2]
    if node.func is sp.LambertW:
        return [1 + sp.E * u]
    return []


def plain(expr: sp.Expr) -> sp.Expr:
    """The expression in the functions treated here (tangents as quotients, maxima by absolute values)."""
    for head, rule in _RULES.items():
        expr = expr.replace(head, rule)
    return expr


def _maximum(*args: sp.Expr, sign: int = 1) -> sp.Expr:
    total = args[0]
    for a in args[1:]:
        total = (total + a + sign * sp.Abs(total - a)) / 2
    return total


_RULES: dict[type, Any] = {
    sp.tan: lambda u: sp.sin(u) / sp.cos(u),
    sp.cot: lambda u: sp.cos(u) / sp.sin(u),
    sp.sec: lambda u: 1 / sp.cos(u),
    sp.csc: lambda u: 1 / sp.sin(u),
    sp.tanh: lambda u: sp.sinh(u) / sp.cosh(u),
    sp.coth: lambda u: sp.cosh(u) / sp.sinh(u),
    sp.sech: lambda u: 1 / sp.cosh(u),
    sp.csch: lambda u: 1 / sp.sinh(u),
    sp.acot: lambda u: sp.atan(1 / u),
    sp.acosh: lambda u: sp.log(u + sp.sqrt(u - 1) * sp.sqrt(u + 1)),
    sp.Max: _maximum,
    sp.Min: lambda *args: _maximum(*args, sign=-1),
    sp.Heaviside: lambda u, *rest: (1 + sp.sign(u)) / 2,
}
