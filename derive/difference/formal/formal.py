r"""The formal orbit: Abel series, its inverse, and any function of the state along the orbit, over one exact ring.

:class:`FormalOrbit` keeps the pieces in one ring: a function observed along the orbit may bring new constants or a root
of w, after which the map is expanded again in the larger ring (cheap, and simpler than moving elements between rings).
:meth:`FormalOrbit.rows` asks for as many powers of the small scale theta as are needed for a given number of nonzero
ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.difference.formal.abel import AbelSeries, LogSeries, abel
from derive.difference.formal.inversion import Inverse, LogPowers, invert, observe
from derive.difference.formal.sparse_abel import window_of
from derive.difference.near_point.local_map import LocalMap, Multiplier
from derive.difference.series import powerseries as ps
from derive.difference.series.laurent import Element
from derive.difference.series.outside import OutsideClass
from derive.errors import UnsupportedError

__all__ = ["FormalOrbit", "FormalRow", "Solved"]

_PATIENCE = 8  # how much further to look for nonzero powers of theta before taking the expansion for finite


@dataclass(frozen=True)
class Solved:
    """Everything about the orbit through theta**order, over the table's present ring."""

    order: int
    multiplier: Multiplier
    abel: AbelSeries
    inverse: Inverse


@dataclass(frozen=True)
class FormalRow:
    """One power of theta: its exponent and the SymPy coefficients of Y^0, Y^1, ..."""

    exponent: int
    coefficients: tuple[sp.Expr, ...]

    @property
    def degree(self) -> int:
        """The degree in Y."""
        return len(self.coefficients) - 1


class FormalOrbit:
    """The orbits of a parabolic map as formal series."""

    def __init__(self, local: LocalMap) -> None:
        self.local, self.table = local, local.table
        self.Y = sp.Dummy("Y", real=True)
        self.local.multiplier(1)  # settles the generators of the map itself
        self.table.run(lambda: self.table.convert(self.Y))
        self._solved: Solved | None = None
        self._ring: Any = None

    @property
    def k(self) -> int:
        """The order of contact in w, which grows with the root of the chart."""
        return self.local.contact()

    def solve(self, order: int) -> Solved:
        """Abel series and inverse through theta**order."""
        if self._solved is None or self._ring is not self.table.ring or self._solved.order < order:
            m = self.local.multiplier(order + self.k)
            self._refuse_logarithms(m.coefficients)
            ring = self.table.ring
            series = abel(m.coefficients, order - self.k)
            self._solved = Solved(order, m, series, invert(series, self.table.convert(self.Y), order))
            self._ring = ring
        return self._solved

    def _refuse_logarithms(self, coefficients: list[Any]) -> None:
        for i, c in enumerate(coefficients):
            if self.table.degree_in_log(c):
                raise OutsideClass(
                    "logarithmic",
                    f"the expansion of the map contains log x (at order w^{i} of the small variable w); maps on a "
                    "logarithmic scale are outside the classes treated here",
                )

    def prepare(self, function: Any) -> None:
        """Let a function to be observed settle the root of w and bring its constants into the ring."""
        root = self.local.chart.root
        self.local.expand(function, 4)
        if self.local.chart.root != root:
            self._solved = None

    def first_exponent(self, function: Any) -> int:
        """The exponent of w with which a function of the state begins."""
        return self.local.expand(function, 1).start

    def expand(self, function: Any, order: int) -> LogSeries:
        """A function of the state in powers of w, through w^order."""
        needed = 1
        while True:
            found = self.local.expand(function, needed)
            if found.growth:
                raise UnsupportedError(f"{function} grows or decays exponentially along the orbit")
            if found.end > order:
                break
            needed = order - found.start + 1
        rows = found.coefficients[: max(order + 1 - found.start, 0)]
        for c in rows:
            if self.table.degree_in_log(c):
                raise UnsupportedError(f"{function} contains log x; observe exp of it, or add the logarithm by hand")
        return LogSeries(found.start, tuple(rows))

    def state(self, order: int) -> LogSeries:
        """The state without the fixed point, ``s w^-r`` or ``s w^r``, through w^order."""
        chart = self.local.chart
        return LogSeries(chart.power, (chart.side, *[0] * (order - chart.power)))

    def observe(self, series: Callable[[int, Solved], LogSeries], start: int, order: int) -> LogPowers:
        """A series in w along the orbit through theta**order; ``series(order, solved)`` makes it, from w^start on."""
        for _ in range(20):
            solved = self.solve(max(order - min(start, 0), self.k))
            ring = self.table.ring
            found = series(order, solved)
            if self.table.ring is ring:
                return observe(solved.inverse, found, order)
        raise UnsupportedError("the coefficients of this function bring in ever more constants; simplify it")

    def rows(
        self, series: Callable[[int, Solved], LogSeries], start: int, wanted: int
    ) -> tuple[list[FormalRow], sp.Expr, int]:
        """``(rows, coefficient of log theta, order reached)``, with ``wanted`` nonzero rows where there are as many."""
        step = self.solve(2 * self.k).inverse.stride
        reach, more = start + (wanted - 1) * step, 1
        while True:
            found = self.observe(series, start, reach)
            nonzero = [i for i, p in enumerate(found.coefficients) if not ps.is_zero(p)]
            if len(nonzero) >= wanted:
                break
            last = found.start + (nonzero[-1] if nonzero else 0)
            if more > _PATIENCE and reach > last + self._window(reach):
                break
            reach += max(wanted - len(nonzero), 2) * step * more
            more *= 2
        rows = [FormalRow(found.start + i, self.in_Y(found.coefficients[i])) for i in nonzero]
        return rows, self.table.expr(found.log), reach

    def _window(self, reach: int) -> int:
        """How far apart the families of terms begin: on a fine lattice many powers vanish between two that do not."""
        rows = self.local.multiplier(reach + 2 * self.k).coefficients
        return 2 * window_of([i for i, c in enumerate(rows) if i and not ps.is_zero(c)], self.k)

    def in_Y(self, element: Any) -> tuple[sp.Expr, ...]:
        """The SymPy coefficients of the powers of Y in an element."""
        if not isinstance(element, Element):
            return (self.table.expr(element),)
        place = self.table.place(self.Y)
        assert place is not None
        parts = element.collect(place)
        return tuple(self.table.expr(parts[j]) if j in parts else sp.Integer(0) for j in range(max(parts) + 1))
