"""How results of networks show themselves in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import sympy as sp

__all__ = ["SumOfTerms", "trajectory_html"]

_HEAD, _TAIL = 4, 3


class SumOfTerms:
    """A law with ``terms``, sorted, and ``error``, an O-term: their sum, in print and in notebooks."""

    terms: tuple[sp.Expr, ...]
    error: sp.Expr

    @property
    def expr(self) -> sp.Expr:
        """The sum of the terms."""
        return sp.Add(*self.terms)

    def __repr__(self) -> str:
        return f"{self.expr} + {self.error}"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {sp.latex(self.expr)} + {sp.latex(self.error)}$"


def trajectory_html(run: Any) -> str:
    """The first and the last layers as a table, with the inputs above it.

    ``run`` is a mapping of names to arrays over the layers with ``inputs``, the exact variances and starts as text.
    """
    arrays: Mapping[str, Any] = run.arrays
    count = len(next(iter(arrays.values())))
    rows = range(count) if count <= _HEAD + _TAIL + 1 else [*range(_HEAD), None, *range(count - _TAIL, count)]
    head = "".join(f"<th>{escape(name)}</th>" for name in ("layer", *arrays))
    lines = [_inputs(run.inputs), f"<table><thead><tr>{head}</tr></thead><tbody>"]
    for row in rows:
        cells = ["…"] * (len(arrays) + 1) if row is None else [str(row), *(f"{a[row]:.8g}" for a in arrays.values())]
        lines.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    return "\n".join([*lines, "</tbody></table>"])


def _inputs(inputs: Mapping[str, str]) -> str:
    return "<p>" + escape(", ".join(f"{name} = {value}" for name, value in inputs.items())) + "</p>"
