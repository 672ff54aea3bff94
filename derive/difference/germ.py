r"""An expression near the fixed point, in the small variable w: Taylor coefficients in balls, values on a circle.

A *germ* is the expression :math:`u(x(w))` with :math:`x = s\,w^{-r}` at infinity (s the side, +1 or -1) or
:math:`x = x_* + s\,w^{r}` at a finite point.  Two things are computed by walking the expression tree:

* :meth:`Germ.taylor`: the Laurent coefficients in w, as real balls, by Taylor arithmetic (python-flint's ``arb_series``);
* :meth:`Germ.on_circle`: the values on arcs of :math:`|w| = \rho`, as complex balls, **with a proof that the
  germ is analytic in** :math:`0 < |w| \le \rho` **with at most a pole at 0**.

The proof goes up the tree and looks at the circle only.  Sums, products and entire functions of analytic germs are
analytic.  For a reciprocal, a real power or a logarithm of u write :math:`u = g_0 w^p g(w)` with :math:`g(0) = 1`, where
the order p and :math:`g_0` are those of the Taylor coefficients.  Re g is harmonic in the disc, so if it is positive on
the circle it is positive inside: u then has no zero but the one at 0, the principal branch of :math:`g^a` and
:math:`\log g` is analytic, and it is the continuation of the real branch on w > 0.  Inverse functions (asin, atan, ...)
are treated by the factor that their derivative contains.

That coefficients below order p vanish *exactly* is not a matter of balls.  It is certain where the expression is such
that they are empty sums, and is otherwise shown by SymPy on that subexpression alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.errors import CertificationError, DomainError, UnsupportedError

__all__ = ["Germ", "Inconclusive", "Laurent", "SmallVariable"]


@dataclass(frozen=True)
class SmallVariable:
    r"""The chart: :math:`x = s w^{-r}` (point = oo) or :math:`x = x_* + s w^{r}`, with w > 0 on the side looked at."""

    point: sp.Expr
    side: int = 1
    root: int = 1

    @property
    def at_infinity(self) -> bool:
        """Whether the fixed point is at infinity."""
        return self.point in (sp.oo, -sp.oo)

    @property
    def power(self) -> int:
        """The exponent of w in x - x_* (in x at infinity)."""
        return -self.root if self.at_infinity else self.root

    def to_w(self, x: Any) -> Any:
        """The ball of w for a real ball of x; not finite where x is not on this side."""
        gap = x if self.at_infinity else x - _arb(self.point)
        gap = gap if self.side > 0 else -gap
        from flint import arb

        if self.root != 1:
            gap = gap.root(self.root)
        elif not gap > 0:
            return arb.nan()
        return 1 / gap if self.at_infinity else gap

    def to_x(self, w: Any) -> Any:
        """The ball of x for a real ball of w > 0."""
        gap = w**self.power * self.side
        return gap if self.at_infinity else gap + _arb(self.point)


@dataclass(frozen=True)
class Laurent:
    """w**start * (coefficients[0] + coefficients[1] w + ...), known to the length of the list; exact zeros are exact."""

    start: int
    coefficients: tuple[Any, ...]

    def at(self, exponent: int) -> Any:
        """One coefficient; asking beyond the known ones is a LookupError."""
        from flint import arb

        i = exponent - self.start
        if i < 0:
            return arb(0)
        if i >= len(self.coefficients):
            raise LookupError(f"the coefficient of w**{exponent} was not computed")
        return self.coefficients[i]


class Inconclusive(Exception):
    """Some arcs are too wide to decide; ``arcs`` are their numbers."""

    def __init__(self, arcs: list[int], what: str) -> None:
        super().__init__(what)
        self.arcs, self.what = arcs, what


class Germ:
    """The germ of a SymPy expression in one symbol (no other symbols)."""

    def __init__(self, expr: sp.Expr, symbol: sp.Symbol, chart: SmallVariable) -> None:
        self.symbol, self.chart = symbol, chart
        self.expr = _plain(expr)
        self._orders: dict[sp.Expr, int] = {}

    # Taylor coefficients ---------------------------------------------------------------------------------------------

    def taylor(self, order: int, bits: int) -> Laurent:
        """Laurent coefficients up to w**order at least, at the given working precision.

        Raises UnsupportedError where the expression has no Laurent series in w.
        """
        import flint

        slack = 8
        while True:
            length = max(order, 0) + slack + abs(self.chart.power)
            with _capped(length, bits):
                memo: dict[sp.Expr, _Series] = {self.symbol: self._variable_series(length)}
                found = self._series(self.expr, memo, length)
                coefficients = found.tail.coeffs()
                known = found.known
            if found.start + known > order or slack > 4096:
                coefficients += [flint.arb(0)] * (known - len(coefficients))
                return Laurent(found.start, tuple(coefficients[:known]))
            slack = 2 * slack + order - found.start - known

    def _variable_series(self, length: int) -> _Series:
        from flint import arb_series

        if self.chart.at_infinity:
            return _Series(self.chart.power, arb_series([self.chart.side], prec=length), length)
        start = _arb(self.chart.point)
        rows = [start] + [0] * (self.chart.root - 1) + [self.chart.side]
        return _Series(0, arb_series(rows, prec=length), length)

    def _series(self, node: sp.Expr, memo: dict[sp.Expr, _Series], length: int) -> _Series:
        found = memo.get(node)
        if found is None:
            found = memo[node] = self._series_of(node, memo, length)
        return found

    def _series_of(self, node: sp.Expr, memo: dict[sp.Expr, _Series], length: int) -> _Series:
        from flint import arb_series

        if not node.has(self.symbol):
            return _Series(0, arb_series([_arb(node)], prec=length), length)
        parts = [self._series(a, memo, length) for a in node.args if a.has(self.symbol) or node.is_Add or node.is_Mul]
        if node.is_Add or node.is_Mul:
            total = parts[0]
            for part in parts[1:]:
                total = total + part if node.is_Add else total * part
            return total
        if node.is_Pow:
            return self._power_series(node, parts)
        part = parts[0] if node.func not in _NEEDS_LEAD else self._led(node.args[0], parts[0])
        return _apply_series(node, part)

    def _power_series(self, node: sp.Pow, parts: list[_Series]) -> _Series:
        base, exponent = node.args
        if exponent.is_Integer and exponent > 0:
            return parts[0].natural_power(int(exponent))
        return self._led(base, parts[0]).power(exponent, node)

    def _led(self, node: sp.Expr, series: _Series) -> _Series:
        """The same series with its exact leading zeros removed."""
        skip = self._leading_zeros(node, series)
        return series.shifted(skip)

    def _leading_zeros(self, node: sp.Expr, series: _Series) -> int:
        rows = series.tail.coeffs()
        skip = next((i for i, c in enumerate(rows) if not c.contains(0)), None)
        if skip is None:
            raise UnsupportedError(f"no nonzero term of {node} was found near the point; it may vanish identically")
        order = series.start + skip
        known = self._orders.get(node)
        if known is None:
            if any(not c.is_zero() for c in rows[:skip]):
                self._show_order(node, order)
            self._orders[node] = known = order
        return known - series.start

    def _show_order(self, node: sp.Expr, order: int) -> None:
        """Exact proof that the germ of ``node`` vanishes to the given order, by SymPy's derivatives at the point."""
        w = sp.Dummy("w", positive=True)
        x = self.chart.side * w**self.chart.power + (0 if self.chart.at_infinity else self.chart.point)
        germ = sp.powdenest(node.subs(self.symbol, x), force=True)
        for i in range(order):
            value = germ.subs(w, 0)
            if value.is_zero is not True and sp.simplify(value) != 0:
                raise CertificationError(
                    f"it could not be shown that {node} vanishes to order {order} in the small variable; "
                    "simplify the map so that the cancellation is explicit"
                )
            germ = germ.diff(w) if i + 1 < order else germ

    # values on a circle ----------------------------------------------------------------------------------------------

    def on_circle(self, arcs: list[Any]) -> list[Any]:
        """Values on arcs (complex balls around points of a circle about 0); proves analyticity inside on the way.

        Raises :class:`Inconclusive` naming the arcs to cut, CertificationError where the germ is seen not to qualify.
        The caller must make the arcs cover the circle (by symmetry, its upper half).
        """
        if not self._orders_known:
            self.taylor(4, 128)
        memo: dict[sp.Expr, list[Any]] = {self.symbol: [self._variable_value(z) for z in arcs]}
        return self._values(self.expr, memo, arcs)

    @property
    def _orders_known(self) -> bool:
        return bool(self._orders)

    def _variable_value(self, z: Any) -> Any:
        gap = z**self.chart.power * self.chart.side
        return gap if self.chart.at_infinity else gap + _arb(self.chart.point)

    def _values(self, node: sp.Expr, memo: dict[sp.Expr, list[Any]], arcs: list[Any]) -> list[Any]:
        found = memo.get(node)
        if found is None:
            found = memo[node] = self._values_of(node, memo, arcs)
        return found
