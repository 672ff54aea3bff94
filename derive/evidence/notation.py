r"""Formulas as text and LaTeX for certificates: variances print as :math:`\sigma_w^2`, not as :math:`\sigma_{w2}`."""

from __future__ import annotations

import re

import sympy as sp

__all__ = ["formula_latex", "formula_text", "symbol_latex"]

_VARIANCE = re.compile(r"sigma_?([a-z])2")


def _letter(name: str) -> str:
    """A name as a letter: Greek where it is one, upright where it is a word."""
    latex = sp.latex(sp.Symbol({"lam": "lambda"}.get(name, name)))
    return rf"\mathrm{{{latex}}}" if latex.isalpha() and len(latex) > 1 else latex


def symbol_latex(symbol: sp.Symbol) -> str:
    r"""The LaTeX of a symbol: variances as squares, words upright, a trailing underscore as the layer before.

    >>> [symbol_latex(sp.Symbol(n)) for n in ("sigma_w2", "chi_", "e_limit", "lam")]
    ['\\sigma_{w}^{2}', '\\underline{\\chi}', 'e_{\\mathrm{limit}}', '\\lambda']
    """
    if type(symbol) is not sp.Symbol:  # a symbol that prints itself
        return sp.latex(symbol)
    found = _VARIANCE.fullmatch(symbol.name)
    if found:
        return rf"\sigma_{{{found[1]}}}^{{2}}"
    head, _, subscript = symbol.name.rstrip("_").partition("_")
    if not (head.isalpha() and (not subscript or subscript.isalnum())):
        return sp.latex(symbol)
    latex = f"{_letter(head)}_{{{_letter(subscript)}}}" if subscript else _letter(head)
    return rf"\underline{{{latex}}}" if symbol.name.endswith("_") else latex


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
