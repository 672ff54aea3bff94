r"""Proofs for sums along an orbit.

With :math:`S_n = \sum_{i<n} g(x_i)` and the truncated series :math:`H_N` of :math:`H(F) - H = g` the defect
:math:`D = H_N(wM) - H_N(w) - g` is bounded and summed as in :mod:`derive.difference.proofs.defect`; so
:math:`H = H_N + \sum_l D(w_l)` exists on :math:`(0, w_m]` with :math:`|H - H_N| \le E_g`, and

.. math:: S_n = \sum_{i<m} g(x_i) - H(w_m) + H(w_n), \qquad
          S = \sum_{i<m} g(x_i) - H(w_m) \in \sum_{i<m} g(x_i) - H_N(w_m) \pm E_g ,

the iterates and :math:`w_n` being enclosed by the proof for the constant c.  g is proved analytic on a disc like the
map; where g or the map is known by a series, the remainders add to the defect.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from derive.difference.digits.summand import Summand
from derive.difference.formal.abel import LogSeries
from derive.difference.near_point.germ import Germ
from derive.difference.near_point.headed import HeadedFunction
from derive.difference.near_point.series_function import SeriesFunction
from derive.difference.proofs.certified import Proof, about_the_map, enclose_small
from derive.difference.proofs.defect import LOW_BITS, RightSide, defect_bound, step_bound
from derive.difference.proofs.disc import Disc, circle_bound
from derive.difference.proofs.enclosure import Condition, Enclosure, Hopeless, settled
from derive.difference.series.magnitude import log10_size, log10_upper
from derive.errors import CertificationError
from derive.numerics import to_arb

__all__ = ["SumProof", "enclosed_sum", "enclosed_sum_constant"]

_BITS_PER_DIGIT = math.log2(10)


@dataclass(frozen=True)
class SumProof:
    """S enclosed: ``constant`` is its ball, ``margin`` is E_g, ``orbit`` the proof about the orbit."""

    constant: Any
    margin: Any
    orbit: Proof
    order: int
    series: LogSeries
    conditions: tuple[Condition, ...]


@settled
def enclosed_sum_constant(summand: Summand, start: sp.Expr, digits: int) -> Enclosure:
    """S in a ball of relative radius below 10**-digits (absolute where S is smaller than 1e-3)."""
    target = digits + 1.0
    for _ in range(5):
        proof = _proof_for(summand, start, target)
        size = max(log10_size(proof.constant), -3.0)
        if _radius(proof.constant) <= size - digits:
            return Enclosure.of(_name(summand, start, "constant of the sum"), proof.constant, proof.conditions)
        target += max(2.0, digits + 1 - size - target)
    raise CertificationError(f"the constant of the sum from x0 = {start} was enclosed in {proof.constant.str(5)} only")


@settled
def enclosed_sum(summand: Summand, n: int, start: sp.Expr, digits: int) -> Enclosure:
    """The sum of the first n values in a ball of relative radius below 10**-digits."""
    target = digits + 1.0
    for _ in range(8):
        value, conditions = _sum(summand, n, start, target)
        if _radius(value) <= log10_size(value) - digits:
            return Enclosure.of(_name(summand, start, f"sum of the first {n} values"), value, conditions)
        size = log10_size(value)
        target += max(
            2.0, digits + 1 - size - target if math.isfinite(size) else digits, _radius(value) - size + digits
        )
    raise CertificationError(f"the sum to n = {n} from x0 = {start} was enclosed in {value.str(5)} only; ask for fewer")


def _name(summand: Summand, start: sp.Expr, what: str) -> str:
    return f"{what} of {summand.g} (x0 = {start}) along {summand.what.name}"


def _radius(ball: Any) -> float:
    return log10_upper(ball - ball.mid())


def _sum(summand: Summand, n: int, start: sp.Expr, target: float) -> tuple[Any, tuple[Condition, ...]]:
    from flint import arb, ctx

    proof = _proof_for(summand, start, target)
    if n <= proof.orbit.steps:
        value = summand.partial(start, n, int((target + 10) * _BITS_PER_DIGIT) + 64)
        return value, (Condition(f"the start is exact and iterated in balls, {n} times", "every term is a ball"),)
    w, shown, bits = enclose_small(proof.orbit, n, max(int(target) + 10, 10))
    with ctx.workprec(bits):
        middle = w.mid()
        spread = abs(proof.series.derivative(w, proof.order)) * w.rad()
        value = proof.constant + proof.series.value(middle, proof.order) + arb(0, (spread + proof.margin).upper())
    return value, proof.conditions + shown


def _proof_for(summand: Summand, start: sp.Expr, target: float) -> SumProof:
    """A proof with absolute radius of S below 10**-target, remembered."""
    digits = math.ceil(target)
    return summand.proofs.get_or_make((start, digits), lambda: _prove(summand, start, float(digits)))


def _prove(summand: Summand, start: sp.Expr, target: float) -> SumProof:
    orbit_target, best = target, math.inf
    for _ in range(12):
        orbit = summand.numbers.proof(start, orbit_target)
        order = max(orbit.order + summand.what.k, 2 * summand.what.k)
        for _ in range(8):
            proof = _attempt(summand, orbit, start, order, target)
            reached = _radius(proof.constant)
            if reached <= -target:
                return proof
            if reached > best - 1:
                break
            best, order = reached, int(1.25 * order) + 2 * summand.what.stride
        orbit_target += 4
    raise CertificationError(
        f"no enclosure of the sum of {summand.g} from x0 = {start} to 1e{-target:.0f}: its defects could be bounded by "
        f"1e{best:.0f} only"
    )


def _attempt(summand: Summand, orbit: Proof, start: sp.Expr, order: int, target: float) -> SumProof:
    from flint import arb, ctx

    numbers, bits = summand.numbers, orbit.bits + 32
    with ctx.workprec(LOW_BITS):
        w = orbit.w.upper()
        log10_w = log10_size(w)
    kept = numbers.terms_needed(log10_w, target + 1)
    what, remainder = numbers.truncated(kept), numbers.remainder(kept, log10_w)
    cut = _cut(summand, log10_w, target + 1)
    germ, extra = summand.germ(cut), _remainder(summand, cut, log10_w)
    with ctx.workprec(LOW_BITS):
        disc, right = _right_side(germ, numbers.disc(kept))
        series = summand.telescoped(germ, what, order, bits)
        kappa = step_bound(what, disc, remainder, w)
        order, bound = defect_bound(series, what, disc, right, w, order)
        if remainder is not None:
            bound = replace(bound, parts=(*bound.parts, remainder.defect(series, order, what, w)))
        if extra is not None:
            bound = replace(bound, parts=(*bound.parts, _remainder_part(extra, what.chart.root, w)))
        margin = bound.orbit_sum(what.k, kappa)
    with ctx.workprec(bits):
        partial = summand.partial(start, orbit.steps, bits)
        constant = partial - series.value(orbit.w, order) + arb(0, margin)
        residuals = [_residual(summand, what, series, order, orbit.w, arb(1) / n, bound) for n in (1, 8)]
    conditions = (
        *about_the_map(what, disc, remainder),
        Condition("the summand is analytic in the disc, up to a pole", f"|g| <= {right.bound.str(4)} on its circle"),
        *([] if extra is None else [_about_remainder(extra)]),
        Condition(
            f"every step takes w**-{what.k} up by at least {what.k} kappa for 0 < w <= w_m", f"kappa >= {kappa.str(5)}"
        ),
        Condition(
            f"the telescoped series through w**{order} has a defect below B w**{order + what.k + 1}, E from step m on",
            f"on |w| <= {bound.radius.str(4)}; E <= {margin.str(4)}",
        ),
        Condition(
            "H(F) - H = g holds at w_m and w_m/8 within that bound",
            f"defects {residuals[0].str(3)}, {residuals[1].str(3)}",
        ),
        Condition(f"the start is exact and iterated in balls, m = {orbit.steps} times", f"w_m in {orbit.w.str(12)}"),
    )
    return SumProof(constant, margin, orbit, order, series, conditions)


def _right_side(germ: Germ, disc: Disc) -> tuple[Disc, RightSide]:
    """A disc, no larger than the map's, on which g is analytic up to a pole at 0, and the bound of g."""
    start, _ = germ.taylor(0, LOW_BITS)
    for i in range(60):
        radius = disc.radius / 2**i
        bound = circle_bound(germ, radius, start)
        if bound is not None:
            shrunk = Disc(radius, (disc.bound / 2 ** (i * disc.k)).upper(), disc.k, disc.root, disc.arcs)
            return shrunk, RightSide(bound, start, radius)
    raise Hopeless(f"the summand {germ.expr} could not be proved analytic near the fixed point")


def _cut(summand: Summand, log10_w: float, target: float) -> int:
    """How many orders of a summand known by its series keep its remainder below 10**-target."""
    if isinstance(summand.function, sp.Expr):
        return 0
    root, k = summand.what.chart.root, summand.what.k
    sizes: dict[int, float] = {}
    least = -(-2 * k // root) + 1
    for order in range(least, least + 400):
        bound, exponent, _ = _remainder(summand, order, log10_w)
        sizes[order] = log10_upper(to_arb(bound)) + float(-root * exponent - k) * log10_w + 1
        if sizes[order] <= -target or (order > least + 12 and sizes[order] > sizes[order - 8] + 1):
            break
    return min(sizes, key=lambda order: (max(sizes[order], -target), order))


def _remainder(summand: Summand, order: int, log10_w: float) -> Any:
    """(bound, exponent, x_min) of what the germ of the given order leaves out, None for a summand given exactly."""
    function, found = summand.function, None
    if isinstance(function, HeadedFunction):
        beyond = int(10 ** min(-log10_w * summand.what.chart.root, 300.0) * 0.9)
        return function.remainder(order, sp.Integer(beyond))
    if not isinstance(function, SeriesFunction):
        return None
    if function.remainder is not None:
        found = function.remainder(order)
    if found is None:
        raise Hopeless("the summand is known by its series without a bound on the remainder; give remainder=...")
    return found


def _remainder_part(extra: Any, root: int, w: Any) -> tuple[Any, Any]:
    """The remainder's contribution (size, exponent) to the defect."""
    bound, exponent, smallest = extra
    x = 1 / w**root
    if not x >= to_arb(smallest):
        raise CertificationError(
            f"the remainder of the summand is known for x >= {smallest} only, and x_m = {x.str(5)}"
        )
    return (to_arb(bound) * x ** to_arb(exponent)).upper(), to_arb(-root * exponent)


def _about_remainder(extra: Any) -> Condition:
    bound, exponent, smallest = extra
    return Condition(
        "the summand is its series up to a remainder, |R(x)| <= C x**e for x >= x_min",
        f"C <= {to_arb(bound).upper().str(5)}, e = {exponent}, x_min = {smallest}",
    )


def _residual(summand: Summand, what: Any, series: LogSeries, order: int, w: Any, part: Any, bound: Any) -> Any:
    """H_N(wM) - H_N(w) - g at part of w_m, by the map and the summand themselves."""
    from flint import arb

    small = (w * part).mid()
    x = what.chart.to_x(small)
    image = what.chart.to_w(what.step(x))
    residual = series.value(image, order) - series.value(small, order) - summand.value(x)
    if not residual.overlaps(arb(0, bound.at(part))):
        raise Hopeless(
            f"H(F) - H = g fails at w = {small.str(4)}: the defect is {residual.str(4)}, its bound "
            f"{bound.at(part).str(4)}; a coefficient of a series is wrong"
        )
    return residual
