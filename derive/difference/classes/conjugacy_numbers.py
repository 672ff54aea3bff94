r"""Digits in the geometric and the doubly geometric class: constants, and values at any depth.

The straightening series (:mod:`derive.difference.classes.straight_map`) is evaluated where the orbit has come close
(:mod:`derive.difference.classes.conjugacy_reading`) and inverted at any depth.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from derive.difference.arguments import checked_digits, checked_index, start_value
from derive.difference.classes.conjugacy_reading import Read, read
from derive.difference.classes.exponent_size import demand_exponent
from derive.difference.classes.straight_map import StraightMap, inverse_at, log10_omitted
from derive.difference.classes.two_sides import demand_two_sides
from derive.difference.recurrence import Recurrence
from derive.difference.remembered import Remembered
from derive.difference.series import powerseries as ps
from derive.difference.series.magnitude import log10_relative, log10_size, log10_upper
from derive.errors import PrecisionError

__all__ = ["ConjugacyNumbers"]

_BITS_PER_DIGIT = math.log2(10)
_KEPT = 64

_made = Remembered(_KEPT)


@dataclass
class ConjugacyNumbers:
    """What is computed once for one straightened map: the constants of its starts, the disc of its proofs."""

    what: StraightMap
    _known: Remembered = field(default_factory=Remembered, repr=False)
    _disc: list[Any] = field(default_factory=list, repr=False)

    @classmethod
    def of(cls, recurrence: Recurrence, params: Mapping[Any, Any] | None) -> ConjugacyNumbers:
        """The numbers of a recurrence at given parameter values; remembered."""
        numeric = recurrence.numeric(params)
        key = (numeric.F, numeric.x, numeric.chart)
        return _made.get_or_make(key, lambda: cls(_straight_map(numeric)))

    def read(self, start: sp.Expr, digits: int) -> Read:
        """The straightened start, remembered; see :func:`.conjugacy_reading.read`."""
        known = self._known.get(start)
        if known is None or known.log10_error > -digits:
            known = self._known[start] = read(self.what, start, digits)
        return known

    def constant_value(self, x0: Any, digits: int, certified: bool) -> Any:
        """The constant c, normalised in the state."""
        from flint import ctx

        from derive.numerics import arb_to_sympy

        digits, start = checked_digits(digits), start_value(x0)
        if certified:
            from derive.difference.classes.conjugacy_proof import prove_constant

            return prove_constant(self, start, digits)
        extra = 3
        for _ in range(6):
            found = self.read(start, digits + extra)
            if found.on_the_point:
                return sp.S.Zero
            with ctx.workprec(found.straight.bits):
                c = self.normalised(found.value)
                lost = max(found.log10_error + self._amplification(found.value), log10_relative(c))
            if lost < -digits:
                return arb_to_sympy(c, digits)
            extra += int(min(lost + digits, 10 * digits)) + 2
        raise PrecisionError(f"the constant from x0 = {start} did not reach {digits} digits; ask for fewer")

    def normalised(self, value: Any) -> Any:
        """c from the straightened start."""
        power, side = self.what.chart.power, self.what.chart.side
        if self.what.degree > 1:
            return (value * power).exp()
        return side * value if power == 1 else side * value**power if not ps.is_zero(value) else value

    def _amplification(self, value: Any) -> float:
        """log10 of the relative error of c over that of the straightened start."""
        return max(log10_size(value), 0.0) + 1 if self.what.degree > 1 else 1.0

    def at(self, n: Any, x0: Any, digits: int, certified: bool = False) -> Any:
        """x_n by iteration, or by the inverse series."""
        from derive.numerics import arb_to_sympy

        n, digits, start = checked_index(n), checked_digits(digits), start_value(x0)
        if certified:
            from derive.difference.classes.conjugacy_proof import prove_value

            return prove_value(self, start, n, digits)
        extra = 4
        if self.what.degree > 1 and (self.what.chart.at_infinity or self.what.chart.point == 0):
            extra += int(self.exponent_bits(n) / _BITS_PER_DIGIT)  # the logarithm grows that much
        for _ in range(8):
            found = self.read(start, digits + extra)
            x = self._iterated(start, n, digits) if n <= found.steps else self._deep(found, n, digits)
            lost = log10_relative(x)
            if lost < -digits:
                return arb_to_sympy(x, digits)
            extra += int(min(lost + digits, 1300)) + 4
        raise PrecisionError(f"x_{n} from x0 = {start} was not reached to {digits} digits; ask for fewer digits")

    def orbit_ball(self, start: sp.Expr, n: int, bits: int) -> Any:
        """x_n in balls, by iteration."""
        from flint import ctx

        from derive.numerics import to_arb

        with ctx.workprec(bits):
            x = to_arb(start)
            for _ in range(n):
                x = self.what.step(x, bits)
            return x

    def disc(self) -> Any:
        """The disc on which the map is proved to be a contraction; remembered."""
        from derive.difference.classes.conjugacy_disc import find_disc

        if not self._disc:
            self._disc.append(find_disc(self.what))
        return self._disc[0]

    def exponent_bits(self, n: int) -> int:
        """Bits that the exponent of x_n takes; PrecisionError where they are too many."""
        return demand_exponent(self.what.degree, n, self.what.chart.at_infinity)

    def _iterated(self, start: sp.Expr, n: int, digits: int) -> Any:
        bits = int(digits * _BITS_PER_DIGIT) + 64
        for _ in range(12):
            x = self.orbit_ball(start, n, bits)
            if x.is_zero() or x.rel_accuracy_bits() > digits * _BITS_PER_DIGIT + 4:
                return x
            bits *= 2
        raise PrecisionError(f"x_{n} from x0 = {start} was not reached to {digits} digits; ask for fewer digits")

    def _deep(self, found: Read, n: int, digits: int) -> Any:
        """x_n from the inverse series, with the estimate of its error as radius."""
        from flint import arb, ctx

        if found.on_the_point:
            return self.what.chart.gap_to_x(arb(0))
        bits = found.straight.bits + self.exponent_bits(n)
        with ctx.workprec(bits):
            relative = arb(10) ** arb(found.log10_error)
            if self.what.degree == 1:
                t = found.value * self.what.multiplier() ** n * (1 + arb(0, 1) * relative)
            else:
                level = found.value * self.what.degree**n
                shift = self.what.multiplier().log() / (self.what.degree - 1)
                t = (level - shift + abs(level) * relative * arb(0, 1)).exp()
            w = inverse_at(found.straight.forward[:-2], t)
            left_out = log10_omitted(found.straight.forward, log10_upper(w))
            if math.isfinite(left_out):
                w = w + arb(0, 1) * 2 * arb(10) ** arb(left_out)
            return self.what.from_w(w)


def _straight_map(numeric: Recurrence) -> StraightMap:
    """The map of a recurrence without parameters; refused where it is of another class."""
    local, found = numeric.local_map(), numeric.classify()
    if found.kind not in ("hyperbolic", "exponential", "superattracting"):
        raise found.refuse(f"at these parameter values {numeric} is of another class; put them into the map")
    if found.attracting is not True:
        raise found.refuse(f"no orbit of {numeric} tends to the point")
    local.expand(local.moved(), 6 * local.chart.root)
    degree = 1 if found.kind in ("hyperbolic", "exponential") else int(found.order)
    if degree == 1 and found.leading.is_negative:
        demand_two_sides(numeric)
    return StraightMap(numeric, local.chart, degree)
