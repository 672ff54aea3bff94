r"""The driven linear equation over exact coefficients, and both parts of its solution along the orbit.

:class:`FormalLinear` expands m and r in the small variable w in the ring of the driver's map, solves
:math:`E(wM) = mE + r` by :func:`derive.difference.driven.chain.solve_linear` and :math:`h(wM) = m h` by telescoping log
m, and puts the driver's inverse Abel function in: with :math:`w = \theta u(\theta, Y)`,
:math:`\log w = \log\theta + \log u`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.difference.driven.chain import Chain, solve_linear
from derive.difference.driven.formal_fibre import ExactLogarithms
from derive.difference.expansion import fresh_orbit
from derive.difference.formal.abel import LogSeries, telescope
from derive.difference.formal.formal import Solved
from derive.difference.formal.inversion import Inverse, observe
from derive.difference.frame import Frame
from derive.difference.recurrence import Recurrence
from derive.difference.series import powerseries as ps
from derive.difference.series.coefficients import LOG_W
from derive.difference.series.laurent import Element
from derive.difference.series.logarithms import Logarithms
from derive.errors import UnsupportedError

__all__ = ["FormalLinear", "FoundRows", "LinearExpansions", "LinearRow", "SolvedLinear"]


@dataclass(frozen=True)
class LinearRow:
    """One power of theta: ``by_log[t]`` are the SymPy coefficients of Y^0, Y^1, ... that multiply (log theta)^t."""

    exponent: int
    by_log: tuple[tuple[sp.Expr, ...], ...]

    def degree(self, with_y: bool) -> int:
        """The degree in log n; Y counts where it holds a logarithm."""
        kept = [t + (len(p) - 1 if with_y else 0) for t, p in enumerate(self.by_log) if any(c != 0 for c in p)]
        return max(kept, default=0)


@dataclass(frozen=True)
class FoundRows:
    """Rows of both parts; ``growth`` maps exponents of theta to the coefficients of S, ``exponent`` is b."""

    particular: tuple[LinearRow, ...]
    homogeneous: tuple[LinearRow, ...]
    mu: sp.Expr
    exponent: sp.Expr
    growth: dict[int, sp.Expr]
    logarithms: tuple[int, ...]
    conditions: tuple[sp.Expr, ...]


@dataclass(frozen=True)
class SolvedLinear:
    """Both parts in w: E with coefficients that may contain log w, log h - index*log(mu), and what was resonant."""

    particular: LogSeries
    log_h: LogSeries
    mu: Any
    resonances: tuple[int, ...]
    solved: Solved | None = None


@dataclass(frozen=True)
class LinearExpansions:
    """M, m (from w^0) and r (from w^(start + kappa)), exact or as balls; E begins with w^start."""

    M: list[Any]
    m: list[Any]
    r: list[Any]
    k: int
    kappa: int
    start: int

    def resonant(self, j: int) -> bool:
        """Whether the leading factor of w^j vanishes (to be asked of the exact expansions)."""
        return self.kappa == self.k and ps.is_zero(self.M[self.k] * j - self.m[self.k])

    def map(self, function: Callable[[Any], Any]) -> LinearExpansions:
        """The same expansions with ``function`` applied to every coefficient."""
        M, m, r = ([function(c) for c in row] for row in (self.M, self.m, self.r))
        return LinearExpansions(M, m, r, self.k, self.kappa, self.start)

    def solve(
        self,
        size: int,
        logs: Logarithms,
        resonant: Callable[[int, Any], bool] | None = None,
        solved: Solved | None = None,
    ) -> SolvedLinear:
        """Both parts, ``size`` coefficients each."""
        found: list[int] = []
        rows: list[Any] = [0] * size
        if self.r:
            chain = Chain(logs, self.M, size + self.kappa + 1)
            rows = solve_linear(chain, self.m, self.r, size, self.start, found, resonant)
        return SolvedLinear(LogSeries(self.start, tuple(rows)), self._log_h(size), self.m[0], tuple(found), solved)

    def _log_h(self, size: int) -> LogSeries:
        """log h without its index term: the telescoped log(m / mu)."""
        mu = self.m[0]
        one = ps.is_zero(mu - 1)
        scaled = [1, *(c if one or ps.is_zero(c) else c / mu for c in self.m[1:])]
        logs = ps.log(scaled, len(scaled))
        first = ps.valuation(logs)
        if first >= len(logs):
            return LogSeries(1, (0,) * size)
        return telescope(self.M, logs[first:], first, size - 1)


class FormalLinear:
    """e' = m e + r over a parabolic driver, in one exact ring."""

    def __init__(self, driver: Recurrence, m: Any, r: Any) -> None:
        self.orbit, self.m, self.r = fresh_orbit(driver), m, r
        self.table = self.orbit.table
        self.table.run(lambda: self.table.convert(LOG_W))
        for function in (m, r):
            if function != 0:
                self.orbit.prepare(function)

    @property
    def root(self) -> int:
        """x = s w**-root (or x_* + s w**root)."""
        return self.orbit.local.chart.root

    def frame(self, like: Frame) -> Frame:
        """The frame of this orbit (its root may be finer) with the symbols of another."""
        abel = self.orbit.solve(2 * self.orbit.k).abel
        scale, log = self.table.expr(abel.coefficients[0]), self.table.expr(abel.log)
        return Frame(like.n, like.c, like.Y, self.orbit.k, scale, log)

    # in w

    def expansions(self, size: int) -> LinearExpansions:
        """M, m and r as far as ``size`` coefficients of each part need them, over the table's final ring."""
        for _ in range(30):
            ring, k = self.table.ring, self.orbit.k
            m = self._multiplier(size + k)
            kappa, start = self._start(m)
            M = self.orbit.local.multiplier(size + 2 * k + max(-start, 0)).coefficients
            r = self._forcing(start + kappa, size)
            if self.table.ring is ring and self.orbit.k == k:
                return LinearExpansions(M, m, r, k, kappa, start)
        raise UnsupportedError("the coefficients bring in ever more constants; simplify the equation")

    def solve(self, size: int) -> SolvedLinear:
        """``size`` coefficients of each part, exactly."""
        known = self.expansions(size)
        solved = self.orbit.solve(size + 2 * known.k + max(-known.start, 0))
        return known.solve(size, ExactLogarithms(self.table), solved=solved)

    def _multiplier(self, order: int) -> list[Any]:
        if self.m == 0:
            raise UnsupportedError("the multiplier is 0: the state is its forcing; use Expansion.apply and shift_index")
        found = self.orbit.expand(self.m, order)
        if found.start < 0:
            raise UnsupportedError(
                f"the multiplier {self.m} grows along the orbit, so the state grows like a factorial"
            )
        if found.start > 0:
            raise UnsupportedError(f"the multiplier {self.m} tends to 0, so the state decays faster than exponentially")
        return list(found.coefficients)

    def _start(self, m: list[Any]) -> tuple[int, int]:
        """kappa and the exponent with which E begins."""
        if ps.is_zero(m[0] - 1):
            k = self.orbit.k
            kappa = min(k, ps.valuation([0, *m[1:]]))
        else:
            kappa = 0
        first = self.orbit.first_exponent(self.r) if self.r != 0 else kappa
        return kappa, first - kappa

    def _forcing(self, start: int, size: int) -> list[Any]:
        if self.r == 0:
            return []
        found = self.orbit.expand(self.r, start + size)
        return [0] * (found.start - start) + list(found.coefficients)

    # along the orbit

    def rows(self, wanted: int) -> FoundRows:
        """Both parts with ``wanted`` nonzero powers of theta each, where there are as many."""
        size, more = wanted, 1
        while True:
            found = self.solve(size)
            particular = self._particular(found)
            homogeneous, growth = self._homogeneous(found, size)
            missing = wanted - min(len(particular) if self.r != 0 else wanted, len(homogeneous))
            if missing <= 0 or more > 8:
                break
            size += max(missing, 2) * more
            more *= 2
        mu = self.table.expr(found.mu)
        self._check_mu(found.mu)
        return FoundRows(
            tuple(particular[:wanted]),
            tuple(homogeneous[:wanted]),
            mu,
            self.table.expr(found.log_h.log),
            growth,
            found.resonances,
            self._conditions(found, particular[: max(wanted - 2, 1)]),
        )

    def _check_mu(self, mu: Any) -> None:
        if self.table.sign(mu) < 0:
            raise UnsupportedError(
                f"the multiplier tends to {self.table.expr(mu)} < 0, so the homogeneous part alternates; treat every "
                "second step"
            )

    def _particular(self, found: SolvedLinear) -> list[LinearRow]:
        assert found.solved is not None
        series, inverse = found.particular, found.solved.inverse
        size = len(series.coefficients)
        out: list[Any] = [0] * size
        T = self.table.convert(LOG_W)
        logs = _Unstrided(inverse, size)
        for i, e in enumerate(series.coefficients):
            if ps.is_zero(e):
                continue
            front = logs.power(series.start + i, size - i)
            for t, part in self.by_log(e).items():
                body = front
                for _ in range(t):
                    body = ps.mul(body, [T, *logs.log[1 : size - i]], size - i)
                for s, c in enumerate(body):
                    if not ps.is_zero(c):
                        out[i + s] = out[i + s] + part * c
        return [LinearRow(series.start + i, self._in_logs(p)) for i, p in enumerate(out) if not ps.is_zero(p)]

    def _homogeneous(self, found: SolvedLinear, size: int) -> tuple[list[LinearRow], dict[int, sp.Expr]]:
        assert found.solved is not None
        along = observe(found.solved.inverse, found.log_h, size - 1)
        growth = {
            along.start + i: self.table.expr(p)
            for i, p in enumerate(along.coefficients)
            if along.start + i <= 0 and not ps.is_zero(p)
        }
        tail = [0] + [
            along.coefficients[i - along.start] if 0 <= i - along.start < len(along.coefficients) else 0
            for i in range(1, size)
        ]
        body = ps.exp(tail, size)
        return [LinearRow(i, self._in_logs(p)) for i, p in enumerate(body) if not ps.is_zero(p)], growth

    def by_log(self, element: Any) -> dict[int, Any]:
        """The coefficients of the powers of log w in an element."""
        if not self.table.degree_in_log(element):
            return {0: element}
        return dict(element.collect(self.table.place(LOG_W)))

    def _in_logs(self, element: Any) -> tuple[tuple[sp.Expr, ...], ...]:
        parts = self.by_log(element)
        return tuple(self.orbit.in_Y(parts.get(t, 0)) for t in range(max(parts) + 1))

    def _conditions(self, found: SolvedLinear, rows: list[LinearRow]) -> tuple[sp.Expr, ...]:
        """The leading factors with parameters that stay as denominators in the rows given."""
        numbers: set[int] = set()
        last = rows[-1].exponent if rows else found.particular.start - 1
        for i, c in enumerate(found.particular.coefficients):
            if isinstance(c, Element) and found.particular.start + i <= last:
                numbers |= {d for d, _ in c.reduced().den}
        ring = self.table.ring
        return tuple(self.table.expr(Element(ring, ring.divisors[d])) for d in sorted(numbers))


class _Unstrided:
    """Powers and logarithm of u = w/theta in powers of theta itself."""

    def __init__(self, inverse: Inverse, size: int) -> None:
        self.inverse, self.step = inverse, inverse.stride
        self.log = self._spread(inverse.log(size // self.step + 1), size)

    def power(self, j: int, size: int) -> list[Any]:
        """u**j."""
        return self._spread(self.inverse.power(j, (size - 1) // self.step + 1), size)

    def _spread(self, rows: list[Any], size: int) -> list[Any]:
        out: list[Any] = [0] * size
        for i, c in enumerate(rows):
            if i * self.step < size:
                out[i * self.step] = c
        return out
