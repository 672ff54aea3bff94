r"""Two-sided bounds for residual nets whose modules end with ReLU: :class:`Growth`.

A function :math:`\sum_i u_iA^iM^{K-i/2}` of the sum A and the squared length M of x_l has, given x_(l-1), a mean
between two functions of the same form (:mod:`.residual_rows`), and is pulled back to the input; the sign of every u_i
says which side it needs.  All numbers are balls.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import sympy as sp

from derive.finite_width.residual_rows import Step, added, value_at
from derive.numerics.ball import Ball

__all__ = ["Bounds", "Growth", "outward"]

_DIGITS = 20


class Bounds(NamedTuple):
    """A proved lower and upper bound, as exact numbers."""

    lower: sp.Expr
    upper: sp.Expr

    def _repr_latex_(self) -> str:
        return f"$[{sp.latex(self.lower.evalf(8))},\\ {sp.latex(self.upper.evalf(8))}]$"


def outward(low: Fraction, high: Fraction) -> Bounds:
    """The ends of an interval as decimals of 20 digits, rounded away from it."""
    return Bounds(_rounded(low, -1), _rounded(high, 1))


def _rounded(value: Fraction, side: int) -> sp.Rational:
    if value == 0:
        return sp.Integer(0)
    place = len(str(abs(value.numerator))) - len(str(value.denominator)) - _DIGITS
    scaled = value / Fraction(10) ** place
    whole = scaled.numerator // scaled.denominator if side < 0 else -(-scaled.numerator // scaled.denominator)
    return sp.Rational(whole) * sp.Rational(10) ** place


class Growth:
    """The modules of one net, from the input on, in balls of the given precision.

    ``deviations`` are eta sqrt(v) of each module, v the variance of its last layer; ``ratios[r]`` is the r-th moment of
    the length of the last hidden layer over that of x.
    """

    def __init__(
        self,
        width: int,
        total: sp.Expr,
        square: sp.Expr,
        least: int,
        deviations: Sequence[sp.Expr],
        ratios: Sequence[sp.Expr],
        bits: int,
    ) -> None:
        from flint import arb, ctx

        from derive.numerics.compile import to_arb

        self.bits = bits
        with ctx.workprec(bits):
            moments = [to_arb(m) for m in ratios]
            self.square, self.start = to_arb(square), to_arb(total) / to_arb(square).sqrt()
            a, made = float(self.start), {}
            self.steps = []
            for deviation in deviations:
                key = (deviation, round(a, 3))
                if key not in made:
                    made[key] = Step(width, to_arb(deviation), moments, least, key[1] or 1.0)
                self.steps.append(made[key])
                a = _next_direction(made[key], a)
            self.arb, self.ctx = arb, ctx

    def moment(self, k: int, upper: bool) -> Any:
        """A bound of E M_L^k, k = 1 or 2."""
        with self.ctx.workprec(self.bits):
            u = [self.arb(1), *([self.arb(0)] * (2 * k))]
            for step in reversed(self.steps):
                u = step.pull(u, k, upper)
            return value_at(u, self.start) * self.square**k

    def empirical_variance(self, upper: bool) -> Any:
        """A bound of the mean variance over the modules.

        G = c(x_l) - (2/L^2) S w(x_l) - S^2/L^2 with S = M_1 + ... + M_(l-1), w a bound of the mean of the later sum.
        """
        count = len(self.steps)
        with self.ctx.workprec(self.bits):
            one = self.arb(1)
            c, w = [0 * one] * 5, [0 * one] * 3
            for step in reversed(self.steps):
                c[0] += one / count - one / count**2
                c = added(c, [-2 * x / count**2 for x in w])
                w[0] += one
                c, w = step.pull(c, 2, upper), step.pull(w, 1, not upper)
            return value_at(c, self.start) * self.square**2

    def bounds(self, quantity: str, *arguments: int) -> tuple[Fraction, Fraction]:
        """The lower end of the lower bound and the upper end of the upper one."""
        low, high = (getattr(self, quantity)(*arguments, upper) for upper in (False, True))
        return Ball.from_arb(low).bounds()[0], Ball.from_arb(high).bounds()[1]


def _next_direction(step: Step, a: float) -> float:
    """A/|x| after a module, roughly: where to put the free choices."""
    here = step.arb(a)
    total, square = (float(value_at(step.exact(*p), here)) for p in ((1, 0), (0, 1)))
    return min(total / square**0.5, step.n**0.5)
