r"""A parabolic map at exact parameter values, ready for digits: steps in balls, the series M, the Abel series.

:class:`NumericMap` holds what every numerical question about one recurrence needs: the chart w, the map
:math:`w' = w M(w)`, steps :math:`x \to F(x)` in balls, Taylor coefficients of M and of the Abel function as balls,
cached by precision.  Nothing here depends on the start.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from derive.difference.formal.abel import AbelSeries, LogSeries, telescope
from derive.difference.formal.sparse_abel import Body, telescope_few, window_of, worth_it
from derive.difference.near_point.small_variable import SmallVariable
from derive.difference.series import powerseries as ps
from derive.difference.series.magnitude import log10_size, log10_upper
from derive.errors import UnsupportedError

__all__ = ["NumericMap", "next_terms", "vanishes"]


@dataclass
class NumericMap:
    r"""One map with everything that is computed once for it.

    ``step`` is F on real balls at flint's current precision; ``series(order, bits)`` gives the coefficients of M
    through w**order (exact zeros as int 0), M itself being a series in ``w**stride``; ``k`` is the exact order of
    contact.  ``cost`` is the price of one step in units of one product of two numbers of the same precision.  ``name``
    is how messages call the map.  ``flat(target)`` is log10 of the w below which the exponentially small parts of F,
    which no series shows, stay under 10**-target; None where there are none.  ``body(order, bits)`` is the power of M
    that has the terms of the map itself, where it is known.
    """

    name: str
    chart: SmallVariable
    k: int
    step: Callable[[Any], Any]
    series: Callable[[int, int], list[Any]]
    cost: float = 50.0
    stride: int = 1
    flat: Callable[[float], float | None] = lambda target: None
    body: Callable[[int, int], Body | None] = lambda order, bits: None
    _multipliers: dict[int, list[Any]] = field(default_factory=dict, repr=False)
    _abels: dict[int, AbelSeries] = field(default_factory=dict, repr=False)

    def multiplier(self, order: int, bits: int) -> list[Any]:
        """M_0 = 1, ..., M_order, as balls computed with ``bits`` of working precision."""
        known = self._multipliers.get(bits)
        if known is None or len(known) <= order:
            known = self._multipliers[bits] = self.series(order, bits)
        return known[: order + 1]

    def abel(self, order: int, bits: int) -> AbelSeries:
        """The Abel series through w**order (at least), as balls computed with ``bits`` of working precision."""
        from flint import ctx

        known = self._abels.get(bits)
        if known is None or known.order < order:
            with ctx.workprec(bits):
                solved = self.telescoped([1], 0, order, bits)
                known = self._abels[bits] = AbelSeries(solved.start, solved.coefficients, solved.log)
        return known

    def telescoped(self, g: list[Any], start: int, order: int, bits: int) -> LogSeries:
        """The H with H(w') - H(w) = sum of g_i w**(start + i), through w**order; at the current precision."""
        length = order + 2 * self.k + max(-start, 0)
        body = self.body(length, bits)
        if body is not None and worth_it(body, self.stride, length):
            return telescope_few(body, g, start, order)
        return telescope(self.multiplier(length, bits), g, start, order)

    def window(self, order: int) -> int:
        """How many exponents after w**order show the size of all that is left out; see :func:`.window_of`."""
        return max(window_of(self.support(max(order, 0) + 2 * self.k), self.k), 2 * self.stride + self.k)

    def support(self, order: int) -> list[int]:
        """The exponents through w**order of the power of M that is known best; its lattice is that of M."""
        body = self.body(order, 128)
        rows = self.multiplier(order, 128) if body is None else body.coefficients
        return [i for i, c in enumerate(rows) if i and not vanishes(c)]

    def log10_lead(self) -> float:
        """log10 of the leading Abel coefficient a_{-k} = -1/(k M_k); UnsupportedError if the point repels."""
        a = self.abel(1, 128).coefficients[0]
        if not a > 0:
            raise UnsupportedError(
                f"{self.name} repels on the side {'+' if self.chart.side > 0 else '-'}: its orbits leave, so they have "
                "no law; look at the other side, or at the inverse map"
            )
        return log10_size(a)

    def flat_depth(self, target: float) -> float:
        """log10 of the depth from which exponentially small parts of F are below 10**-target; -oo without them."""
        limit = self.flat(target)
        return -math.inf if limit is None else self.log10_lead() - self.k * limit

    def scale(self, w: Any) -> float:
        """log10 of a_{-k} w**-k, about the number of steps that lead from order one to w."""
        return self.log10_lead() - self.k * log10_size(w)

    def scale_of_gap(self, gap: Any) -> float:
        """The same for a gap, the distance from the point (x at infinity)."""
        return self.log10_lead() - self.k * log10_size(gap) / self.chart.power


def vanishes(a: Any) -> bool:
    """Whether a coefficient is zero, exactly or as far as its ball shows."""
    return ps.is_zero(a) or (not isinstance(a, int) and bool(a.contains(0)))


def next_terms(series: LogSeries, order: int, log10_w: float) -> float:
    """log10 of the largest known term |a_j w**j| after w**order: the estimate of the rest.

    -inf where the series has no further term (it may be exact); the caller provides the coefficients of a whole
    :meth:`window <NumericMap.window>` beyond ``order``, and no more.  Coefficients that vanish as far as their balls
    show (odd terms of an even map, say) do not count.
    """
    rows = ((j, series.coefficient(j)) for j in range(max(order + 1, series.start), series.order + 1))
    return max((log10_upper(a) + j * log10_w for j, a in rows if not vanishes(a)), default=-math.inf)
