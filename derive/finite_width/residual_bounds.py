r"""Two-sided bounds for residual nets whose modules end with ReLU: :class:`Growth`.

The state :math:`(A^i M^{K-i/2})_{i \le 2K}` of the sum A >= 0 and the squared length M of the stream is nearly closed
under a module.  With :math:`a = A/\sqrt M \in [1, \sqrt n]` ([0, sqrt(n)] for an input with negative entries) and
everything divided by :math:`M^K`:

* i even: :math:`E[A'^i M'^{K-i/2} \mid x]` is a polynomial in a, exactly (:mod:`.relu_growth`).
* i odd, upper: :math:`\sqrt{M'} \le (M'/\gamma + \gamma)/2` for every gamma > 0, and the rest is a polynomial.
* i odd, lower, x >= 0: A' and M' increase in every independent variable, so by Harris's inequality
  :math:`E[A'^iM'^{j+1/2}] \ge E[A'^iM'^j]\,E\sqrt{M'}`, and :math:`E\sqrt{M'}` is at least :math:`|E x'|` (Jensen) and
  at least :math:`(3EM'/\gamma - EM'^2/\gamma^3)/2`; both are concave in a and lie above their chords.
* i odd, lower, any x: :math:`\sqrt{M'} \ge (3M'/\gamma - M'^2/\gamma^3)/2`, with :math:`a \le \sqrt n` for a power of a
  that is too high and :math:`|\sum x_i^3| \le M^{3/2}`; or :math:`\sqrt{M'} \ge A'/\sqrt n`.

So a function :math:`\sum_i u_iA^iM^{K-i/2}` of x_l has, given x_(l-1), a mean between two functions of the same form,
and is pulled back to the input; the sign of every u_i says which side it needs.  All numbers are balls; gamma and the
choice of the chord are free, and taken near a typical a.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

import sympy as sp

from derive.finite_width.relu_growth import joint_moment
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


@cache
def _terms(i: int, j: int) -> tuple:
    """The joint moment at M = 1 as (power of n, a, P, s, c; numerator, denominator)."""
    terms = joint_moment(i, j).terms()
    return tuple((e[0], e[1], e[3], e[4], e[5], int(q.numerator), int(q.denominator)) for e, q in terms)


class _Step:
    """One module: bounds of the mean of every A'^i M'^(K - i/2) over M^K, as coefficients of powers of a."""

    def __init__(self, n: int, deviation: Any, ratios: Sequence[Any], least: int, typical: float) -> None:
        from flint import arb

        self.n, self.arb, self.least, self.typical = n, arb, least, arb(typical)
        self.powers = [deviation**r * m for r, m in enumerate(ratios)]
        self.c, self.root = 1 / (2 * arb.pi()).sqrt(), arb(n).sqrt()
        self.rows: dict[tuple[int, int, bool], list] = {}

    def exact(self, i: int, j: int) -> list:
        """E[A'^i M'^j | x] at M = 1, j <= 2."""
        return self._collected(i, j, cubes=0)

    def _collected(self, i: int, j: int, cubes: int) -> list:
        """The terms with that power of P."""
        total = [self.arb(0)] * (i + j + 1)
        for of_n, of_a, of_P, of_s, of_c, p, q in _terms(i, j):
            if of_P == cubes:
                total[of_a] += self.arb(self.n) ** of_n * self.powers[of_s] * self.c**of_c * p / q
        return total

    def _at_most(self, i: int, j: int) -> list:
        """An upper bound of E[A'^i M'^j | x] at M = 1, |P| being at most 1."""
        return _sum(self._collected(i, j, 0), [abs(x) for x in self._collected(i, j, 1)])

    def row(self, K: int, i: int, upper: bool) -> list:
        """The bound for one i; exact for even i."""
        key = (K, i, upper)
        if key not in self.rows:
            j = K - (i + 1) // 2  # the whole part of K - i/2
            make = self.exact if i % 2 == 0 else self._above if upper else self._below
            self.rows[key] = make(i, j)
        return self.rows[key]

    def _above(self, i: int, j: int) -> list:
        more, less = self.exact(i, j + 1), self.exact(i, j)
        gamma = self._mid((_at(more, self.typical) / _at(less, self.typical)).sqrt())
        return _sum([x / (2 * gamma) for x in more], [x * gamma / 2 for x in less])

    def _below(self, i: int, j: int) -> list:
        """The best of the lower bounds at the typical a; each of them holds for every a."""
        found = [[x / self.root for x in self.exact(i + 1, j)], self._tangent(i, j)]
        if self.least:
            chord, rest = self._root_chord(), self.exact(i, j)
            found.append(_sum([x * chord[0] for x in rest], [self.arb(0), *(x * chord[1] for x in rest)]))
        return max(found, key=lambda row: float(_at(row, self.typical)))

    def _tangent(self, i: int, j: int) -> list:
        """From sqrt(M') >= (3 M'/gamma - M'^2/gamma^3)/2; powers of a above i + 2 j + 1 = 2 K fall by a <= sqrt(n)."""
        less, more = self.exact(i, j + 1), self._at_most(i, j + 2)
        gamma = self._mid((_at(more, self.typical) / _at(less, self.typical)).sqrt())
        row = _sum([3 * x / (2 * gamma) for x in less], [-x / (2 * gamma**3) for x in more])
        while len(row) > i + 2 * j + 2:
            top = row.pop()
            row[-1] += (top if top < 0 else self.arb(0).union(top)) * self.root
        return row

    def _root_chord(self) -> list:
        """c0 + c1 a <= E sqrt(M') for 1 <= a <= sqrt(n), the better of two at the typical a."""
        chords = [self._chord(f) for f in (self._jensen, self._hoelder())]
        return max(chords, key=lambda c: float(_at(c, self.typical)))

    def _chord(self, f: Any) -> list:
        start = f(self.arb(1))
        if self.n == 1:
            return [start, self.arb(0)]
        slope = (f(self.root) - start) / (self.root - 1)
        return [start - slope, slope]

    def _jensen(self, a: Any) -> Any:
        shift = self.powers[1] * self.c
        return (1 + 2 * shift * a + self.n * shift**2).sqrt()

    def _hoelder(self) -> Any:
        first, second = self.exact(0, 1), self.exact(0, 2)
        gamma = self._mid((_at(second, self.typical) / _at(first, self.typical)).sqrt())
        return lambda a: (3 * _at(first, a) / gamma - _at(second, a) / gamma**3) / 2

    def _mid(self, x: Any) -> Any:
        """A point of a ball: any positive number is a fair choice."""
        return self.arb(x.mid())

    def pull(self, u: Sequence[Any], K: int, upper: bool) -> list:
        """Coefficients of a bound of the mean of sum u_i A'^i M'^(K - i/2), given x."""
        total = [self.arb(0)] * (2 * K + 1)
        for i, weight in enumerate(u):
            if weight.is_zero():
                continue
            total = _sum(total, self._weighted(weight, K, i, upper))
        return total

    def _weighted(self, weight: Any, K: int, i: int, upper: bool) -> list:
        if i % 2 == 0 or weight > 0:
            return [weight * x for x in self.row(K, i, upper)]
        other = [weight * x for x in self.row(K, i, not upper)]
        if weight < 0:
            return other
        return _hull([weight * x for x in self.row(K, i, upper)], other)  # the sign is hidden by rounding


class Growth:
    """The modules of one net, from the input on, in balls of the given precision.

    ``deviations`` are eta sqrt(v) of each module, v the variance of its last layer; ``ratios[r]`` is the r-th moment of
    the length of the last hidden layer over that of x.
    """

    def __init__(
        self,
        width: int,
        entries: Sequence[sp.Expr],
        deviations: Sequence[sp.Expr],
        ratios: Sequence[sp.Expr],
        bits: int,
    ) -> None:
        from flint import arb, ctx

        from derive.numerics.compile import to_arb

        self.bits = bits
        with ctx.workprec(bits):
            moments = [to_arb(m) for m in ratios]
            total, square = sp.expand(sum(entries)), sp.expand(sum(x**2 for x in entries))
            self.square, self.start = to_arb(square), to_arb(total) / to_arb(square).sqrt()
            least = int(all(x.is_nonnegative for x in entries))
            a, made = float(self.start), {}
            self.steps = []
            for deviation in deviations:
                key = (deviation, round(a, 3))
                if key not in made:
                    made[key] = _Step(width, to_arb(deviation), moments, least, key[1] or 1.0)
                self.steps.append(made[key])
                a = _next_direction(made[key], a)
            self.arb, self.ctx = arb, ctx

    def moment(self, k: int, upper: bool) -> Any:
        """A bound of E M_L^k, k = 1 or 2."""
        with self.ctx.workprec(self.bits):
            u = [self.arb(1), *([self.arb(0)] * (2 * k))]
            for step in reversed(self.steps):
                u = step.pull(u, k, upper)
            return _at(u, self.start) * self.square**k

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
                c = _sum(c, [-2 * x / count**2 for x in w])
                w[0] += one
                c, w = step.pull(c, 2, upper), step.pull(w, 1, not upper)
            return _at(c, self.start) * self.square**2

    def bounds(self, quantity: str, *arguments: int) -> tuple[Fraction, Fraction]:
        """The lower end of the lower bound and the upper end of the upper one."""
        low, high = (getattr(self, quantity)(*arguments, upper) for upper in (False, True))
        return Ball.from_arb(low).bounds()[0], Ball.from_arb(high).bounds()[1]


def _next_direction(step: _Step, a: float) -> float:
    """A/|x| after a module, roughly: where to put the free choices."""
    here = step.arb(a)
    total, square = (float(_at(step.exact(*p), here)) for p in ((1, 0), (0, 1)))
    return min(total / square**0.5, step.n**0.5)


def _at(coefficients: Sequence[Any], a: Any) -> Any:
    total = 0 * a
    for x in reversed(coefficients):
        total = total * a + x
    return total


def _sum(f: Sequence[Any], g: Sequence[Any]) -> list:
    longer, shorter = (f, g) if len(f) >= len(g) else (g, f)
    return [x + (shorter[i] if i < len(shorter) else 0) for i, x in enumerate(longer)]


def _hull(f: Sequence[Any], g: Sequence[Any]) -> list:
    """Coefficientwise hulls; the shorter list is filled with zeros."""
    size = max(len(f), len(g))
    zero = 0 * f[0]
    f, g = ([*h, *([zero] * (size - len(h)))] for h in (f, g))
    return [x.union(y) for x, y in zip(f, g, strict=True)]
