r"""The fibre of a driven state over exact coefficients, and its expansion along the orbit.

:class:`FormalFibre` expands the coefficients :math:`m_j` of :math:`\eta' = \sum_j m_j(x)\,\eta^j` in the driver's
small variable w, in the same ring as the driver's map, solves the fibre (:mod:`derive.difference.driven.fibre`), and
substitutes the driver's inverse Abel function (:mod:`derive.difference.formal.inversion`).  With
:math:`w = \theta u(\theta, Y)` the block i becomes

.. math:: E_i(w)\,h(w)^i = e^{i S(\theta)}\,\mu^{i n}\sum_a R_{i,a}(Y, \log\theta)\,\theta^{a + i b},

where S collects the negative powers of :math:`\theta` in log h (there are some only if h is a stretched exponential).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import sympy as sp

from derive.difference.driven.chain import Chain
from derive.difference.driven.fibre import Fibre, linearise
from derive.difference.formal.formal import FormalOrbit, Solved
from derive.difference.near_point.series_function import SeriesFunction
from derive.difference.recurrence import Recurrence
from derive.difference.series import powerseries as ps
from derive.difference.series.coefficients import LOG_W, Coefficients
from derive.difference.series.laurent import Element
from derive.difference.series.logarithms import Logarithms
from derive.errors import InputError, UnsupportedError

__all__ = ["FormalFibre", "OrbitRows"]

Function: TypeAlias = sp.Expr | SeriesFunction


class ExactLogarithms(Logarithms):
    """Coefficients that are elements of a table's ring, with log w among the generators."""

    def __init__(self, table: Coefficients) -> None:
        self.place, self.ring = table.generator_place(LOG_W), table.ring

    def derivative(self, c: Any) -> Any:
        """d/d(log w)."""
        if not isinstance(c, Element):
            return None
        return Element(c.ring, c.poly.derivative(c.ring.names[self.place]), c.shift, c.den)

    def integral(self, c: Any) -> Any:
        """The antiderivative in log w."""
        if not isinstance(c, Element):
            return self.ring.generator(self.place) * c
        return Element(c.ring, c.poly.integral(c.ring.names[self.place]), c.shift, c.den)

    def may_vanish(self, c: Any) -> bool:
        """Exact elements are decided."""
        return False

    def tidy(self, c: Any) -> Any:
        """Cancel common factors, so that they do not pile up."""
        return c.reduced() if isinstance(c, Element) and c.den else c


@dataclass(frozen=True)
class OrbitRows:
    """The expansion along the orbit: ``rows[i][a]`` is R_{i,a}; ``growth`` maps q <= 0 to the coefficients of S."""

    rows: tuple[tuple[Any, ...], ...]
    growth: dict[int, Any]
    fibre: Fibre
    solved: Solved


class FormalFibre:
    r"""The exact fibre of eta' = sum_j m_j(x) eta**j over a parabolic driver; ``coefficient(j)`` is m_j or None.

    ``counts`` says that the driver is the index itself, x_n = n, so that its constant is 0.  ``front`` (power, leading)
    makes :meth:`along_orbit` expand :math:`u^{power}(leading + \eta)`, u the distance to the point (1/x at infinity).
    ``also`` is a function that shows which roots of x are needed, where the first coefficients do not.
    """

    def __init__(
        self,
        driver: Recurrence,
        coefficient: Callable[[int], Function | None],
        counts: bool = False,
        front: tuple[sp.Rational, sp.Expr] | None = None,
        also: Function | None = None,
    ) -> None:
        self.driver, self.coefficient, self.counts, self.front = driver, coefficient, counts, front
        self.orbit = FormalOrbit(driver.local_map())
        self.table = self.orbit.table
        self.table.run(lambda: self.table.convert(LOG_W))
        for function in (also, *map(coefficient, range(3))):
            if function is not None and function != 0:
                self.orbit.prepare(function)
        if front is not None:
            self.orbit.prepare(self.distance ** front[0])
            self.table.run(lambda: self.table.convert(front[1]))

    @property
    def distance(self) -> sp.Expr:
        """u, the distance to the driver's point."""
        chart = self.orbit.local.chart
        return 1 / (chart.side * self.driver.x) if chart.at_infinity else chart.side * (self.driver.x - chart.point)

    @property
    def k(self) -> int:
        """The driver's order of contact in w."""
        return self.orbit.k

    @property
    def root(self) -> int:
        """x = s w**-root (or x_* + s w**root)."""
        return self.orbit.local.chart.root

    def coefficients(self, count: int, order: int) -> list[list[Any]]:
        """m_0, ..., m_count (fewer where the equation ends) as lists through w**order."""
        out: list[list[Any]] = []
        for j in range(count + 1):
            function = self.coefficient(j)
            if function is None:
                break
            out.append([0] * (order + 1) if function == 0 else self._list(function, order, j))
        return out

    def _list(self, function: Function, order: int, j: int) -> list[Any]:
        found = self.orbit.expand(function, order)
        if found.start < 0 and any(not ps.is_zero(c) for c in found.coefficients[: -found.start]):
            raise UnsupportedError(f"the coefficient of the power {j} of the state, {function}, grows along the orbit")
        if found.start < 0:
            return list(found.coefficients[-found.start :])
        return [0] * found.start + list(found.coefficients)

    def solve(self, sizes: list[int]) -> tuple[Fibre, Solved]:
        """The blocks with ``sizes[i]`` coefficients, over the table's final ring."""
        for _ in range(30):
            ring, root = self.table.ring, self.root
            top = max(sizes) + self.k
            solved = self.orbit.solve(top + self.k)
            m = self.coefficients(max(len(sizes) - 1, sizes[0], 1), top)
            if self.table.ring is ring and self.root == root:
                break
        else:
            raise UnsupportedError("the coefficients bring in ever more constants; simplify the system")
        if len(m) < 2:
            raise InputError("the equation of the second state needs at least m_0 and m_1")
        chain = Chain(ExactLogarithms(self.table), solved.multiplier.coefficients, top + self.k + 1)
        return linearise(chain, m, sizes), solved

    def along_orbit(self, sizes: list[int]) -> OrbitRows:
        """The rows R_{i,a}, ``sizes[i]`` of them for each block."""
        fibre, solved = self.solve(sizes)
        logs, size = ExactLogarithms(self.table), max(sizes)
        eta = _unstrided(solved.inverse.eta, solved.inverse.stride, size + self.k)
        log_u = [0 if ps.is_zero(c) else ps.ratio(c, -1, self.k) for c in ps.log([1, *eta[1:]], size)]
        growth, factor = self._h_along_orbit(fibre, eta, size)
        rows = []
        power: list[Any] = [1]
        shift = 0
        if self.front is not None:
            shift = int(self.front[0] * self.root)
            leading = self.table.convert(self.front[1])
        for i, block in enumerate(fibre.blocks):
            if i:
                power = ps.mul(power, factor, size)
            elif self.front is not None:
                block = (leading, *block[1:])
            body = self._block(block, i * fibre.b + shift if i else shift, eta, log_u, logs, sizes[i])
            found = ps.mul(body, power, sizes[i])
            rows.append(tuple(self._without_constant(c) for c in found) if self.counts else tuple(found))
        return OrbitRows(tuple(rows), growth, fibre, solved)

    def _without_constant(self, c: Any) -> Any:
        """The coefficient at Y = 0."""
        place = self.table.generator_place(self.orbit.Y)
        return c.collect(place).get(0, 0) if isinstance(c, Element) else c

    def _block(self, block: Any, shift: Any, eta: list[Any], log_u: list[Any], logs: Any, size: int) -> list[Any]:
        """sum_j e_j(log w) u**(j + shift) as a series in theta (log theta is the generator LOG_W)."""
        out: list[Any] = [0] * size
        for j, e in enumerate(block[:size]):
            if ps.is_zero(e):
                continue
            exponent = ps.ratio(shift + j, -1, self.k) if not isinstance(shift + j, int) else sp.Rational(-j, self.k)
            front = ps.power([1, *eta[1 : size - j]], exponent, size - j)
            total = ps.scale(front, e)
            l, derived, log_power = 1, logs.derivative(e), log_u
            while derived is not None and not ps.is_zero(derived):
                extra = ps.mul(ps.scale(front, ps.ratio(derived, 1, sp.factorial(l).p)), log_power, size - j)
                total = ps.add(total, extra, size - j)
                l, derived, log_power = l + 1, logs.derivative(derived), ps.mul(log_power, log_u, size)
            for a, c in enumerate(total):
                out[j + a] = out[j + a] + c
        return out

    def _h_along_orbit(self, fibre: Fibre, eta: list[Any], size: int) -> tuple[dict[int, Any], list[Any]]:
        """The part of log h - b log w that does not vanish along the orbit, and exp of the rest."""
        width = size - fibre.start
        total: list[Any] = [0] * width
        logs = ExactLogarithms(self.table)
        log_u = [0 if ps.is_zero(c) else ps.ratio(c, -1, self.k) for c in ps.log([1, *eta[1:]], width)]
        for a, g in enumerate(fibre.g[:width]):
            if ps.is_zero(g):
                continue
            j = fibre.start + a
            if not ps.is_zero(logs.derivative(g) or 0):
                body = self._block([g], j, eta, log_u, logs, width - a)
            else:
                body = ps.scale(ps.power([1, *eta[1 : width - a]], sp.Rational(-j, self.k), width - a), g)
            for s, c in enumerate(body):
                total[a + s] = total[a + s] + c
        if fibre.start > 0:
            total = [0] * fibre.start + total
        split = max(-fibre.start, 0) + 1 if fibre.start <= 0 else 1
        growth = (
            {fibre.start + q: c for q, c in enumerate(total[:split]) if not ps.is_zero(c)} if fibre.start <= 0 else {}
        )
        return growth, ps.exp([0, *total[split:]], size)


def _unstrided(eta: tuple[Any, ...], stride: int, size: int) -> list[Any]:
    out: list[Any] = [0] * max(size, 1)
    for i, c in enumerate(eta):
        if i * stride < len(out):
            out[i * stride] = c
    return out
