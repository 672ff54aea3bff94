r"""An expression near the fixed point, in the small variable w: Taylor coefficients in balls, values on a circle.

A *germ* is the expression :math:`u(x(w))` with :math:`x = s\,w^{-r}` at infinity (s the side, +1 or -1) or
:math:`x = x_* + s\,w^{r}` at a finite point.  Two things are computed by walking the expression tree:

* :meth:`Germ.taylor`: the Laurent coefficients in w, as real balls, by Taylor arithmetic (flint's ``arb_series``);
* :meth:`Germ.on_circle`: the values on arcs of :math:`|w| = \rho`, as complex balls, **with a proof that the
  germ is analytic in** :math:`0 < |w| \le \rho` **with at most a pole at 0**.

The proof goes up the tree and looks at the circle only.  Sums, products and entire functions of analytic germs are
analytic.  For a reciprocal, a real power or a logarithm of u write :math:`u = g_0 w^p g(w)` with :math:`g(0) = 1`,
where the order p and :math:`g_0` are those of the Taylor coefficients.  Re g is harmonic in the disc, so if it is
positive on the circle it is positive inside: u then has no zero but the one at 0, the principal branch of :math:`g^a`
and :math:`\log g` is analytic, and it is the continuation of the real branch on w > 0.  Inverse functions (asin, atan,
...) are treated by the factor that their derivative contains, absolute values by the sign of g, constant for the same
reason.

That coefficients below order p vanish *exactly* is not a matter of balls.  It is certain where they are empty sums, and
is otherwise shown by the exact expansion of that subexpression (:mod:`derive.difference.near_point.expander`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import sympy as sp

from derive.difference.near_point.germ_functions import analytic_factors, complex_value, plain
from derive.difference.near_point.germ_series import BallLaurent, apply_function, series_context
from derive.difference.near_point.small_variable import SmallVariable
from derive.errors import CertificationError, UnsupportedError
from derive.numerics import to_arb

__all__ = ["Germ", "Inconclusive"]


class Inconclusive(Exception):
    """Some arcs are too wide to decide; ``arcs`` are their numbers, ``what`` is the statement left open."""

    def __init__(self, arcs: list[int], what: str) -> None:
        super().__init__(what)
        self.arcs, self.what = arcs, what


class Germ:
    """The germ of a SymPy expression in one symbol; other symbols must have been replaced by exact numbers.

    ``meaning`` maps subexpressions to the expressions that they stand for: what SymPy would take long to rebuild.
    """

    def __init__(
        self,
        expr: sp.Expr,
        symbol: sp.Symbol,
        chart: SmallVariable,
        meaning: Mapping[sp.Expr, sp.Expr] = MappingProxyType({}),
    ) -> None:
        self.symbol, self.chart, self.meaning = symbol, chart, meaning
        self.expr = plain(expr)
        self._orders: dict[sp.Expr, int] = {}
        self._signs: dict[sp.Expr, int] = {}
        self._seen = False

    # Taylor coefficients ---------------------------------------------------------------------------------------------

    def taylor(self, order: int, bits: int) -> tuple[int, list[Any]]:
        """``(start, coefficients)``: the Laurent series through ``w**order``, at the given working precision.

        Raises UnsupportedError where the expression has no Laurent series in w.
        """
        slack = 4 + 2 * abs(self.chart.power)
        while True:
            length = max(order, 0) + slack
            with series_context(length, bits):
                found = _SeriesWalk(self, length).value(self.expr)
                if found.end > order:
                    return found.start, found.coefficients()[: order + 1 - found.start]
            slack += max(order + 1 - found.end, 1)
            if slack > 1000 + 4 * order:
                raise UnsupportedError(f"the series of {self.expr} loses too many terms to cancellation")

    # values on a circle ----------------------------------------------------------------------------------------------

    def on_circle(self, arcs: list[Any]) -> list[Any]:
        """Values on arcs (complex balls around points of a circle about 0); proves analyticity inside on the way.

        The caller must make the arcs cover the circle (by symmetry, its upper half).  Raises :class:`Inconclusive`
        naming the arcs to cut, and CertificationError or UnsupportedError where no cutting can help.
        """
        if not self._seen:
            self.taylor(2, 192)  # orders and signs of what is divided by, and that every exponent is an integer
            self._seen = True
        return _CircleWalk(self, arcs).value(self.expr)

    # orders ----------------------------------------------------------------------------------------------------------

    def order(self, node: sp.Expr, series: BallLaurent) -> int:
        """The exact order in w of a subexpression with the given series."""
        rows = series.tail.coeffs()
        skip = next((i for i, c in enumerate(rows) if not c.contains(0)), None)
        if skip is None:
            raise UnsupportedError(f"no nonzero term of {node} was found near the point; it may vanish identically")
        order = series.start + skip
        if node not in self._orders:
            if any(not c.is_zero() for c in rows[:skip]):
                self._show_order(node, order)
            self._orders[node] = order
            self._signs[node] = 1 if rows[skip] > 0 else -1
        return self._orders[node]

    def sign(self, node: sp.Expr) -> int:
        """The sign of the leading coefficient of a subexpression whose order is known."""
        return self._signs[node]

    def _show_order(self, node: sp.Expr, order: int) -> None:
        """Exact proof that ``node`` begins at the given order, by its expansion over exact coefficients."""
        from derive.difference.near_point.expander import expand
        from derive.difference.series.coefficients import Coefficients

        found, chart = expand(Coefficients(), node, self.symbol, self.chart, 1)
        if found.start != order or chart.root != self.chart.root or found.growth:
            raise CertificationError(
                f"it could not be shown that {node} vanishes to order {order} in the small variable; "
                "write the map so that the cancellation is explicit"
            )


class _Walk:
    """A walk up the tree with one value for each subexpression."""

    def __init__(self, germ: Germ) -> None:
        self.germ = germ
        self.memo: dict[sp.Expr, Any] = {}

    def value(self, node: sp.Expr) -> Any:
        found = self.memo.get(node)
        if found is None:
            found = self.memo[node] = self.make(node)
        return found

    def make(self, node: sp.Expr) -> Any:
        symbol = self.germ.symbol
        if node in self.germ.meaning:
            return self.value(self.germ.meaning[node])
        if not node.has(symbol):
            return self.constant(to_arb(node))
        if node.is_Add or node.is_Mul:
            values = [self.value(a) for a in node.args]
            total = values[0]
            for v in values[1:]:
                total = self.add(total, v) if node.is_Add else self.multiply(total, v)
            return total
        if node.is_Pow:
            base, exponent = node.args
            if exponent.has(symbol):
                return self.value(sp.exp(exponent * sp.log(base, evaluate=False), evaluate=False))
            return self.power(node, base, exponent)
        if node.func in (sp.Abs, sp.sign):
            return self.absolute(node)
        if len(node.args) != 1:
            raise UnsupportedError(f"{node.func.__name__} in {node} cannot be continued to complex arguments here")
        return self.function(node)

    def constant(self, ball: Any) -> Any:
        raise NotImplementedError

    def add(self, a: Any, b: Any) -> Any:
        raise NotImplementedError

    def multiply(self, a: Any, b: Any) -> Any:
        raise NotImplementedError

    def power(self, node: sp.Expr, base: sp.Expr, exponent: sp.Expr) -> Any:
        raise NotImplementedError

    def absolute(self, node: sp.Expr) -> Any:
        raise NotImplementedError

    def function(self, node: sp.Expr) -> Any:
        raise NotImplementedError


class _SeriesWalk(_Walk):
    """Values are Laurent series with ball coefficients."""

    def __init__(self, germ: Germ, length: int) -> None:
        super().__init__(germ)
        self.length = length
        chart = germ.chart
        rows = [chart.side] if chart.at_infinity else [to_arb(chart.point)] + [0] * (chart.root - 1) + [chart.side]
        from flint import arb_series

        self.memo[germ.symbol] = BallLaurent(chart.power if chart.at_infinity else 0, arb_series(rows, prec=length))

    def constant(self, ball: Any) -> BallLaurent:
        return BallLaurent.constant(ball, self.length)

    def add(self, a: BallLaurent, b: BallLaurent) -> BallLaurent:
        return a + b

    def multiply(self, a: BallLaurent, b: BallLaurent) -> BallLaurent:
        return a * b

    def _led(self, node: sp.Expr) -> BallLaurent:
        """The series of a subexpression from its first nonzero coefficient on."""
        series = self.value(node)
        return series.without(self.germ.order(node, series) - series.start)

    def power(self, node: sp.Expr, base: sp.Expr, exponent: sp.Expr) -> BallLaurent:
        if exponent.is_Integer and exponent > 0:
            return self.value(base).natural_power(int(exponent))
        return self._led(base).real_power(exponent, node)

    def absolute(self, node: sp.Expr) -> BallLaurent:
        series = self._led(node.args[0])
        sign = self.constant(self.germ.sign(node.args[0]))
        return series * sign if node.func is sp.Abs else sign

    def function(self, node: sp.Expr) -> BallLaurent:
        for factor in analytic_factors(node):
            series = self._led(factor)
            if series.start != 0 or self.germ.sign(factor) < 0:
                raise UnsupportedError(f"{node} is not analytic and real near the point")
        argument = self.value(node.args[0])
        if argument.start < 0:
            argument = argument.without(min(self.germ.order(node.args[0], argument), 0) - argument.start)
        return apply_function(node, argument)


class _CircleWalk(_Walk):
    """Values are lists of complex balls, one for each arc."""

    def __init__(self, germ: Germ, arcs: list[Any]) -> None:
        super().__init__(germ)
        self.arcs = arcs
        self.memo[germ.symbol] = [germ.chart.to_x(z) for z in arcs]

    def constant(self, ball: Any) -> list[Any]:
        return [ball] * len(self.arcs)

    def add(self, a: list[Any], b: list[Any]) -> list[Any]:
        return [x + y for x, y in zip(a, b, strict=True)]

    def multiply(self, a: list[Any], b: list[Any]) -> list[Any]:
        return [x * y for x, y in zip(a, b, strict=True)]

    def _guarded(self, node: sp.Expr) -> list[Any]:
        """g = node / (sign w**p), after checking that Re g > 0 on every arc."""
        order, sign = self.germ._orders[node], self.germ.sign(node)
        scaled = [v * z ** (-order) * sign for v, z in zip(self.value(node), self.arcs, strict=True)]
        open_arcs = [i for i, g in enumerate(scaled) if not g.real > 0]
        if open_arcs:
            raise Inconclusive(open_arcs, f"{node} has no zero in the disc except at the point itself")
        return scaled

    def power(self, node: sp.Expr, base: sp.Expr, exponent: sp.Expr) -> list[Any]:
        if exponent.is_Integer:
            if exponent < 0:
                self._guarded(base)
            return [v ** int(exponent) for v in self.value(base)]
        shift, power = int(self.germ._orders[base] * exponent), to_arb(exponent)
        return [g**power * z**shift for g, z in zip(self._guarded(base), self.arcs, strict=True)]

    def absolute(self, node: sp.Expr) -> list[Any]:
        inner = node.args[0]
        self._guarded(inner)
        sign = self.germ.sign(inner)
        return [v * sign for v in self.value(inner)] if node.func is sp.Abs else self.constant(to_arb(sp.Integer(sign)))

    def function(self, node: sp.Expr) -> list[Any]:
        for factor in analytic_factors(node):
            self._guarded(factor)
        return [complex_value(node.func, v) for v in self.value(node.args[0])]
