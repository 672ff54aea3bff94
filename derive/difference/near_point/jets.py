r"""Taylor coefficients in a second variable whose coefficients are series in w, all in balls.

For :math:`g(x, e)` with :math:`x = x(w)` near the driver's fixed point and :math:`e = e_* + \eta`, :func:`jet` computes

.. math:: g = \sum_{j \le J} g_j(w)\,\eta^j + O(\eta^{J+1}),

each :math:`g_j` a Laurent series in w, by one walk up the expression tree.  A :class:`Jet` is the list of the
:math:`g_j`; the algorithms of :mod:`derive.difference.series.powerseries` work on it directly, since they only add,
multiply and divide by integers.  The tree is not differentiated, so J = 60 costs no more than some hundred thousand
products.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from derive.difference.near_point.germ import Germ
from derive.difference.near_point.germ_functions import plain
from derive.difference.near_point.germ_series import BallLaurent, apply_function, series_context
from derive.difference.near_point.small_variable import SmallVariable
from derive.difference.series import powerseries as ps
from derive.errors import UnsupportedError
from derive.numerics import to_arb

__all__ = ["jet"]


class _Entry:
    """A Laurent series in w as a coefficient: sums, products, division by integers, comparison with zero."""

    __slots__ = ("series",)

    def __init__(self, series: BallLaurent) -> None:
        self.series = series

    def __add__(self, other: Any) -> _Entry:
        if isinstance(other, int) and other == 0:
            return self
        return _Entry(self.series + _series(other, self.series.end))

    __radd__ = __add__

    def __neg__(self) -> _Entry:
        return self * -1

    def __sub__(self, other: Any) -> _Entry:
        return self + (-other)

    def __rsub__(self, other: Any) -> _Entry:
        return -self + other

    def __mul__(self, other: Any) -> _Entry:
        if isinstance(other, _Entry):
            return _Entry(self.series * other.series)
        return _Entry(BallLaurent(self.series.start, self.series.tail * other))

    __rmul__ = __mul__

    def __truediv__(self, number: Any) -> _Entry:
        return _Entry(BallLaurent(self.series.start, self.series.tail / number))

    def __eq__(self, other: Any) -> bool:
        return False

    __hash__ = None  # type: ignore[assignment]


def _series(value: Any, length: int) -> BallLaurent:
    return value.series if isinstance(value, _Entry) else BallLaurent.constant(value, length)


def jet(
    expr: sp.Expr,
    x: sp.Symbol,
    e: sp.Symbol,
    chart: SmallVariable,
    centre: sp.Expr,
    powers: int,
    order: int,
    bits: int,
) -> list[tuple[int, list[Any]]]:
    """``(start, coefficients)`` of g_0, ..., g_powers through w**order at least, as balls."""
    slack = 4 + 2 * abs(chart.power)
    for _ in range(6):
        length = order + slack
        with series_context(length, bits):
            walk = _JetWalk(x, e, chart, centre, powers, length)
            found = [_series(c, length) for c in walk.value(plain(expr))]
        if all(s.end > order for s in found):
            return [(s.start, s.coefficients()[: order + 1 - s.start]) for s in found]
        slack = 2 * slack + max(order + 1 - s.end for s in found)
    raise UnsupportedError(f"the series of {expr} loses too many terms to cancellation")


class _JetWalk:
    """One walk; values are lists of entries (int 0 for what is exactly zero)."""

    def __init__(
        self, x: sp.Symbol, e: sp.Symbol, chart: SmallVariable, centre: sp.Expr, powers: int, length: int
    ) -> None:
        self.size, self.length, self.e, self.centre = powers + 1, length, e, centre
        self.symbols = {x, e}
        self.germ = Germ(x, x, chart)
        rows = [chart.side] if chart.at_infinity else [to_arb(chart.point)] + [0] * (chart.root - 1) + [chart.side]
        from flint import arb_series

        start = chart.power if chart.at_infinity else 0
        variable = _Entry(BallLaurent(start, arb_series(rows, prec=length)))
        second = [self._number(to_arb(centre)), self._number(1)]
        self.memo: dict[sp.Expr, list[Any]] = {x: self._pad([variable]), e: self._pad(second)}

    def _number(self, value: Any) -> Any:
        return _Entry(BallLaurent.constant(value, self.length))

    def _pad(self, rows: list[Any]) -> list[Any]:
        return ps.truncate(rows, self.size)

    def value(self, node: sp.Expr) -> list[Any]:
        """The jet of a subexpression."""
        found = self.memo.get(node)
        if found is None:
            found = self.memo[node] = self._make(node)
        return found

    def _make(self, node: sp.Expr) -> list[Any]:
        if not node.free_symbols & self.symbols:
            return self._pad([self._number(to_arb(node))])
        if node.is_Add or node.is_Mul:
            values = [self.value(a) for a in node.args]
            total = values[0]
            for v in values[1:]:
                total = ps.add(total, v, self.size) if node.is_Add else self._times(total, v)
            return total
        if node.is_Pow:
            return self._power(node)
        if len(node.args) != 1:
            raise UnsupportedError(f"{node.func.__name__} in {node} has no expansion in the second state here")
        return self._function(node)

    def _times(self, a: list[Any], b: list[Any]) -> list[Any]:
        return ps.mul_schoolbook(a, b, self.size)

    def _centred(self, node: sp.Expr) -> sp.Expr:
        return node.subs(self.e, self.centre)

    def _led(self, node: sp.Expr, series: BallLaurent) -> BallLaurent:
        return series.without(self.germ.order(self._centred(node), series) - series.start)

    def _relative(self, node: sp.Expr, what: str) -> tuple[BallLaurent, list[Any]]:
        """The leading series u_0 of a jet, and the jet divided by it."""
        rows = self.value(node)
        if isinstance(rows[0], int):
            raise UnsupportedError(f"{what} vanishes at {self.e} = {self.centre}, where it is not analytic")
        lead = self._led(node, rows[0].series)
        inverse = _Entry(lead.real_power(sp.Integer(-1), node))
        return lead, [1, *(0 if isinstance(c, int) else c * inverse for c in rows[1:])]

    def _power(self, node: sp.Pow) -> list[Any]:
        base, exponent = node.args
        if base is sp.E:
            return self._exp(node, exponent)
        if exponent.free_symbols & self.symbols:
            return self.value(sp.exp(exponent * sp.log(base, evaluate=False), evaluate=False))
        if exponent.is_Integer and exponent > 0:
            rows = total = self.value(base)
            for bit in bin(int(exponent))[3:]:
                total = self._times(total, total)
                total = self._times(total, rows) if bit == "1" else total
            return total
        lead, rest = self._relative(base, str(base))
        front = _Entry(lead.real_power(exponent, node))
        powers = ps.power(rest, exponent if exponent.is_Rational else to_arb(exponent), self.size)
        return [0 if isinstance(c, int) and c == 0 else front * c for c in powers]

    def _exp(self, node: sp.Expr, argument: sp.Expr) -> list[Any]:
        rows = self.value(argument)
        front = self._at_centre(sp.exp(argument, evaluate=False), argument)
        return [front * c for c in ps.exp([0, *rows[1:]], self.size)]

    def _at_centre(self, node: sp.Expr, argument: sp.Expr) -> _Entry:
        """The function at the head of ``node`` at the argument's leading series."""
        lead = self.value(argument)[0]
        series = _series(lead, self.length)
        if series.start < 0:
            series = series.without(min(self.germ.order(self._centred(argument), series), 0) - series.start)
        return _Entry(apply_function(node, series))

    def _function(self, node: sp.Expr) -> list[Any]:
        argument = node.args[0]
        if isinstance(node, sp.exp):
            return self._exp(node, argument)
        if isinstance(node, sp.log):
            _, rest = self._relative(argument, str(argument))
            return [self._at_centre(node, argument), *ps.log(rest, self.size)[1:]]
        pair = _PAIRS.get(node.func)
        if pair is not None:
            return self._angle_sum(node, argument, pair)
        rows = self.value(argument)
        slope = self._times(self.value(node.fdiff(1)), ps.derivative(rows))
        return self._pad([self._at_centre(node, argument), *ps.integral(slope)[1:]])

    def _angle_sum(self, node: sp.Expr, argument: sp.Expr, pair: Callable[[Any, int], Any]) -> list[Any]:
        """sin(u + d) = sin u cos d + cos u sin d and its companions."""
        odd, even = pair([0, *self.value(argument)[1:]], self.size)
        own, other = self._at_centre(node, argument), self._at_centre(_PARTNER[node.func](argument), argument)
        if node.func is sp.cos:
            other = -other
        return ps.add([own * c for c in even], [0 if c == 0 else other * c for c in odd], self.size)


_PAIRS: dict[type, Callable[[Any, int], Any]] = {
    sp.sin: ps.sin_cos,
    sp.cos: ps.sin_cos,
    sp.sinh: ps.sinh_cosh,
    sp.cosh: ps.sinh_cosh,
}
_PARTNER: dict[type, type] = {sp.sin: sp.cos, sp.cos: sp.sin, sp.sinh: sp.cosh, sp.cosh: sp.sinh}
