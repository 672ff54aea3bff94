r"""Expansion of a SymPy expression at the fixed point, by one walk up its tree.

:class:`Expander` turns every subexpression into a :class:`~derive.difference.near_point.local.Local` value in the small
variable w, :math:`x = s w^{-r}` at infinity or :math:`x = x_* + s w^r` at a finite point.  Sums, products, powers,
exponentials and logarithms are done here; other functions are looked up in
:mod:`derive.difference.near_point.functions`.

:func:`expand` starts with few coefficients to discover what the expansion needs (new constants, a root of w, more
coefficients against cancellation), then runs once at full length.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from flint import fmpq

from derive.difference.near_point.functions import expand_function
from derive.difference.near_point.local import Arithmetic, Cancelled, Local, Ramify
from derive.difference.near_point.small_variable import SmallVariable
from derive.difference.series.coefficients import Coefficients
from derive.errors import UnsupportedError

__all__ = ["Expander", "expand"]

_MOST_TERMS = 400


class Expander(Arithmetic):
    """One walk with fixed chart, table and length; memoised by subexpression."""

    def __init__(self, table: Coefficients, chart: SmallVariable, x: sp.Symbol, size: int) -> None:
        super().__init__(table, size)
        self.chart, self.x = chart, x
        self._memo: dict[sp.Expr, Local] = {x: self._variable()}

    def _variable(self) -> Local:
        gap = self.element(fmpq(self.chart.side), self.chart.power)
        if self.chart.at_infinity or self.chart.point == 0:
            return gap
        rows: list[Any] = [self.table.convert(self.chart.point), *[0] * (self.size - 1)]
        if self.chart.power < self.size:
            rows[self.chart.power] = fmpq(self.chart.side)
        return Local(0, tuple(rows))

    def value(self, expr: sp.Expr) -> Local:
        """The local expansion of an expression."""
        found = self._memo.get(expr)
        if found is None:
            found = self._memo[expr] = self._expand(expr)
        return found

    def _expand(self, expr: sp.Expr) -> Local:
        if not expr.has(self.x):
            return self.constant(expr)
        if expr.is_Add:
            return self._fold(expr, self.add)
        if expr.is_Mul:
            return self._fold(expr, self.mul)
        if expr.is_Pow:
            return self._power(expr.base, expr.exp)
        if isinstance(expr, sp.exp):
            return self.exp(self.value(expr.args[0]))
        if isinstance(expr, sp.log):
            return self.log(self.value(expr.args[0]))
        return expand_function(self, expr)

    def _fold(self, expr: sp.Expr, operation: Callable[[Local, Local], Local]) -> Local:
        fixed, moving = expr.as_independent(self.x, as_Add=expr.is_Add)
        parts = [self.value(a) for a in type(expr).make_args(moving)]
        if expr.is_Add:
            parts += [self.constant(fixed)] if fixed != 0 else []
        total = parts[0]
        for part in parts[1:]:
            total = operation(total, part)
        if expr.is_Mul and fixed != 1:
            total = self.scale(total, self.table.convert(fixed))
        return total

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> Local:
        if base is sp.E:
            return self.exp(self.value(exponent))
        if exponent.is_Float:
            exponent = sp.Rational(exponent)
        if exponent.is_Rational:
            return self.power(self.value(base), exponent)
        if not exponent.has(self.x):
            return self.symbolic_power(self.value(base), exponent)
        return self.exp(self.mul(self.value(exponent), self.log(self.value(base))))


def expand(
    table: Coefficients, expr: sp.Expr, x: sp.Symbol, chart: SmallVariable, needed: int
) -> tuple[Local, SmallVariable]:
    """The expansion of ``expr`` through exponents below ``start + needed``, and the chart with the root it took.

    The first pass keeps few coefficients and finds constants, root and valuation; the last has full length.
    """
    root = chart.root
    size = min(needed, 4) + root
    while True:
        chart = SmallVariable(chart.point, chart.side, root)
        try:
            found = table.run(lambda: Expander(table, chart, x, size).value(expr))  # noqa: B023
            lead = Expander(table, chart, x, size).lead(found, expr) if expr != 0 else found
        except Ramify as need:
            root *= need.q
            size *= need.q
            continue
        except Cancelled as loss:
            size = 2 * size + 2
            if size > _MOST_TERMS + 4 * needed:
                raise UnsupportedError(
                    f"{loss.what} vanishes to order {size // 2} in the small variable; simplify the map so that the "
                    "cancellation is explicit"
                ) from None
            continue
        missing = lead.start + needed - found.end
        if missing <= 0:
            return lead, chart
        size += missing
