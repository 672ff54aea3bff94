"""How results without a formula of their own show themselves in Jupyter: as a table of their fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from html import escape
from typing import Any

__all__ = ["ShownAsTable", "cell", "rows_html"]

_SHORT = 8
_MANY = 8


class ShownAsTable:
    """A dataclass that shows its fields, one a row; formulas as formulas, numbers to eight digits."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return rows_html({f.name: getattr(self, f.name) for f in fields(self) if f.repr})  # type: ignore[arg-type]


def rows_html(rows: Mapping[str, Any], caption: str = "") -> str:
    """A table of two columns, names and values.

    >>> rows_html({"kind": "a < b", "order": 2})
    '<table><tr><th>kind</th><td>a &lt; b</td></tr><tr><th>order</th><td>2</td></tr></table>'
    """
    body = "".join(f"<tr><th>{escape(name)}</th><td>{cell(value)}</td></tr>" for name, value in rows.items())
    return f"<table>{f'<caption>{escape(caption)}</caption>' if caption else ''}{body}</table>"


def cell(value: Any) -> str:
    """One value as HTML."""
    if value is None or (isinstance(value, (tuple, list, str, Mapping)) and not value):
        return "&ndash;"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.{_SHORT}g}"
    if isinstance(value, (int, str)):
        return escape(str(value))
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return escape(f"{value.dtype} array of shape {value.shape}")
    if isinstance(value, Mapping):
        return _listed((f"{escape(str(name))}: {cell(v)}" for name, v in value.items()), len(value))
    if isinstance(value, (tuple, list)):
        return _listed((cell(v) for v in value), len(value))
    return _formula(value)


def _listed(parts: Iterable[str], count: int) -> str:
    shown = [part for part, _ in zip(parts, range(_MANY), strict=False)]
    return "<br>".join([*shown, f"… ({count} in all)"] if count > _MANY else shown)


def _formula(value: Any) -> str:
    import sympy as sp

    if isinstance(value, sp.Float):
        return escape(str(value.n(_SHORT)))
    if isinstance(value, sp.Basic):
        return f"${escape(sp.latex(value))}$"
    if hasattr(value, "_repr_latex_"):
        return escape(value._repr_latex_())
    return escape(str(value))
