r"""Formulas as text and LaTeX for certificates: variances print as :math:`\sigma_w^2`, not as :math:`\sigma_{w2}`."""

from __future__ import annotations

import re

import sympy as sp

__all__ = ["formula_latex", "formula_text", "symbol_latex"]

_VARIANCE = re.compile(r"sigma_?([a-z])2")


def symbol_latex(symbol: sp.Symbol) -> str:
    r"""The LaTeX of a symbol; ``sigma_w2`` and ``sigma_w^2`` mean the same.

    >>> symbol_latex(sp.Symbol("sigma_w2"))
    '\\sigma_{w}^{2}'
    """
    found = _VARIANCE.fullmatch(symbol.name)
    return rf"\sigma_{{{found[1]}}}^{{2}}" if found else sp.latex(symbol)


def formula_latex(expr: sp.Basic) -> str:
    r"""The LaTeX of an expression or relation.

    >>> formula_latex(sp.Symbol("sigma_v2")**2)
    '\\left(\\sigma_{v}^{2}\\right)^{2}'
    """
    names = {s: symbol_latex(s) for s in expr.atoms(sp.Symbol)}
    return sp.latex(expr, symbol_names=names, parenthesize_super=True)


def formula_text(expr: sp.Basic) -> str:
    """The expression or relation in Python notation; an equation is written with ``=``."""
    if isinstance(expr, sp.Equality):
        return f"{expr.lhs} = {expr.rhs}"
    return str(expr)
