"""The Laurent coefficients of a function of the state as balls, from its exact expansion."""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.difference.near_point.local import Local
from derive.difference.near_point.series_function import SeriesFunction, expand_at
from derive.difference.near_point.small_variable import SmallVariable
from derive.difference.series.coefficients import LOG_W, Coefficients
from derive.difference.series.laurent import Element
from derive.errors import UnsupportedError

__all__ = ["exact_rows", "expand_through", "split_logarithm"]


def exact_rows(
    g: sp.Expr | SeriesFunction, x: sp.Symbol, chart: SmallVariable, order: int, bits: int
) -> tuple[int, list[Any], Any]:
    """``(start, coefficients of w**start ... w**order, coefficient of log w)``; exact zeros as int 0."""
    from flint import ctx

    table = Coefficients()
    found, at = expand_through(table, g, x, chart, order)
    if at.root != chart.root:
        raise UnsupportedError(f"{g} brings in w**(1/{at.root // chart.root}) at high order; give it exactly")
    rows, slope = split_logarithm(table, found, g)
    with ctx.workprec(bits):
        values = table.values({LOG_W: 0})
        number = lambda c: c if isinstance(c, int) else table.number(c, values)  # noqa: E731
        return found.start, [number(c) for c in rows[: max(order + 1 - found.start, 0)]], number(slope)


def expand_through(
    table: Coefficients, g: sp.Expr | SeriesFunction, x: sp.Symbol, chart: SmallVariable, order: int
) -> tuple[Local, SmallVariable]:
    """The expansion of g through w**order, w being the small variable of the chart that is returned."""
    found, at = expand_at(table, g, x, chart, 1)
    while found.end <= order * (at.root // chart.root):
        found, at = expand_at(table, g, x, at, order * (at.root // chart.root) + 1 - found.start)
    return found, at


def split_logarithm(table: Coefficients, found: Local, g: Any) -> tuple[list[Any], Any]:
    """The coefficients without log w, and the coefficient of log w itself; UnsupportedError for anything worse."""
    rows = list(found.coefficients)
    slope: Any = 0
    for i, c in enumerate(rows):
        if not table.degree_in_log(c):
            continue
        parts = c.collect(table.generator_place(LOG_W)) if isinstance(c, Element) else {}
        if found.start + i or set(parts) - {0, 1}:
            raise UnsupportedError(f"{g} has no expansion in powers of the state along this orbit")
        rows[i], slope = parts.get(0, 0), parts[1]
    if found.growth:
        raise UnsupportedError(f"{g} grows or decays exponentially along this orbit; it has no expansion in powers")
    return rows, slope
