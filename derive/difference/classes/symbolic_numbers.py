r"""Digits for maps with a symbolic exponent, at given parameter values.

The sparse Abel function of :mod:`derive.difference.classes.symbolic_exponents` is computed with balls for coefficients;
the exponents stay exact, so that irrational values such as :math:`\alpha = \sqrt2/2`, or fractions with large
denominators, cost no more than simple ones.  The last terms are left out of sums and estimate the error, together with
what Abel's equation lacks at the point where the constant is read off.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy as sp

from derive.difference.arguments import checked_digits, checked_index, start_value
from derive.difference.classes.symbolic_abel import SparseAbel, sparse_abel
from derive.difference.near_point.sparse_expander import SparseExpander
from derive.difference.recurrence import Recurrence
from derive.difference.remembered import Remembered
from derive.difference.series.magnitude import log10_size, log10_upper
from derive.difference.series.sparse import Exponent, Scale
from derive.errors import DomainError, InputError, PrecisionError

__all__ = ["SymbolicNumbers"]

_BITS_PER_DIGIT = math.log2(10)
_TAIL = 4
_LARGEST_STEPS = 400_000
_REACHES = (Fraction(4), Fraction(6), Fraction(8), Fraction(11), Fraction(16))
_made = Remembered(32)


@dataclass(frozen=True)
class _Series:
    """A as (exponent, coefficient) by size, and the coefficient of the logarithm; the last few are the estimate."""

    rows: tuple[tuple[Any, Any], ...]
    log: Any
    bits: int

    def value(self, x: Any) -> Any:
        """A(x), without the last terms."""
        log = x.log()
        return sum((a * (e * log).exp() for e, a in self.rows[: -self.tail]), self.log * log)

    @property
    def tail(self) -> int:
        """How many terms are left out for the estimate: where several scales mix, one of them may be small."""
        return max(1, min(_TAIL, len(self.rows) // 4))

    def slope(self, x: Any) -> Any:
        """x A'(x)."""
        log = x.log()
        return sum((a * e * (e * log).exp() for e, a in self.rows[: -self.tail]), log * 0 + self.log)

    def error(self, x: Any) -> float:
        """log10 of the largest term left out."""
        log = x.log()
        return max(log10_upper(a * (e * log).exp()) for e, a in self.rows[-self.tail :])


@dataclass
class SymbolicNumbers:
    """One map at exact parameter values."""

    recurrence: Recurrence
    alpha: sp.Symbol
    value: sp.Expr
    _series: dict[Any, _Series] = field(default_factory=dict, repr=False)
    _known: Remembered = field(default_factory=Remembered, repr=False)

    @classmethod
    def of(cls, recurrence: Recurrence, alpha: sp.Symbol, params: Mapping[Any, Any] | None) -> SymbolicNumbers:
        """The numbers at given parameter values; remembered."""

        values = recurrence.values(params)
        unknown = recurrence.parameters - set(values)
        if unknown:
            names = ", ".join(sorted(s.name for s in unknown))
            raise InputError(f"digits need a value for {names}; give params={{symbol: value}}")
        at = values.pop(alpha)
        F = recurrence.expression.subs(values)
        return _made.get_or_make((F, at), lambda: cls(Recurrence(recurrence.x, F), alpha, at))

    def series(self, reach: Fraction, bits: int) -> _Series:
        """The Abel function through x**(-reach) relative to its leading term."""
        from flint import arb, ctx, fmpq

        from derive.numerics import to_arb

        if (reach, bits) not in self._series:
            with ctx.workprec(bits):
                alpha = to_arb(self.value)
                near = Fraction(str(self.value)) if self.value.is_Rational else Fraction(float(self.value))
                scale = Scale(near, reach, alpha, lambda r: arb(fmpq(r.numerator, r.denominator)))
                convert = lambda e: to_arb(e.subs(self.alpha, self.value))  # noqa: E731
                raised = lambda c, e: c ** convert(e)  # noqa: E731
                x = self.recurrence.x
                walk = SparseExpander(scale, x, self.alpha, convert, raised)
                g = walk.value(sp.expand(self.recurrence.F / x - 1))
                self._series[reach, bits] = _sorted(sparse_abel(g, self._vanishes), scale, bits)
        return self._series[reach, bits]

    def _vanishes(self, e: Exponent) -> bool:
        if not self.value.is_Rational:
            return e == (0, 0)
        return e[0] + e[1] * Fraction(int(self.value.p), int(self.value.q)) == 0

    def _step(self) -> Any:
        from derive.numerics import compile_ball

        return compile_ball(self.recurrence.expression.subs(self.alpha, self.value), [self.recurrence.x])

    def _stretch(self) -> Fraction:
        """The reach counts powers of the leading term where that is larger than x."""
        exponents = [sp.N(p.exp.subs(self.alpha, self.value)) for p in self.recurrence.expression.atoms(sp.Pow)]
        fastest = max((float(e) for e in exponents if e.is_real and e < 1), default=0.0)
        return Fraction(max(1.0, 1 - fastest)).limit_denominator(4)

    def constant_value(self, x0: Any, digits: int) -> sp.Float:
        """c = A(x_0)."""
        from derive.numerics import arb_to_sympy

        digits, start = checked_digits(digits), start_value(x0)
        extra = 2
        for _ in range(4):
            c, error, *_ = self._read(start, digits + extra)
            if error < log10_size(c) - digits:
                return arb_to_sympy(c, digits)
            extra += int(error - log10_size(c) + digits) + 2
        raise PrecisionError(f"the constant from x0 = {start} came out with error 1e{error:.0f}; ask for fewer digits")

    def at(self, n: Any, x0: Any, digits: int) -> sp.Float:
        """x_n."""
        from flint import ctx

        from derive.numerics import arb_to_sympy, to_arb

        n, digits, start = checked_index(n), checked_digits(digits), start_value(x0)
        c, _, steps, series = self._read(start, digits + 2)
        with ctx.workprec(series.bits + n.bit_length()):
            if n <= steps:
                x, step = to_arb(start), self._step()
                for _ in range(n):
                    x = step(x)
                return arb_to_sympy(x, digits)
            level = c.mid() + n
            e, a = series.rows[0]
            x = ((level / a).log() / e).exp().mid()
            for _ in range(100):
                move = ((level - series.value(x)) / series.slope(x)).mid()
                x = (x * move.exp()).mid()
                if log10_upper(move) < -digits - 8:
                    return arb_to_sympy(x, digits)
        raise PrecisionError(f"Newton's method for x_{n} did not settle")

    def _read(self, start: sp.Expr, digits: int) -> tuple[Any, float, int, _Series]:
        """c with an absolute error of 10**-digits, its error, where it was read off, and the series."""
        known = self._known.get(start)
        if known is not None and known[1] <= -digits:
            return known
        from flint import ctx

        from derive.numerics import to_arb

        bits = int((digits + 12) * _BITS_PER_DIGIT) + 96
        step = self._step()
        with ctx.workprec(bits):
            x, m = to_arb(start), 0
            for i, reach in enumerate(_REACHES):
                series = self.series(reach * self._stretch(), bits)
                limit = _LARGEST_STEPS if i == len(_REACHES) - 1 else 2000 * 4**i
                goal = 64
                while True:
                    while m < min(goal, limit):
                        x, m = step(x), m + 1
                    if not x.is_finite() or not x > 1:
                        if not x.is_finite() or m >= limit:
                            raise DomainError(
                                f"the orbit of x0 = {start} does not tend to infinity; choose another start"
                            )
                    elif (error := max(series.error(x), _summed_defect(series, step, x))) < -digits:
                        c = series.value(x) - m
                        found = self._known[start] = (c, max(error, log10_upper(c - c.mid())), m, series)
                        return found
                    if m >= limit:
                        break
                    goal *= 2
        raise PrecisionError(
            f"{digits} digits of the constant from x0 = {start} need more than {_LARGEST_STEPS} steps; ask for fewer"
        )


def _summed_defect(series: _Series, step: Any, x: Any) -> float:
    """log10 of the sum of A(F) - A - 1 along the orbit from x on, judged by x; -oo where rounding hides it."""
    x = x.mid()
    image = step(x)
    defect = series.value(image) - series.value(x) - 1
    if not defect.is_finite() or defect.contains(0):
        return -math.inf
    return log10_size(defect) + log10_size(x) - log10_size(image - x)


def _sorted(abel: SparseAbel, scale: Scale, bits: int) -> _Series:
    rows = sorted(abel.terms.items(), key=lambda row: scale.size(row[0]))
    return _Series(tuple((scale.element((-t[0], -t[1])), a) for t, a in rows), abel.log_coefficient, bits)
