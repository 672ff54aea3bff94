r"""The orbit of one exact start in balls: iterate until close to the fixed point, or explain why it does not get there.

Iterates are enclosed: the radius of a ball bounds all rounding errors so far.  Where the radius grows too fast (a long
irregular transient) the orbit is begun again with more bits.
"""

from __future__ import annotations

import math
from typing import Any

import sympy as sp

from derive.difference.orbits.numeric_map import NumericMap
from derive.difference.series.magnitude import shown
from derive.errors import DomainError, PrecisionError
from derive.numerics import to_arb

__all__ = ["Orbit"]

_PATIENCE = 1e6  # work, in products of numbers, before an orbit is asked where it goes
_WRONG_SIDE = 2_000
_CHECK = 256
_FAR = 1e200
_LOST_BITS = 1_000_000
_LARGEST_WORK = 6e7  # in products of numbers: some ten seconds


class _LostPrecision(Exception):
    """The ball has become too wide to follow."""


class Orbit:
    """x_0 (exact), x_1 = F(x_0), ... of a :class:`NumericMap`."""

    def __init__(self, what: NumericMap, start: sp.Expr) -> None:
        self.what, self.start = what, start
        self.text = str(start) if isinstance(start, sp.Basic) else start.str(17, radius=False)
        self._kept: dict[int, list[Any]] = {}

    def depth(self) -> float:
        """log10 of a_{-k} w_0**-k, about the number of steps the start is ahead; -inf on the other side."""
        from flint import ctx

        for bits in (128, 1024, 8192):
            with ctx.workprec(bits):
                gap = self.what.chart.gap(to_arb(self.start))
                if gap.is_zero() and self.what.chart.point.is_finite:
                    raise DomainError(f"x0 = {self.text} is the fixed point itself; its orbit stays there")
                if gap < 0:
                    return -math.inf
                if gap > 0:
                    return self.what.scale(self.what.chart.to_w(to_arb(self.start)))
        if self.what.chart.at_infinity:
            return -math.inf
        raise DomainError(f"x0 = {self.text} could not be told from the fixed point {self.what.chart.point}")

    def until(self, log10_w: float, bits: int) -> tuple[int, Any]:
        """The first step m at which w_m <= 10**log10_w, and the ball of x_m."""
        return self._precisely(bits, lambda b: self._until(log10_w, b))

    def at(self, n: int, bits: int) -> Any:
        """The ball of x_n by plain iteration."""
        return self._precisely(bits, lambda b: self._at(n, b))

    def sum(self, function: Any, n: int, bits: int) -> Any:
        """The ball of function(x_0) + ... + function(x_{n-1})."""
        return self._precisely(bits, lambda b: self._sum(function, n, b))

    def _sum(self, function: Any, n: int, bits: int) -> Any:
        from flint import arb, ctx

        with ctx.workprec(bits):
            kept = self._iterates(bits)
            total, x = arb(0), kept[0]
            for m in range(n):
                total = total + function(x)
                if not total.is_finite():
                    raise DomainError(
                        f"the summand has no finite value at x_{m} = {shown(x)} of the orbit of {self.text}"
                    )
                if m + 1 < len(kept):
                    x = kept[m + 1]
                else:
                    x = self._step(x, m)
                    self._keep(kept, x)
                if m % _CHECK == _CHECK - 1 and x.rel_accuracy_bits() < 20 and not x.contains(0):
                    raise _LostPrecision
            return total

    def _precisely(self, bits: int, run: Any) -> Any:
        for attempt in range(7):
            try:
                return run(bits << attempt)
            except _LostPrecision:
                continue
        raise PrecisionError(
            f"the orbit of x0 = {self.text} is so irregular that {bits << 6} bits do not suffice to follow it; "
            "start closer to the fixed point"
        )

    def _iterates(self, bits: int) -> list[Any]:
        return self._kept.setdefault(bits, [to_arb(self.start)])

    def _at(self, n: int, bits: int) -> Any:
        from flint import ctx

        with ctx.workprec(bits):
            kept = self._iterates(bits)
            x = kept[min(n, len(kept) - 1)]
            for m in range(min(n, len(kept) - 1), n):
                x = self._step(x, m)
                self._keep(kept, x)
                if m % _CHECK == _CHECK - 1 and x.rel_accuracy_bits() < 20 and not x.contains(0):
                    raise _LostPrecision
        return x

    def _keep(self, kept: list[Any], x: Any) -> None:
        """Iterates of an expensive map are worth their memory."""
        if self.what.cost >= 1000 and len(kept) < 5000:
            kept.append(x)

    def _step(self, x: Any, m: int) -> Any:
        new = self.what.step(x)
        if not new.is_finite():
            if x.rel_accuracy_bits() < 30 and not x.is_exact():
                raise _LostPrecision
            raise DomainError(
                f"the orbit of x0 = {self.text} leaves the domain of {self.what.name}: x_{m} = {shown(x)} has no real "
                "image; choose another start"
            )
        return new

    def _until(self, log10_w: float, bits: int) -> tuple[int, Any]:
        from flint import arb, ctx

        chart = self.what.chart
        with ctx.workprec(bits):
            edge = arb_power_of_ten((log10_w + 1e-6) * chart.power)  # a start that is there must count as being there
            patience = int(10 ** min(self.what.log10_lead() - self.what.k * log10_w, 9)) * 4
            patience, half_way = patience + int(_PATIENCE / self.what.cost) + 64, None
            kept = self._iterates(bits)
            wrong, m, x, before = 0, 0, kept[0], None
            far = arb(2) ** _LOST_BITS
            while True:
                gap = chart.gap(x)
                if not chart.at_infinity and abs(gap) > far:
                    self._ran_away(m)
                if gap >= edge if chart.at_infinity else (gap <= edge and gap > 0):
                    return m, x
                wrong = wrong + 1 if not gap > 0 else 0
                if m % _CHECK == _CHECK - 1:
                    self._watch(x, before, m, wrong)
                if m in (patience // 2, patience):
                    advance = (gap - chart.gap(before)) * (1 if chart.at_infinity else -1)
                    if m == patience:
                        self._demand_progress(advance, half_way, x, m)
                        patience *= 2
                    half_way = advance
                before = x
                if m + 1 < len(kept):
                    x = kept[m + 1]
                else:
                    x = self._step(x, m)
                    self._keep(kept, x)
                m += 1

    def _watch(self, x: Any, before: Any, m: int, wrong: int) -> None:
        """Every few hundred steps: is this orbit still going where it should?"""
        chart = self.what.chart
        place = "infinity" if chart.at_infinity else str(chart.point)
        side = "+" if chart.side > 0 else "-"
        gap = chart.gap(x)
        if not chart.at_infinity and (gap.is_zero() or (gap.contains(0) and gap.rad() < 1e-300)):
            raise DomainError(
                f"the orbit of x0 = {self.text} falls onto the fixed point {place} after finitely many steps"
            )
        if not chart.at_infinity and abs(gap) > _FAR and abs(gap) > abs(chart.gap(before)):
            self._ran_away(m)
        if x.rel_accuracy_bits() < 20 and not x.is_exact():
            raise _LostPrecision
        if wrong >= _WRONG_SIDE:
            raise DomainError(
                f"the orbit of x0 = {self.text} is on the other side of {place} (x_{m} = {shown(x)}), not on side "
                f"{side}; choose another start or the other side"
            )
        if (x - before).contains(0):
            raise DomainError(
                f"the orbit of x0 = {self.text} tends to {shown(x)}, another fixed point, not to {place}; "
                "choose another start"
            )

    def _ran_away(self, m: int) -> None:
        point = self.what.chart.point
        raise DomainError(
            f"the orbit of x0 = {self.text} runs away from {point}: |x_{m}| > 1e200; choose another start"
        )

    def _demand_progress(self, advance: Any, half_way: Any, x: Any, m: int) -> None:
        """After many steps: is the orbit still on its way, or does it stagnate?"""
        chart = self.what.chart
        if half_way is None or not (advance > half_way * 0.6 and advance > 0):
            raise DomainError(
                f"the orbit of x0 = {self.text} does not come close to "
                f"{'infinity' if chart.at_infinity else chart.point} on side {'+' if chart.side > 0 else '-'}: "
                f"x_{m} = {shown(x)}; choose another start"
            )
        if m * self.what.cost > _LARGEST_WORK:
            raise PrecisionError(f"the orbit of x0 = {self.text} is still at {shown(x)} after {m} steps; start closer")


def arb_power_of_ten(exponent: float) -> Any:
    """10**exponent as a ball, for exponents of any size."""
    from flint import arb

    return arb(10) ** arb(exponent)
