r"""Proofs in ball arithmetic: the free constant c and x_n at any depth.

**Theorem.**  Let :math:`w' = w M(w)` be analytic for :math:`|w| \le \rho` with
:math:`M = 1 + M_k w^k + \dots`, :math:`M_k < 0`, let :math:`A_N` be the Abel series cut after w**N and
:math:`D(w) = A_N(w M) - A_N(w) - 1` its defect.  D is analytic (the logarithm contributes :math:`b \log M`) and
vanishes at 0 to order R = N + k + 1 at least, by construction of the coefficients.  Then

1. with :math:`\Lambda = \sup_{|z| \le t} |\log M|` the maximum principle gives, for 0 < w < t and any t up to rho,

   .. math:: |D(w)| \le B\,w^R, \qquad B = t^{-R} \Bigl(1 + |b| \Lambda + \sum_j |a_j| t^j (e^{|j| \Lambda} - 1)\Bigr);

2. if :math:`\log M(w) \le -\kappa w^k` on :math:`(0, w_m]` with :math:`\kappa > 0`, then
   :math:`w_l^{-k} \ge w_m^{-k} + k \kappa (l - m)`: the orbit tends to 0 and stays in :math:`(0, w_m]`;
3. hence :math:`A(w) = \lim (A_N(w_l) - l)` exists on :math:`(0, w_m]`, has the Abel series as its expansion, and

   .. math:: |A(w) - A_N(w)| \le \sum_{l} B w_l^R \le E(w) = B w^R \Bigl(1 + \frac{1}{(R - k)\,\kappa\,w^k}\Bigr);

4. :math:`c = A(x_0) = A(x_m) - m \in A_N(w_m) - m \pm E(w_m)`, with x_m enclosed by iterating the exact start in balls;
5. :math:`A_N(w_n) \in n + c \pm E(w_m)` for n >= m; if :math:`A_N` is strictly decreasing on :math:`(0, w_{max}]`,
   where :math:`w_n \le w_{max}` by 2, two sign checks of :math:`A_N - n - c` at the ends enclose :math:`w_n`.

Every hypothesis is checked with balls and listed in the result.  F need not be monotone.

**Maps known by a series.**  If :math:`F = F_K + R` with :math:`|R(x)| \le C x^{e}` for :math:`x \ge x_{min}` (at oo),
the argument is made for the finite sum :math:`F_K`; R moves log w by at most a :math:`\delta(w)`, which weakens
:math:`\kappa` and adds :math:`\sup |w A_N'|\,\delta(w)` to the defect (:mod:`derive.difference.proofs.remainder`).

Sources: P. Fatou, *Bull. SMF* 47 (1919), for the convergence of :math:`A_N(w_l) - l`; F. Johansson, *IEEE Trans.
Comput.* 66 (2017) 1281, for balls.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from derive.difference.formal.abel import AbelSeries
from derive.difference.orbits.abel_constant import plan
from derive.difference.orbits.abel_depth import invert
from derive.difference.orbits.flow import steps_ahead
from derive.difference.orbits.numeric_map import NumericMap
from derive.difference.orbits.orbit import Orbit
from derive.difference.proofs.defect import LOW_BITS, DefectBound, RightSide, defect_bound, step_bound
from derive.difference.proofs.disc import Disc
from derive.difference.proofs.enclosure import Condition, Hopeless
from derive.difference.proofs.remainder import Remainder
from derive.difference.series import powerseries as ps
from derive.difference.series.magnitude import log10_upper
from derive.errors import CertificationError

if TYPE_CHECKING:
    from derive.difference.digits.numbers_of import Numbers

__all__ = ["Proof", "about_the_map", "enclose_small", "prove_constant", "prove_value"]

_BITS_PER_DIGIT = math.log2(10)
_LARGEST_WORK = 6e7  # in products of numbers: some ten seconds


@dataclass(frozen=True)
class Proof:
    """c enclosed: ``constant`` is its ball, ``margin`` is E(w_m), ``w`` the ball of w_m after ``steps`` steps, each of
    which takes w**-k up by k ``kappa`` at least from there on.
    """

    constant: Any
    margin: Any
    w: Any
    kappa: Any
    steps: int
    order: int
    series: AbelSeries
    bits: int
    conditions: tuple[Condition, ...]

    def furthest(self, n: int) -> Any:
        """An upper bound of w_n for n >= steps, from the step bound."""
        from flint import ctx

        k = -self.series.start
        with ctx.workprec(LOW_BITS):
            inverse = self.w.upper() ** -k + self.kappa * k * (n - self.steps)
            return (inverse if k == 1 else inverse.root(k)).lower() ** -1


def prove_constant(numbers: Numbers, orbit: Orbit, target: float) -> Proof:
    """A ball of c with radius below 10**-target; CertificationError naming the condition that cannot be shown."""
    what = numbers.what
    now = max(orbit.depth(), 0.0)
    order, depth = plan(target + 4, what.k, what.stride, what.cost, now)
    depth, extra, best = max(depth, 1.0), 0, math.inf
    failure = ""
    while depth < max(6.5, now + 1):
        bits = -(-(int(max(target + 6 + max(depth, now), 15) * _BITS_PER_DIGIT) + 48 + extra) // 32) * 32
        _refuse_long_orbits(what, orbit, now, depth)
        try:
            proof = _attempt(numbers, orbit, order, depth, bits, target)
        except Hopeless:
            raise
        except CertificationError as error:
            failure, depth = str(error), depth + 0.3
            continue
        lost = log10_upper(proof.constant - proof.constant.mid()) + target
        if lost <= 0:
            return proof
        if log10_upper(proof.margin) <= -target - 0.3:
            extra += int(lost * _BITS_PER_DIGIT) + 32
            continue
        reached = log10_upper(proof.margin)
        failure = f"the sum of the defects could be bounded by 1e{reached:.0f} only"
        more_steps = (10 ** (depth + 0.2) - 10**now) * what.cost
        if more_steps < 50 * order**2 or reached > best - 1:
            depth += 0.2
        order, best = int(1.2 * order) + 2 * what.stride, min(best, reached)
    raise CertificationError(f"no enclosure of the constant of {what.name} to 1e{-target:.0f}: {failure}")


def _refuse_long_orbits(what: NumericMap, orbit: Orbit, now: float, depth: float) -> None:
    """A proof has to take every step up to x_m."""
    steps = 10 ** min(depth, 300.0) - 10 ** min(now, 300.0)
    if now < depth:
        steps = max(steps, 10 ** min(steps_ahead(what, orbit.at(0, 128)), 300.0))
    if steps * what.cost > _LARGEST_WORK:
        raise CertificationError(
            f"an enclosure of the constant of {what.name} needs about {steps:.0e} steps from x0 = {orbit.text}, all in "
            "balls; start closer to the fixed point, or ask for digits (certified=False)"
        )


def _attempt(numbers: Numbers, orbit: Orbit, order: int, depth: float, bits: int, target: float) -> Proof:
    from flint import arb, ctx

    log10_w = (numbers.what.log10_lead() - depth) / numbers.what.k
    kept = numbers.terms_needed(log10_w, target + 1)
    what, disc, remainder = numbers.truncated(kept), numbers.disc(kept), numbers.remainder(kept, log10_w)
    series = what.abel(order + what.stride, bits)
    steps, x = orbit.until(log10_w, bits)
    with ctx.workprec(LOW_BITS):
        w = what.chart.to_w(x).upper()
        kappa = step_bound(what, disc, remainder, w)
        order, bound = defect_bound(series, what, disc, RightSide(arb(1), 0, disc.radius), w, order)
        if remainder is not None:
            bound = replace(bound, parts=(*bound.parts, remainder.defect(series, order, what, w)))
        margin = bound.orbit_sum(what.k, kappa)
    with ctx.workprec(bits):
        start = what.chart.to_w(x)
        constant = series.value(start, order) - steps + arb(0, margin)
        residuals = [_residual(what, series, order, start, arb(1) / n, bound) for n in (1, 8)]
    conditions = [
        *about_the_map(what, disc, remainder),
        Condition(
            f"every step takes w**-{what.k} up by at least {what.k} kappa for 0 < w <= w_m", f"kappa >= {kappa.str(5)}"
        ),
        Condition(
            f"the Abel series through w**{order} has a defect |D| <= B w**{order + what.k + 1}, E in all from step m",
            f"on |w| <= {bound.radius.str(4)}; E <= {margin.str(4)}",
        ),
        Condition(
            "Abel's equation holds at w_m and w_m/8 within that bound",
            f"defects {residuals[0].str(3)}, {residuals[1].str(3)}",
        ),
        Condition(f"the start is exact and iterated in balls, m = {steps} times", f"x_m in {x.str(12)}"),
    ]
    return Proof(constant, margin, start, kappa, steps, order, series, bits, tuple(conditions))


def about_the_map(what: NumericMap, disc: Disc, remainder: Remainder | None) -> list[Condition]:
    """The conditions that were shown of the map itself."""
    lead = what.multiplier(what.k, 128)[what.k]
    """What was shown of the map alone."""
    side = f"on |w| <= {disc.radius.str(5)}, |M**{what.chart.root} - 1| <= {disc.bound.str(4)}, {disc.arcs} balls"
    about = [
        Condition(f"the map in {what.chart} is analytic and M has no zero in the disc", side),
        Condition(f"M = 1 + M_{what.k} w**{what.k} + ..., attracting", f"M_{what.k} in {lead.str(6)} < 0"),
    ]
    return about + ([] if remainder is None else remainder.conditions())


def _residual(what: NumericMap, series: AbelSeries, order: int, w: Any, part: Any, bound: DefectBound) -> Any:
    """A_N(w M) - A_N(w) - 1 at part of w_m, by a step of the map itself; wrong coefficients are found out here."""
    from flint import arb

    small = (w * part).mid()
    image = what.chart.to_w(what.step(what.chart.to_x(small)))
    residual = series.value(image, order) - series.value(small, order) - 1
    if not residual.overlaps(arb(0, bound.at(part))):
        raise Hopeless(
            f"Abel's equation fails at w = {small.str(4)}: the defect is {residual.str(4)}, its bound "
            f"{bound.at(part).str(4)}; a coefficient of the Abel series or of the map's series is wrong"
        )
    return residual


def prove_value(what: NumericMap, proof: Proof, orbit: Orbit, n: int, digits: int) -> tuple[Any, tuple[Condition, ...]]:
    """``(ball of x_n, conditions)``: by iteration in balls up to step m, by the Abel function after it."""
    if n <= proof.steps:
        bits = int((digits + 8) * _BITS_PER_DIGIT) + 64
        x = orbit.at(n, bits)
        while x.rel_accuracy_bits() < digits * _BITS_PER_DIGIT + 4 and bits < 10**6:
            bits *= 2
            x = orbit.at(n, bits)
        return x, (Condition(f"the start is exact and iterated in balls, {n} times", f"x_{n} in {x.str(12)}"),)
    return _inverted(what, proof, n, digits)


def _inverted(what: NumericMap, proof: Proof, n: int, digits: int) -> tuple[Any, tuple[Condition, ...]]:
    from flint import ctx

    w, shown, bits = enclose_small(proof, n, digits)
    with ctx.workprec(bits):
        return what.chart.to_x(w), proof.conditions + shown


def enclose_small(proof: Proof, n: int, digits: int) -> tuple[Any, tuple[Condition, ...], int]:
    """``(ball of w_n, conditions, bits)`` for n > proof.steps."""
    from flint import arb, ctx

    series, order = proof.series, proof.order
    furthest = proof.furthest(n).upper()
    slope = _decreasing(proof, furthest)
    bits = max(proof.bits, int((digits + 12) * _BITS_PER_DIGIT) + 64) + n.bit_length()
    with ctx.workprec(bits):
        level = proof.constant + n + arb(0, proof.margin)
        middle = invert(series, order, level, bits)
        gap = abs(series.value(middle, order) - level).upper()
        width = (3 * gap / abs(middle * series.derivative(middle, order))).upper() + arb(2) ** (8 - bits)
        low, high = (middle * (1 - width)).mid(), (middle * (1 + width)).mid()
        high, at_end = (high, False) if high < furthest else (furthest, True)
        ends = series.value(low, order) - level, series.value(high, order) - level
        if not (ends[0] > 0 and (at_end or ends[1] < 0)):
            raise CertificationError(f"the sign checks for x_{n} failed: {ends[0].str(4)}, {ends[1].str(4)}")
    k = -series.start
    shown = (
        Condition(
            "w_n <= w_max by the step bound, and A_N is strictly decreasing on (0, w_max]",
            f"w_max = {furthest.str(5)}, -w**{k + 1} A_N' >= {slope.str(5)}",
        ),
        Condition(
            f"A_N - n - c has its zero w_{n} between the ends of the ball",
            f">= {ends[0].lower().str(4)} below; "
            + ("w_n <= w_max above" if at_end else f"<= {ends[1].upper().str(4)} above"),
        ),
    )
    with ctx.workprec(bits):
        return low.union(high), shown, bits


def _decreasing(proof: Proof, w: Any) -> Any:
    """A lower bound, which must be positive, of -w**(k+1) A_N'(w) on (0, w]."""
    from flint import arb, ctx

    series, k = proof.series, -proof.series.start
    with ctx.workprec(LOW_BITS):
        slope = series.coefficients[0] * k - abs(arb(series.log)) * w**k
        for i, a in enumerate(series.coefficients[1 : proof.order + k + 1], start=1):
            if not ps.is_zero(a):
                slope = slope - abs(arb(a)).upper() * abs(i - k) * w**i
        if not slope > 0:
            raise CertificationError(f"A_N could not be shown to decrease on (0, {w.str(4)}]: bound {slope.str(4)}")
        return slope.lower()
