r"""Does an expansion satisfy its recurrence to the order it claims?  Two decay orders, measured and compared.

1. *Abel's equation.*  With the Abel series cut after :math:`w^N`, the defect
   :math:`A_N(w M(w)) - A_N(w) - 1` must vanish like :math:`w^{q}` with :math:`q \ge N + k + 1`.
2. *Inversion.*  With the expansion cut after the terms asked for, :math:`A(x_n(\theta, Y)) - n - c` at a fixed Y must
   vanish like a power of :math:`\theta` given by the first omitted term.

Both defects are pure powers (no logarithms, because Y is held fixed), so the exponent is read off from two values of
the variable at high precision and is an integer to many digits.  F itself is evaluated in mpmath, not from its series
(except where it is known by its series only).  This measures; it does not prove.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.difference.series import powerseries as ps
from derive.display import ShownAsTable
from derive.errors import InputError

if TYPE_CHECKING:
    from derive.difference.expansion import Expansion

__all__ = ["Verification", "verify_expansion"]


@dataclass(frozen=True)
class Verification(ShownAsTable):
    """Claimed and measured exponents: of w in Abel's equation, of theta in the inversion (None: no defect was seen)."""

    abel_claimed: int
    abel_measured: float | None
    inversion_claimed: int
    inversion_measured: float | None

    @property
    def passed(self) -> bool:
        """Whether both defects vanish at least as fast as claimed."""
        pairs = ((self.abel_claimed, self.abel_measured), (self.inversion_claimed, self.inversion_measured))
        return all(measured is None or measured > claimed - 0.05 for claimed, measured in pairs)

    @property
    def settled(self) -> bool:
        """Whether what was measured is a whole number, as the exponent of a pure power is."""
        measured = (self.abel_measured, self.inversion_measured)
        return all(value is None or abs(value - round(value)) < 0.01 for value in measured)

    def __bool__(self) -> bool:
        return self.passed


def verify_expansion(law: Expansion, params: Mapping[Any, Any] | None = None) -> Verification:
    """Measure both decay orders; parameters without a value get a rational one between 1/2 and 3/2."""
    if law.image is not None or law.constant is not None or law.by != 0:
        raise InputError("verify the expansion of the state itself; its images follow from it")
    recurrence = law.recurrence
    given = recurrence.values(params)
    free = sorted(recurrence.parameters - set(given), key=str)
    values = {**given, **{s: sp.Rational(7 * i + 11, 5 * i + 13) for i, s in enumerate(free)}}
    found: Verification
    for nearness in (20, 60, 180):  # how close the pure power shows depends on the size of the coefficients
        check = _Check(law, values, nearness)
        found = Verification(*check.abel(), *check.inversion())
        if found.settled:
            break
    return found


class _Check:
    def __init__(self, law: Expansion, values: Mapping[sp.Symbol, Any], nearness: int) -> None:
        from derive.difference.formal.formal import FormalOrbit

        self.law, self.values, self.nearness = law, values, nearness
        self.numeric = law.recurrence.numeric(values)
        self.orbit = FormalOrbit(law.recurrence.local_map())
        self.k, self.chart = self.orbit.k, self.orbit.local.chart
        last = law.rows[min(law.asked, len(law.rows)) - 1].exponent - law.rows[0].exponent
        self.order = max(last - self.k, 1)
        self.digits = 60 + 6 * nearness * (self.order + 2 * self.k) // 10

    def _series(self, order: int) -> Any:
        from flint import ctx

        from derive.numerics import arb_to_mpf

        solved = self.orbit.solve(order + self.k)
        table = self.orbit.table
        with ctx.workprec(int(self.digits * 3.33) + 64):
            values = table.values(self.values)
            return solved.abel.map(lambda c: c if isinstance(c, int) else arb_to_mpf(table.number(c, values)))

    def abel(self) -> tuple[int, float | None]:
        import mpmath

        with mpmath.mp.workdps(self.digits):
            series = self._series(self.order)
            point = self._number(self.chart.point) if not self.chart.at_infinity else 0

            def defect(w: Any) -> Any:
                x = point + self.chart.side * w**self.chart.power
                gap = self.chart.side * (self._step(x) - point)
                return (
                    series.value(gap ** (mpmath.mpf(1) / self.chart.power), self.order)
                    - series.value(w, self.order)
                    - 1
                )

            return self.order + self.k + 1, _exponent(defect, self.nearness)

    def _step(self, x: Any) -> Any:
        from derive.difference.near_point.series_function import SeriesFunction
        from derive.numerics import compile_mp

        F = self.numeric.F
        if isinstance(F, SeriesFunction):
            terms = F.terms(-(-(self.order + 3 * self.k + 6) // self.chart.root) + 2)
            return compile_mp(terms, [F.variable])(x)
        return compile_mp(F, [self.numeric.x])(x)

    def _number(self, expr: Any) -> Any:
        from derive.numerics import to_mpf

        return to_mpf(expr)

    def inversion(self) -> tuple[int, float | None]:
        import mpmath

        law = self.law
        rows = law.rows[: law.asked]
        first = rows[0].exponent
        claimed = (law.rows[law.asked].exponent if len(law.rows) > law.asked else law.reach + 1) - first
        with mpmath.mp.workdps(self.digits):
            series = self._series(claimed + 2 * self.k)
            y = mpmath.mpf(3) / 7
            sizes = [(r.exponent - first, [self._number(p.subs(self.values)) for p in r.coefficients]) for r in rows]

            def defect(theta: Any) -> Any:
                body = mpmath.fsum(theta**e * ps.evaluate(p, y) for e, p in sizes) * self.chart.side
                u = body ** (mpmath.mpf(1) / self.chart.power)
                total = mpmath.fsum(
                    a * (theta * u) ** j - (a * theta**j if j == -self.k else 0)
                    for j, a in enumerate(series.coefficients, start=series.start)
                )
                return total + series.log * mpmath.log(u) - y

            found = _exponent(defect, self.nearness)
        return claimed - self.k, found


def _exponent(defect: Callable[[Any], Any], nearness: int) -> float | None:
    """The exponent of a pure power, from two values at about 2^-nearness; None where it vanishes identically."""
    import mpmath

    near, far = abs(defect(mpmath.mpf(2) ** -(nearness + 1))), abs(defect(mpmath.mpf(2) ** -nearness))
    noise = mpmath.mpf(10) ** (30 - mpmath.mp.dps)
    if near < noise or far < noise:
        return None
    return float(mpmath.log(far / near, 2))
