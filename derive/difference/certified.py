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
5. :math:`A_N(w_n) \in n + c \pm E(w_m)` for n >= m; if :math:`A_N` is strictly decreasing on :math:`(0, w_m]`, two sign
   checks of :math:`A_N - n - c` at the ends enclose :math:`w_n`.

Every hypothesis is checked with balls and listed in the result.  F need not be monotone.

**Maps known by a series.**  If :math:`F = F_K + R` with :math:`|R(x)| \le C x^{e}` for :math:`x \ge x_{min}` (at oo),
the argument is made for the finite sum :math:`F_K`; R moves log w by at most a :math:`\delta(w)`, which weakens
:math:`\kappa` and adds :math:`\sup |w A_N'|\,\delta(w)` to the defect (:mod:`derive.difference.remainder`).

Sources: P. Fatou, *Bull. SMF* 47 (1919), for the convergence of :math:`A_N(w_l) - l`; F. Johansson, *IEEE Trans.
Comput.* 66 (2017) 1281, for balls.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from derive.difference import powerseries as ps
from derive.difference.abel import AbelSeries
from derive.difference.abel_constant import plan
from derive.difference.abel_depth import invert
from derive.difference.disc import Disc
from derive.difference.enclosure import Condition
from derive.difference.magnitude import log10_size, log10_upper
from derive.difference.numeric_map import NumericMap
from derive.difference.orbit import Orbit
from derive.difference.remainder import Remainder
from derive.errors import CertificationError

if TYPE_CHECKING:
    from derive.difference.numbers_of import Numbers

__all__ = ["Proof", "prove_constant", "prove_value"]

_BITS_PER_DIGIT = math.log2(10)
_LOW = 96  # bits for bounds that need no digits


@dataclass(frozen=True)
class Proof:
    """c enclosed: ``constant`` is its ball, ``margin`` is E(w_m), ``w`` the ball of w_m after ``steps`` steps."""

    constant: Any
    margin: Any
    w: Any
    steps: int
    order: int
    series: AbelSeries
    bits: int
    conditions: tuple[Condition, ...]


def prove_constant(numbers: Numbers, orbit: Orbit, target: float) -> Proof:
    """A ball of c with radius below 10**-target; CertificationError naming the condition that cannot be shown."""
    what = numbers.what
    now = max(orbit.depth(), 0.0)
    order, depth = plan(target + 4, what.k, what.stride, what.cost, now)
    depth, extra = max(depth, 1.0), 0
    failure = ""
    while depth < max(6.5, now + 1):
        bits = -(-(int(max(target + 6 + max(depth, now), 15) * _BITS_PER_DIGIT) + 48 + extra) // 32) * 32
        try:
            proof = _attempt(numbers, orbit, order, depth, bits, target)
        except CertificationError as error:
            failure, depth = str(error), depth + 0.3
            continue
        lost = log10_upper(proof.constant - proof.constant.mid()) + target
        if lost <= 0:
            return proof
        if log10_upper(proof.margin) <= -target - 0.3:
            extra += int(lost * _BITS_PER_DIGIT) + 32
            continue
        failure = f"the sum of the defects could be bounded by 1e{log10_upper(proof.margin):.0f} only"
        order, depth = int(1.2 * order) + what.stride, depth + 0.2
    raise CertificationError(f"no enclosure of the constant of {what.name} to 1e{-target:.0f}: {failure}")


def _attempt(numbers: Numbers, orbit: Orbit, order: int, depth: float, bits: int, target: float) -> Proof:
    from flint import arb, ctx

    log10_w = (numbers.what.log10_lead() - depth) / numbers.what.k
    kept = numbers.terms_needed(log10_w, target + 1)
    what, disc, remainder = numbers.truncated(kept), numbers.disc(kept), numbers.remainder(kept, log10_w)
    series = what.abel(order + what.stride, bits)
    steps, x = orbit.until(log10_w, bits)
    with ctx.workprec(_LOW):
        w = what.chart.to_w(x).upper()
    step = _step_bound(what, disc, remainder, w)
    order, radius = _best_cut(series, disc, log10_size(w), order)
    with ctx.workprec(_LOW):
        exponent = order + what.k + 1
        factor = _defect_factor(series, disc, order, radius) * (w / radius) ** exponent
        margin = _orbit_sum(factor, exponent, what.k, step, w)
        defect = factor
        if remainder is not None:
            rest, power = remainder.defect(series, order, what, w)
            margin, defect = margin + _orbit_sum(rest, power, what.k, step, w), defect + rest
        margin = margin.upper()
    with ctx.workprec(bits):
        value = series.value(what.chart.to_w(x), order)
        residual = _residual(what, series, order, x, value, defect)
        constant = value - steps + arb(0, margin)
        start = what.chart.to_w(x)
    conditions = [
        *_about_the_map(what, disc, remainder),
        Condition(
            f"every step takes w**-{what.k} up by at least {what.k} kappa for 0 < w <= w_m", f"kappa >= {step.str(5)}"
        ),
        Condition(
            f"the Abel series through w**{order} has a defect |D| <= B w**{order + what.k + 1}, E in all from step m",
            f"on |w| <= {radius.str(4)}; E <= {margin.str(4)}",
        ),
        Condition("Abel's equation holds at x_m within that bound", f"defect {residual.str(3)}"),
        Condition(f"the start is exact and iterated in balls, m = {steps} times", f"x_m in {x.str(12)}"),
    ]
    return Proof(constant, margin, start, steps, order, series, bits, tuple(conditions))


def _about_the_map(what: NumericMap, disc: Disc, remainder: Remainder | None) -> list[Condition]:
    lead = what.multiplier(what.k, 128)[what.k]
    side = f"on |w| <= {disc.radius.str(5)}, |M**{what.chart.root} - 1| <= {disc.bound.str(4)}, {disc.arcs} balls"
    about = [
        Condition(f"the map in w ({what.chart}) is analytic and M has no zero in the disc", side),
        Condition(f"M = 1 + M_{what.k} w**{what.k} + ..., attracting", f"M_{what.k} in {lead.str(6)} < 0"),
    ]
    return about + ([] if remainder is None else remainder.conditions())


def _step_bound(what: NumericMap, disc: Disc, remainder: Remainder | None, w: Any) -> Any:
    """kappa > 0 with log M <= -kappa w**k on (0, w]: Taylor coefficients of log M, Cauchy's estimate for the rest."""
    from flint import ctx

    with ctx.workprec(_LOW):
        ratio = w / disc.radius
        if not ratio < 0.9:
            raise CertificationError(
                f"w_m = {w.str(4)} does not lie well inside the disc of radius {disc.radius.str(4)}"
            )
        count = 4 * what.k + 12
        rows = ps.log(what.multiplier(count, 128), count + 1)
        kappa = -disc.log_bound(disc.radius) * ratio**count / (1 - ratio) * ratio / w**what.k - rows[what.k]
        for j in range(what.k + 1, count + 1):
            if not ps.is_zero(rows[j]):
                kappa = kappa - abs(rows[j]) * w ** (j - what.k)
        if remainder is not None:
            kappa = kappa - remainder.log_shift(what, w) / w**what.k
        if not kappa > 0:
            raise CertificationError(
                f"the step bound kappa > 0 could not be shown on (0, {w.str(4)}]: kappa in {kappa.str(4)}"
            )
        return kappa.lower()


def _orbit_sum(first: Any, exponent: Any, k: int, kappa: Any, w: Any) -> Any:
    """A bound of the sum of ``first * (w_l/w)**exponent`` over the orbit from w on."""
    if not exponent > k:
        raise CertificationError(f"the defect decays like w**{exponent} only, too slowly to be summed along the orbit")
    return first * (1 + 1 / ((exponent - k) * kappa * w**k))


def _best_cut(series: AbelSeries, disc: Disc, log10_w: float, highest: int) -> tuple[int, Any]:
    """The order N <= highest and the radius t at which the bound of the defect at w is smallest (in floats)."""
    from flint import arb, ctx

    k = -series.start
    rows = [(series.start + i, log10_upper(arb(a))) for i, a in enumerate(series.coefficients) if not ps.is_zero(a)]
    best: tuple[float, int, int] | None = None
    top, bound = log10_size(disc.radius), float(disc.bound)
    for i in range(160):
        log10_t = top - i * 0.05
        if log10_t < log10_w + 0.08:
            break
        growth = -math.log1p(-bound * 10 ** (disc.k * (log10_t - top))) / disc.root
        total = 0.0
        for j, size in rows:
            if j > highest:
                break
            total = max(total, size + j * log10_t + _log10_expm1(abs(j) * growth)) + 0.15
            value = total + (j + k + 1) * (log10_w - log10_t)
            if j >= k and (best is None or value < best[0]):
                best = (value, j, i)
    if best is None:
        raise CertificationError("w_m is not small against the disc; no bound of the defect was found")
    with ctx.workprec(_LOW):
        radius = (disc.radius * arb(10) ** (arb(-best[2]) / 20)).mid()
    return best[1], radius


def _log10_expm1(x: float) -> float:
    return x / math.log(10) if x > 30 else math.log10(math.expm1(max(x, 1e-300)))


def _defect_factor(series: AbelSeries, disc: Disc, order: int, radius: Any) -> Any:
    """An upper bound of |D| on |z| = radius, term by term."""
    from flint import arb

    growth = disc.log_bound(radius)
    total = 1 + abs(arb(series.log)) * growth
    for i, a in enumerate(series.coefficients[: order - series.start + 1]):
        j = series.start + i
        if j and not ps.is_zero(a):
            total = total + abs(arb(a)).upper() * radius**j * (abs(j) * growth).expm1()
    return total.upper()


def _residual(what: NumericMap, series: AbelSeries, order: int, x: Any, value: Any, bound: Any) -> Any:
    """A_N(F(x)) - A_N(x) - 1, which must meet the interval of the bound; wrong coefficients are found out here."""
    from flint import arb

    residual = series.value(what.chart.to_w(what.step(x)), order) - value - 1
    if not residual.overlaps(arb(0, bound.upper())):
        raise CertificationError(
            f"Abel's equation fails at x_m: the defect is {residual.str(4)}, its bound {bound.str(4)}; "
            "a coefficient of the Abel series or of the map's series is wrong"
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
    from flint import arb, ctx

    series, order = proof.series, proof.order
    slope = _decreasing(proof)
    bits = max(proof.bits, int((digits + 12) * _BITS_PER_DIGIT) + 64) + n.bit_length()
    with ctx.workprec(bits):
        level = proof.constant + n + arb(0, proof.margin)
        middle = invert(series, order, level, bits)
        gap = abs(series.value(middle, order) - level).upper()
        width = (3 * gap / abs(middle * series.derivative(middle, order))).upper() + arb(2) ** (8 - bits)
        low, high = (middle * (1 - width)).mid(), (middle * (1 + width)).mid()
        high, at_start = (high, False) if high < proof.w.lower() else (proof.w.upper(), True)
        ends = series.value(low, order) - level, series.value(high, order) - level
        if not (ends[0] > 0 and (at_start or ends[1] < 0)):
            raise CertificationError(f"the sign checks for x_{n} failed: {ends[0].str(4)}, {ends[1].str(4)}")
        x = what.chart.to_x(low.union(high))
    shown = (
        Condition("A_N is strictly decreasing on (0, w_m]", f"-w**{what.k + 1} A_N' >= {slope.str(5)}"),
        Condition(
            f"A_N - n - c has its zero w_{n} between the ends of the ball",
            f">= {ends[0].lower().str(4)} below; "
            + ("w_n <= w_m above" if at_start else f"<= {ends[1].upper().str(4)} above"),
        ),
    )
    return x, proof.conditions + shown


def _decreasing(proof: Proof) -> Any:
    """A lower bound, which must be positive, of -w**(k+1) A_N'(w) on (0, w_m]."""
    from flint import arb, ctx

    series, k = proof.series, -proof.series.start
    with ctx.workprec(_LOW):
        w = proof.w.upper()
        slope = series.coefficients[0] * k - abs(arb(series.log)) * w**k
        for i, a in enumerate(series.coefficients[1 : proof.order + k + 1], start=1):
            if not ps.is_zero(a):
                slope = slope - abs(arb(a)).upper() * abs(i - k) * w**i
        if not slope > 0:
            raise CertificationError(f"A_N could not be shown to decrease on (0, {w.str(4)}]: bound {slope.str(4)}")
        return slope.lower()
