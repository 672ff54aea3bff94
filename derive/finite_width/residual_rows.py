r"""Bounds of the mean of :math:`A'^i M'^{K-i/2}` after a module that ends with ReLU: :class:`Step`.

With the sum A and the squared length M of the stream, :math:`a = A/\sqrt M`, and everything divided by :math:`M^K`, the
bounds are polynomials in a of degree 2K:

* i even: :math:`E[A'^i M'^{K-i/2} \mid x]` is one, exactly (:mod:`.relu_growth`).
* i odd: :math:`L \le \sqrt{M'} \le U`, :math:`U = (M'/\gamma + \gamma)/2` and :math:`L = (3M'/\gamma -
  M'^2/\gamma^3)/2` for every gamma > 0; the means of the products are polynomials, in which :math:`|\sum x_i^3| \le
  M^{3/2}`, and :math:`|a| \le \sqrt n` lowers a power that is too high.
* Where A >= 0, and so A' >= 0, that is all (from below also :math:`\sqrt{M'} \ge A'/\sqrt n`).  Where A may be
  negative, sides are changed for the unlikely sign of A', and :math:`(U - L)(\mp A')^+ \le (U - L)(A' \mp
  \tau)^2/4\tau` is added.
* x >= 0, from below: A' and M' increase in every independent variable, so by Harris's inequality
  :math:`E[A'^iM'^{j+1/2}] \ge E[A'^iM'^j]\,E\sqrt{M'}`, and :math:`E\sqrt{M'}` is at least :math:`|E x'|` (Jensen) and
  at least E L; both are concave in a, which is in [1, sqrt(n)], and lie above their chords.

gamma, tau and the choice among bounds are free, and taken near a typical a.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from derive.finite_width.relu_growth import joint_moment

__all__ = ["Step", "added", "value_at"]


@cache
def _terms(i: int, j: int) -> tuple:
    """The joint moment at M = 1 as (power of n, a, P, s, c; numerator, denominator)."""
    terms = joint_moment(i, j).terms()
    return tuple((e[0], e[1], e[3], e[4], e[5], int(q.numerator), int(q.denominator)) for e, q in terms)


class Step:
    """One module: bounds of the mean of every A'^i M'^(K - i/2) over M^K, as coefficients of powers of a."""

    def __init__(self, n: int, deviation: Any, ratios: Sequence[Any], least: int, typical: float) -> None:
        from flint import arb

        # least: 1 where no entry is negative, 0 where their sum is not, -1 elsewhere
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
        return added(self._collected(i, j, 0), [abs(x) for x in self._collected(i, j, 1)])

    def row(self, K: int, i: int, upper: bool) -> list:
        """The bound for one i; exact for even i."""
        key = (K, i, upper)
        if key not in self.rows:
            j = K - (i + 1) // 2  # the whole part of K - i/2
            if i % 2 == 0:
                self.rows[key] = self.exact(i, j)
            elif self.least < 0:
                self.rows[key] = self._any_sign(i, j, upper)
            else:
                self.rows[key] = self._above(i, j) if upper else self._below(i, j)
        return self.rows[key]

    def _above(self, i: int, j: int) -> list:
        more, less = self.exact(i, j + 1), self.exact(i, j)
        gamma = self._mid((value_at(more, self.typical) / value_at(less, self.typical)).sqrt())
        return added([x / (2 * gamma) for x in more], [x * gamma / 2 for x in less])

    def _below(self, i: int, j: int) -> list:
        """The best of the lower bounds at the typical a; each of them holds for every a."""
        found = [[x / self.root for x in self.exact(i + 1, j)], self._tangent(i, j)]
        if self.least:
            chord, rest = self._root_chord(), self.exact(i, j)
            found.append(added([x * chord[0] for x in rest], [self.arb(0), *(x * chord[1] for x in rest)]))
        return max(found, key=lambda row: float(value_at(row, self.typical)))

    def _tangent(self, i: int, j: int) -> list:
        """From sqrt(M') >= (3 M'/gamma - M'^2/gamma^3)/2; powers of a above i + 2 j + 1 = 2 K fall by a <= sqrt(n)."""
        less, more = self.exact(i, j + 1), self._at_most(i, j + 2)
        gamma = self._mid((value_at(more, self.typical) / value_at(less, self.typical)).sqrt())
        row = added([3 * x / (2 * gamma) for x in less], [-x / (2 * gamma**3) for x in more])
        while len(row) > i + 2 * j + 2:
            top = row.pop()
            row[-1] += (top if top < 0 else self.arb(0).union(top)) * self.root
        return row

    def _any_sign(self, i: int, j: int, upper: bool) -> list:
        """Sides by the sign of A' at the typical a, and what the other sign of A' can add."""
        length, total, square = (value_at(self.exact(*p), self.typical) for p in ((0, 1), (1, 0), (2, 0)))
        gamma, spread = self._mid(length.sqrt()), (abs(square - total**2)).sqrt()
        sign = 1 if float(total) >= 0 else -1
        tau = self._mid(abs(total).max(spread).max(self.arb(2) ** -20))
        if upper == (sign > 0):  # U, else L
            parts = [(1 / (2 * gamma), i, j + 1), (gamma / 2, i, j)]
        else:
            parts = [(3 / (2 * gamma), i, j + 1), (-1 / (2 * gamma**3), i, j + 2)]
        side, size = (1 if upper else -1), gamma / (8 * tau)
        for p, x in ((2, 1), (1, -2 * sign * tau), (0, tau**2)):  # (A' - sign tau)^2
            for q, y in ((0, 1), (1, -2 / gamma**2), (2, 1 / gamma**4)):  # (1 - M'/gamma^2)^2
                parts.append((side * size * x * y, i - 1 + p, j + q))
        plain = added(*([c * x for x in self._collected(p, q, 0)] for c, p, q in parts))
        cubes = added(*([c * x for x in self._collected(p, q, 1)] for c, p, q in parts))
        for k, c in enumerate(cubes):  # |P| <= 1, and |a|^k <= (a^(k-1) + a^(k+1))/2 for odd k
            for power in (k - 1, k + 1) if k % 2 else (k, k):
                plain = added(plain, [*([self.arb(0)] * power), side * abs(c) / 2])
        return self._lowered(plain, i + 2 * j + 1, side)

    def _lowered(self, row: list, degree: int, side: int) -> list:
        """Powers of a above an even degree replaced by a bound, from above (side 1) or below (-1), |a| <= sqrt(n)."""
        row = list(row)
        while len(row) > degree + 1:
            k, c = len(row) - 1, row.pop()
            most = (abs(c) + side * c) / 2 if k % 2 == 0 else abs(c)
            row[degree] += side * most * self.root ** (k - degree)
        return row

    def _root_chord(self) -> list:
        """c0 + c1 a <= E sqrt(M') for 1 <= a <= sqrt(n), the better of two at the typical a."""
        chords = [self._chord(f) for f in (self._jensen, self._hoelder())]
        return max(chords, key=lambda c: float(value_at(c, self.typical)))

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
        gamma = self._mid((value_at(second, self.typical) / value_at(first, self.typical)).sqrt())
        return lambda a: (3 * value_at(first, a) / gamma - value_at(second, a) / gamma**3) / 2

    def _mid(self, x: Any) -> Any:
        """A point of a ball: any positive number is a fair choice."""
        return self.arb(x.mid())

    def pull(self, u: Sequence[Any], K: int, upper: bool) -> list:
        """Coefficients of a bound of the mean of sum u_i A'^i M'^(K - i/2), given x."""
        total = [self.arb(0)] * (2 * K + 1)
        for i, weight in enumerate(u):
            if weight.is_zero():
                continue
            total = added(total, self._weighted(weight, K, i, upper))
        return total

    def _weighted(self, weight: Any, K: int, i: int, upper: bool) -> list:
        if i % 2 == 0 or weight > 0:
            return [weight * x for x in self.row(K, i, upper)]
        other = [weight * x for x in self.row(K, i, not upper)]
        if weight < 0:
            return other
        return _hull([weight * x for x in self.row(K, i, upper)], other)  # the sign is hidden by rounding


def value_at(coefficients: Sequence[Any], a: Any) -> Any:
    total = 0 * a
    for x in reversed(coefficients):
        total = total * a + x
    return total


def added(*rows: Sequence[Any]) -> list:
    """The sum of polynomials given by their coefficients."""
    columns = ([row[k] for row in rows if k < len(row)] for k in range(max(map(len, rows))))
    return [sum(column[1:], column[0]) for column in columns]


def _hull(f: Sequence[Any], g: Sequence[Any]) -> list:
    """Coefficientwise hulls; the shorter list is filled with zeros."""
    size = max(len(f), len(g))
    zero = 0 * f[0]
    f, g = ([*h, *([zero] * (size - len(h)))] for h in (f, g))
    return [x.union(y) for x, y in zip(f, g, strict=True)]
