r"""A map at its fixed point in the small variable: w' = w M(w), with exact coefficients.

With :math:`x = s\,w^{-r}` at infinity and :math:`x = x_* + s\,w^{r}` at a finite point,

.. math:: M = \left(s F w^{r}\right)^{-1/r} \quad\text{and}\quad M = \left(s (F - x_*) w^{-r}\right)^{1/r}.

:class:`LocalMap` first looks at the leading term of F only (:meth:`LocalMap.lead`), which decides the class of the
map, and gives M where the map is tangent to the identity.  Where the leading coefficient of M - 1 is a sum of
parameters, such as ``sv2 + sa2``, the sum becomes a generator in place of one of them, so that dividing by it stays a
division by a monomial.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import gcd
from typing import Any

import sympy as sp

from derive.difference.near_point.local import Local, flat_limit
from derive.difference.near_point.series_function import SeriesFunction, expand_at
from derive.difference.near_point.small_variable import SmallVariable
from derive.difference.series import powerseries as ps
from derive.difference.series.coefficients import LOG_W, Coefficients
from derive.difference.series.laurent import Element
from derive.errors import UnsupportedError

__all__ = ["LocalMap", "Multiplier", "limit_of"]

_DEEPEST = 60


@dataclass(frozen=True)
class Multiplier:
    """M = 1 + M_k w^k + ...: the list of coefficients (``M[0] = 1``), k, and the gcd of the exponents present."""

    coefficients: list[Any]
    k: int
    stride: int

    @property
    def lead(self) -> Any:
        """M_k."""
        return self.coefficients[self.k]


@dataclass
class LocalMap:
    """F near its fixed point; the table of coefficients grows with what is asked."""

    F: sp.Expr | SeriesFunction
    x: sp.Symbol
    chart: SmallVariable
    table: Coefficients = field(default_factory=Coefficients)
    _order: sp.Rational | None = field(default=None, repr=False)
    _tuned: bool = field(default=False, repr=False)
    _known: Any = field(default=None, repr=False)

    def moved(self) -> sp.Expr | SeriesFunction:
        """F at infinity, F - x_* at a finite point."""
        if self.chart.at_infinity or self.chart.point == 0:
            return self.F
        if isinstance(self.F, SeriesFunction):
            terms, point = self.F.terms, self.chart.point
            return SeriesFunction(self.F.variable, lambda order: terms(order) - point)
        return self.F - self.chart.point

    def expand(self, function: sp.Expr | SeriesFunction, needed: int) -> Local:
        """The local expansion of a function of x, ``needed`` coefficients from the leading one on.

        May enlarge the root of the chart and the table, so that elements computed before belong to a smaller ring.
        """
        found, self.chart = expand_at(self.table, function, self.x, self.chart, needed)
        return found

    def lead(self) -> Local:
        """The leading term of F (minus the fixed point); raises Cancelled via UnsupportedError for the identity."""
        return self.expand(self.moved(), 1)

    def copy(self) -> LocalMap:
        """The same map with a table that grows on its own."""
        return LocalMap(self.F, self.x, self.chart, self.table.copy(), self._order, self._tuned)

    def flat_limit(self, target: float) -> float | None:
        """log10 of the w below which the exponentially small parts of F that M leaves out are under 10**-target.

        None where there are none.  Parameters must have been replaced by numbers.
        """
        return limit_of(self.expand(self.moved(), 2), self.table, target)

    def multiplier(self, order: int) -> Multiplier:
        """M through index ``order`` at least, for a map tangent to the identity."""
        if not self._tuned:
            self._tune()
        return self._multiplier(order)

    def _multiplier(self, order: int) -> Multiplier:
        known = self._known
        if known and known[0] is self.table.ring and known[1] == self.chart and len(known[2].coefficients) > order:
            return known[2]
        found = self.expand(self.moved(), order + 1)
        root = self.chart.root
        rows = ps.scale(found.coefficients[: order + 1], self.chart.side)
        m = ps.power([1, *rows[1:]], sp.Rational(-1 if self.chart.at_infinity else 1, root), order + 1)
        k = ps.valuation([0, *m[1:]])
        support = [i for i, c in enumerate(m) if i and not ps.is_zero(c)]
        result = Multiplier(m, k, gcd(*support) if support else 1)
        self._known = (self.table.ring, self.chart, result)
        return result

    def contact(self) -> int:
        """The order of contact k in w; raises UnsupportedError where M - 1 shows no term."""
        if self._order is None:
            self._order = sp.Rational(self._find_contact(), self.chart.root)
        return int(self._order * self.chart.root)

    def _find_contact(self) -> int:
        order = 4 * self.chart.root
        while order <= _DEEPEST * self.chart.root:
            m = self._multiplier(order)
            if m.k <= order:
                self.table.confirm_nonzero(m.lead)
                return m.k
            order = 2 * max(order, self.chart.root)
        raise UnsupportedError(
            f"the map is x' = x to order {order // 2} in the small variable: it is the identity, or differs from it by "
            "an exponentially small amount; a change of variable such as y = exp(x) may bring it into a known class"
        )

    def _tune(self) -> None:
        """Choose generators that make the leading coefficient a monomial where that is possible."""
        k = self.contact()
        m = self._multiplier(k + 3 * self.chart.root)
        self._tuned = True
        core = m.lead.reduced() if isinstance(m.lead, Element) else None
        if core is None or core.is_monomial() or core.den:
            return
        expr = self.table.expr(core)
        _, composite = sp.factor_terms(expr).as_coeff_Mul()
        factors = [f for f in sp.Mul.make_args(composite) if f.is_Add]
        if len(factors) != 1:
            return
        symbol = _replaceable(factors[0], [c for c in m.coefficients if isinstance(c, Element)], self.table)
        if symbol is not None:
            self.table.substitute(symbol, factors[0])


def limit_of(found: Local, table: Coefficients, target: float) -> float | None:
    """log10 of the w below which what the expansion ``found`` dropped is under 10**-target; None where nothing was."""
    if not found.flat:
        return None
    values = table.values()
    rates = [{i: float(table.number(c, values).mid()) for i, c in growth.items()} for growth in found.flat]
    return min(flat_limit(rate, target, 4 - 4 * min(rate)) for rate in rates)


def _replaceable(composite: sp.Expr, elements: list[Element], table: Coefficients) -> sp.Symbol | None:
    """The parameter that a sum can replace: linear in it with rational coefficient, never a root, never inverted."""
    best: tuple[int, str, sp.Symbol] | None = None
    for symbol in composite.free_symbols:
        if symbol == LOG_W:  # has to stay visible: it names the class
            continue
        slope = composite.coeff(symbol, 1)
        place = table.place(symbol)
        if place is None or not slope.is_Rational or (composite - slope * symbol).has(symbol):
            continue
        exponents = [e[place] for element in elements for _, e in element.reduced().terms()]
        if min(exponents, default=0) < 0 or table.used_elsewhere(symbol):
            continue
        candidate = (sum(e > 0 for e in exponents), symbol.name, symbol)
        if best is None or candidate[:2] < best[:2]:
            best = candidate
    return None if best is None else best[2]
