r"""Enclosures in the geometric and the doubly geometric class: the constant, and the state at any depth.

Let :math:`w' = g(w)` be analytic for :math:`|w| \le \rho`, :math:`|g| \le S = \kappa\rho`, :math:`\kappa < 1`
(:mod:`derive.difference.classes.conjugacy_disc`), so that :math:`|g(w)| \le \kappa|w|`.

**Geometric,** :math:`g'(0) = \mu`.  Let :math:`\sigma_N` be Schroeder's series cut after :math:`w^N`.  Its defect
:math:`D = \sigma_N(g) - \mu\sigma_N` vanishes to order N + 1, because the coefficients (enclosed in balls) solve the
triangular system; so :math:`|D(w)| \le B (|w|/\rho)^{N+1}` with :math:`B = \sum_j |s_j| (S^j + |\mu| \rho^j)`, and
since :math:`\sigma = \lim \mu^{-m} \sigma_N(g^m)`,

.. math:: |\sigma(w) - \sigma_N(w)| \le \frac{B\,(|w|/\rho)^{N+1}}{|\mu| - \kappa^{N+1}} \qquad (\kappa^{N+1} < |\mu|).

**Doubly geometric,** :math:`g = a w^d u(w)`.  The defect :math:`D = S_N - (\log u + S_N(g))/d` of the series in
:math:`L = \log w + \log a/(d-1) + S` vanishes to order N + 1, so :math:`|D(w)| \le B (|w|/\rho)^{N+1}` with
:math:`B = (1 + 1/d) \sum_j |s_j| \rho^j + \sup|\log u|/d`, and :math:`|S - S_N| \le B (|w|/\rho)^{N+1}/(1 - 1/d)`.

**Depth.**  :math:`t_n = \sigma(w_n)` (or :math:`w_n e^{S(w_n)}`) is known exactly in terms of :math:`t_m`, and
:math:`|w_n| \le R`.  With :math:`T(w) = \sum_j t_j w^j` the cut series of that function and E a bound of what was cut
on :math:`|w| \le R`, every real :math:`\tilde w` in that interval satisfies

.. math:: |w_n - \tilde w| \le \frac{|T(\tilde w) - t_n| + E}{1 - \sum_{j>1} j |t_j| R^{j-1}} ,

by the mean value theorem.  The orbit up to :math:`w_m` is enclosed from the exact start.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.difference.classes.conjugacy_disc import ContractingDisc
from derive.difference.classes.conjugacy_reading import approach
from derive.difference.near_point.series_function import SeriesFunction
from derive.difference.proofs.enclosure import Condition, Enclosure, Hopeless, settled
from derive.difference.recurrence import Recurrence
from derive.difference.series import powerseries as ps
from derive.difference.series.magnitude import log10_relative, log10_size
from derive.errors import CertificationError

if TYPE_CHECKING:
    from derive.difference.classes.conjugacy_numbers import ConjugacyNumbers

__all__ = ["prove_constant", "prove_value"]

_BITS_PER_DIGIT = math.log2(10)
_ATTEMPTS = 10


@settled
def prove_constant(numbers: ConjugacyNumbers, start: sp.Expr, digits: int) -> Enclosure:
    """The constant in a ball of relative radius below 10**-digits, with the conditions that were shown."""
    numbers = _in_closed_form(numbers)
    return _narrow(numbers, start, digits, f"c(x0 = {start}) of {numbers.what.recurrence}", Reading.constant)


@settled
def prove_value(numbers: ConjugacyNumbers, start: sp.Expr, n: int, digits: int) -> Enclosure:
    """x_n in a ball of relative radius below 10**-digits."""
    numbers = _in_closed_form(numbers)
    said = f"x_{n}(x0 = {start}) of {numbers.what.recurrence}"
    return _narrow(numbers, start, digits, said, lambda reading: reading.state(n))


def _in_closed_form(numbers: ConjugacyNumbers) -> ConjugacyNumbers:
    """The same map with functions known by their series, as Gaussian means are, in closed form where they have one.

    Nothing is proved about them otherwise: the disc needs their values at complex arguments.
    """
    from derive.difference.near_point.headed import has_heads

    rec = numbers.what.recurrence
    if not has_heads(rec.F, rec.x):
        return numbers
    plain = rec.expression.doit()
    if has_heads(plain, rec.x) or not plain.has(rec.x):
        return numbers
    return type(numbers).of(Recurrence(rec.x, plain, rec.point_given, rec.side), None)


class Reading:
    """The enclosed orbit up to w_m inside the disc, and the straightened w_m."""

    def __init__(self, numbers: ConjugacyNumbers, disc: ContractingDisc, start: sp.Expr, digits: int) -> None:
        from flint import ctx

        self.numbers, self.disc, self.start = numbers, disc, start
        self.size = 24 + digits // 3
        straight_bits = int(1.2 * digits * _BITS_PER_DIGIT) + 160
        goal = log10_size(disc.radius) - (digits + 3) / self.size
        self.bits = straight_bits + int(abs(goal * numbers.what.chart.power) * _BITS_PER_DIGIT) + 64
        self.forward = numbers.what.straight(self.size + 1, self.bits).forward
        self.steps, self.w = approach(numbers.what, start, goal, self.bits)
        with ctx.workprec(self.bits):
            if self.w is not None:
                self.margin = self.error_within(abs(self.w).upper())
                self._check_equation()

    def error_within(self, w: Any) -> Any:
        """A bound of |sigma - sigma_N|, or of |S - S_N|, on the disc of radius w."""
        disc, d = self.disc, self.numbers.what.degree
        if not w < disc.radius:
            raise CertificationError("the orbit has not come close enough for the bound to hold")
        small = (w / disc.radius) ** (self.size + 1)
        if d > 1:
            total = _sum(abs(c) * disc.radius**j for j, c in enumerate(self.logs)) * (d + 1) / d + disc.log_unit / d
            return (total * small * d / (d - 1)).upper()
        mu = abs(self.numbers.what.multiplier())
        total = _sum(abs(c) * (disc.image**j + mu * disc.radius**j) for j, c in enumerate(self.forward))
        gap = mu - disc.kappa ** (self.size + 1)
        if not gap > 0:
            raise CertificationError("the series is too short for the bound to hold")
        return (total * small / gap).upper()

    def _check_equation(self) -> None:
        """A wrong coefficient, of the series or of the map, shows here: E bounds the defect as well."""
        from flint import arb

        numbers, d, mu = self.numbers, self.numbers.what.degree, self.numbers.what.multiplier()
        image = numbers.what.w_of_image(self.w, self.bits)
        if d == 1:
            gap = ps.evaluate(self.forward, image) - mu * ps.evaluate(self.forward, self.w)
        else:
            log_unit = (image / (mu * self.w**d)).log()
            gap = ps.evaluate(self.logs, self.w) - (log_unit + ps.evaluate(self.logs, image)) / d
        if not gap.overlaps(self.margin * arb(0, 1)):
            raise Hopeless(f"the functional equation does not hold at w = {self.w.str(6)}: the defect is {gap.str(6)}")

    @property
    def logs(self) -> list[Any]:
        """The coefficients of S_N."""
        return [0 if ps.is_zero(c) else c for c in ps.log(self.forward[1:], self.size)]

    def straightened(self) -> Any:
        """sigma(x_0), or L(x_0)."""
        from flint import arb

        mu, d, near = self.numbers.what.multiplier(), self.numbers.what.degree, self.margin * arb(0, 1)
        if d == 1:
            return (ps.evaluate(self.forward, self.w) + near) / mu**self.steps
        level = self.w.log() + mu.log() / (d - 1) + ps.evaluate(self.logs, self.w) + near
        return level / arb(d) ** self.steps

    def constant(self) -> Any:
        """The ball of c at the current precision."""
        from flint import arb, ctx

        with ctx.workprec(self.bits):
            return arb(0) if self.w is None else self.numbers.normalised(self.straightened())

    def state(self, n: int) -> Any:
        """The ball of x_n."""
        from flint import ctx

        numbers = self.numbers
        if n <= self.steps:
            return numbers.orbit_ball(self.start, n, self.bits)
        with ctx.workprec(self.bits + numbers.exponent_bits(n)):
            if self.w is None:
                return numbers.what.chart.to_x(self.disc.radius * 0)
            return numbers.what.from_w(self._inverse(n))

    def _inverse(self, n: int) -> Any:
        from flint import arb

        mu, d, unit = self.numbers.what.multiplier(), self.numbers.what.degree, arb(0, 1)
        known = self.straightened()
        if d == 1:
            t = known * mu**n
            reach = abs(self.w).upper() * self.disc.kappa ** (n - self.steps)
        else:
            t = (known * arb(d) ** n - mu.log() / (d - 1)).exp()
            reach = abs(self.w).upper()
        reach = _closer(self, t, reach)
        error = self.error_within(reach)
        if d > 1:
            error = t * error.expm1()  # w exp(S_N) = t exp(S_N - S)
        slope = 1 - _sum(j * abs(c) * reach ** (j - 1) for j, c in enumerate(self.forward) if j > 1)
        if not slope > 0:
            raise CertificationError("the straightening function was not seen to be monotone")
        inverse = self.numbers.what.straight(self.size + 1, self.bits).backward
        guess = ps.evaluate(inverse, t).mid()
        return guess + unit * ((abs(ps.evaluate(self.forward, guess) - t) + error) / slope).upper()


def _closer(reading: Reading, t: Any, reach: Any) -> Any:
    """A smaller bound of |w_n|: |w| <= (|t| + E)/(1 - sum |t_j| R**(j-1)), or |w| <= t exp(sup |S|)."""
    if reading.numbers.what.degree > 1:
        size = _sum(abs(c) * reach**j for j, c in enumerate(reading.logs)) + reading.error_within(reach)
        return (t * size.exp()).upper().min(reach)
    gap = 1 - _sum(abs(c) * reach ** (j - 1) for j, c in enumerate(reading.forward) if j > 1)
    if not gap > 0:
        return reach
    return ((abs(t) + reading.error_within(reach)) / gap).upper().min(reach)


def _sum(terms: Any) -> Any:
    from flint import arb

    return sum(terms, arb(0))


def _narrow(
    numbers: ConjugacyNumbers, start: sp.Expr, digits: int, said: str, ball_of: Callable[[Reading], Any]
) -> Enclosure:
    if isinstance(numbers.what.recurrence.F, SeriesFunction):
        raise CertificationError(
            f"{numbers.what.recurrence} is known by a series only; enclosures in this class need F as an expression"
        )
    disc = numbers.disc()
    extra, last = 4, ""
    for _ in range(_ATTEMPTS):
        try:
            reading = Reading(numbers, disc, start, digits + extra)
            ball = ball_of(reading)
        except Hopeless:
            raise
        except CertificationError as error:
            last, extra = str(error), 2 * extra + 10
            continue
        if log10_relative(ball) < -digits:
            return Enclosure.of(said, ball, (disc.condition, *_conditions(reading)))
        last = f"only {ball.str(6)} was reached"
        extra += int(min(max(log10_relative(ball) + digits, 0), 10 * digits)) + 6
    raise CertificationError(f"no enclosure of {said} to {digits} digits: {last}; ask for fewer digits")


def _conditions(reading: Reading) -> tuple[Condition, ...]:
    if reading.w is None:
        return (Condition(f"the orbit reaches the point exactly at step {reading.steps}", "exact arithmetic"),)
    within = abs(reading.w).upper().str(4, radius=False)
    return (
        Condition(
            f"the start is exact and iterated in balls, m = {reading.steps} times, into the disc", f"|w_m| <= {within}"
        ),
        Condition(
            f"the series through w**{reading.size} differs from the straightening function by at most E at w_m",
            f"E <= {reading.margin.str(4, radius=False)}",
        ),
        Condition("the functional equation holds at w_m within the bound of the defect", "the balls overlap"),
    )
