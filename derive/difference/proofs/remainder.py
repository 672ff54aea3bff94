r"""What the remainder of a map known by an asymptotic series adds to a proof.

The map is :math:`F = F_K + R` with :math:`|R(x)| \le C x^{e}` for :math:`x \ge x_{min}`, x -> oo, in the variable
:math:`w = x^{-1/r}`.  While :math:`|R| \le F_K / 2`,

.. math:: \bigl|\log\tfrac{F}{F_K}\bigr| \le 2 \frac{|R|}{F_K} \le 2 C\,w^{r(1-e)}\,\frac{x}{F_K(x)},

so that R shifts :math:`\log w'` by at most :math:`\delta(w) = \tfrac{2}{r}\,C\,e^{r\Lambda} w^{r(1-e)}`, where
:math:`\Lambda` bounds :math:`|\log M_K|`.  The defect of the truncated Abel series changes by at most
:math:`\sup |w A_N'(w)|\,\delta(w)` over the w between the images, and :math:`|w A_N'| \le G w^{-k}` there; the same
holds for any telescoped series.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.difference.formal.abel import LogSeries
from derive.difference.orbits.numeric_map import NumericMap
from derive.difference.proofs.enclosure import Condition
from derive.difference.series import powerseries as ps
from derive.errors import CertificationError
from derive.numerics import to_arb

__all__ = ["Remainder"]


@dataclass(frozen=True)
class Remainder:
    """|F(x) - F_K(x)| <= bound * x**exponent for x >= smallest; ``log_bound`` bounds |log M_K| where it is used."""

    bound: sp.Expr
    exponent: sp.Rational
    smallest: sp.Expr
    log_bound: Any

    def conditions(self) -> list[Condition]:
        """What is used of the map: its series with a proved remainder."""
        return [
            Condition(
                "the map is its series up to a remainder R, |R(x)| <= C x**e for x >= x_min",
                f"C <= {to_arb(self.bound).upper().str(5)}, e = {self.exponent}, x_min = {self.smallest}",
            )
        ]

    def log_shift(self, what: NumericMap, w: Any) -> Any:
        """An upper bound of delta(w); checks that R is small against F_K and that x >= x_min."""
        r = what.chart.root
        x = 1 / w**r
        if not x >= to_arb(self.smallest):
            raise CertificationError(
                f"the remainder of the map's series is known for x >= {to_arb(self.smallest).str(5)} only, "
                f"and x_m = {x.str(5)}; more steps are needed"
            )
        relative = to_arb(self.bound) * (self.log_bound * r).exp() * w ** to_arb(r * (1 - self.exponent))
        if not relative < 0.5:
            raise CertificationError(f"the remainder is not small against the map at x_m: ratio {relative.str(4)}")
        return (2 * relative / r).upper()

    def defect(self, series: LogSeries, order: int, what: NumericMap, w: Any) -> tuple[Any, Any]:
        """``(b, power)``: the remainder changes the defect at w_l by at most b (w_l/w)**power."""
        from flint import arb

        lowest = min(series.start, 0)
        slope = abs(arb(series.log))
        for i, a in enumerate(series.coefficients[: order - series.start + 1]):
            if not ps.is_zero(a):
                slope = slope + abs(arb(a)).upper() * abs(series.start + i) * w ** (series.start + i)
        shift = self.log_shift(what, w)
        spread = ((self.log_bound + shift) * -lowest).exp()
        return (slope * spread * shift).upper(), to_arb(what.chart.root * (1 - self.exponent) + lowest)
