r"""A fibre with numeric coefficients: the state at one w as a polynomial in the amplitude C.

.. math:: \eta = \sum_i T_i(w)\,C^i, \qquad T_i = E_i(w)\,h(w)^i .

Used where the equation is linear, or where h is smaller than any power of w; other nonlinear equations go through
:mod:`derive.difference.driven.normal_form`, whose coefficients stay small near resonances.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from derive.difference.driven.fibre import Fibre
from derive.difference.series import powerseries as ps
from derive.difference.series.logarithms import LogPolynomial
from derive.difference.series.magnitude import log10_upper

__all__ = ["Matched", "NumericFibre"]

_BITS_PER_DIGIT = math.log2(10)


@dataclass(frozen=True)
class NumericFibre:
    """A fibre with coefficients in balls, ready to be evaluated; ``tail`` terms of each block serve the estimate."""

    fibre: Fibre
    tail: int
    bits: int

    def at(self, w: Any, index: int) -> Matched:
        """The state at one w as a function of C."""
        return Matched(*self.polynomial(w, index))

    def amplitude(self, c: Any) -> Any:
        """C itself."""
        return c

    def polynomial(self, w: Any, index: int) -> tuple[list[Any], list[Any], Any]:
        """The coefficients T_i of C**i at w, what each leaves out, and the relative error of h."""
        log = w.log()
        h, h_error = self._h(w, log, index)
        values, errors, power = [], [], w * 0 + 1
        for block in self.fibre.blocks:
            value, error = _partial_sum(block, w, log, self.tail)
            values.append(value * power)
            errors.append(error * abs(power))
            power = power * h
        return values, errors, h_error

    def _h(self, w: Any, log: Any, index: int) -> tuple[Any, Any]:
        fibre = self.fibre
        exponent, error = _partial_sum(fibre.g, w, log, self.tail)
        scale = w**fibre.start
        h = (exponent * scale + fibre.b * log).exp()
        if not ps.is_zero(fibre.mu - 1):
            h = h * fibre.mu**index
        return h, error * abs(scale)


def _partial_sum(row: Sequence[Any], w: Any, log: Any, tail: int) -> tuple[Any, Any]:
    """The sum without the last ``tail`` terms, and the largest of those."""
    row = [c.value(log) if isinstance(c, LogPolynomial) else c for c in row]
    sizes = [abs(c * w**a) if not ps.is_zero(c) else w * 0 for a, c in enumerate(row)]
    return ps.evaluate(row[: max(len(row) - tail, 0)], w) + w * 0, left_out(sizes, tail)


def left_out(sizes: Sequence[Any], tail: int) -> Any:
    """An estimate of the first term after ``len(sizes) - tail``.

    It is the largest of the last ``tail`` terms, and of what the root test on the last half expects there: in a series
    with gaps the last terms may vanish.
    """
    from flint import arb

    keep = max(len(sizes) - tail, 0)
    worst = arb(0)
    for size in sizes[keep:]:
        worst = worst.max(size)
    rows = [(d, log10_upper(s)) for d, s in enumerate(sizes) if not ps.is_zero(s)]
    if len(rows) < 2 or rows[-1][0] < 0.6 * len(sizes):
        return worst
    (first, head), rest = rows[0], [row for row in rows[1:] if row[0] >= len(sizes) // 2]
    rate = max((size - head) / (d - first) for d, size in rest)
    return worst.max(arb(10) ** arb(head + rate * (keep - first)))


@dataclass(frozen=True)
class Matched:
    """The state as a function of C at one w: value, slope and error, all balls (the error an estimate)."""

    values: list[Any]
    errors: list[Any]
    h_error: Any

    def value(self, c: Any) -> Any:
        """The state; the last block is left out for the estimate."""
        return ps.evaluate(self.values[:-1] if len(self.values) > 2 else self.values, c) + c * 0

    def slope(self, c: Any) -> Any:
        """The derivative in C."""
        return ps.evaluate(ps.derivative(self.values), c) + c * 0

    def error(self, c: Any) -> Any:
        """The estimated absolute error of the value."""
        size = abs(c)
        total = ps.evaluate(self.errors, size) + abs(self.slope(c) * c * self.h_error)
        if len(self.values) > 2:
            total = total + abs(self.values[-1]) * size ** (len(self.values) - 1)
        return total

    def linear_part(self, c: Any) -> Any:
        """|C h|, the size of the homogeneous part."""
        return abs(self.values[1] * c)

    def solve(self, eta: Any) -> Any:
        """C with value(C) = eta, by Newton's method from the linear guess; None where it does not settle."""
        c = ((eta - self.values[0]) / self.values[1]).mid()
        least = log10_upper(eta / self.values[1])
        for _ in range(200):
            slope = self.slope(c)
            if slope.contains(0) or not slope.is_finite():
                return None
            step = ((self.value(c) - eta) / slope).mid()
            c = (c - step).mid()
            if not c.is_finite():
                return None
            if step == 0 or log10_upper(step) < max(log10_upper(c), least) - self._digits():
                return c
        return None

    def _digits(self) -> float:
        from flint import ctx

        return 0.9 * ctx.prec / _BITS_PER_DIGIT - 3
