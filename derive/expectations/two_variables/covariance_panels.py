r"""E f(u1) g(u2) and V - W by Gauss-Legendre quadrature on panels in both variables, in a proven ball.

The rule for what the faster ones do not reach: wide Gaussians whatever the tails of f, correlations close to 1
whatever its kinks.  With variances q and covariance mu >= 0 the density varies on the scale sqrt(v), v = q - mu, across
the diagonal, f on scales of its own.  So the line of x is cut in two.  Around the places where f changes faster than
sqrt(v), kinks among them, panels in x and in y fit both; elsewhere panels in x fit f and intervals of t = x - y,
|t| <= T, fit the density (:mod:`~derive.expectations.two_variables.panel_pairs`).

Left out are |x| or |y| > X, by Cauchy-Schwarz and the tails E[f^2; |u| > X], and |t| > T, at most sup|f g|
e^{-T^2/4v}.  The gap is the mean of (f(u1) - f(u2))^2/2, which keeps its digits as v -> 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from math import exp, inf, log, sqrt
from typing import Any

from flint import arb, ctx

from derive.errors import UnsupportedError
from derive.expectations.one_variable.enclose_integral import tail_bound
from derive.expectations.one_variable.integrand import Integrand
from derive.expectations.two_variables.panel_pairs import (
    MAX_PAIRS,
    Density,
    Squares,
    Strip,
    Strips,
    log_upper,
    sum_pairs,
)
from derive.expectations.two_variables.panels import Cut, Interval, Panel

__all__ = ["enclose_gap_on_panels", "enclose_on_panels"]

_WIDTH = 6.0  # the widest panel across the diagonal, in units of sqrt(v)
_CLEARANCE = 4.0  # strips start at T and this many sqrt(v) from what changes fast


def enclose_on_panels(
    f: Integrand, g: Integrand, v: Any, mu: Any, sign: int, bits: int, small: float = 0.0, scale: Any = 1
) -> Any:
    """A ball with E f(u1) g(scale u2), variances v + mu, covariance sign*mu; absolute radius near 2^-(bits + small).

    Raises :class:`~derive.errors.UnsupportedError` for functions with point masses, with singularities that no panel
    fits, that grow too fast for a bound of their tails, or where too many points would be needed.
    """
    return _enclose(f, g, sign * scale, v, mu, bits + round(small), gap=False)


def enclose_gap_on_panels(f: Integrand, v: Any, mu: Any, bits: int, small: float = 0.0) -> Any:
    """A ball with E (f(u1) - f(u2))^2/2 = V - W, variances v + mu, covariance mu >= 0; the same errors."""
    return _enclose(f, f, 1, v, mu, bits + round(small), gap=True)


def _enclose(f: Integrand, g: Integrand, factor: Any, v: Any, mu: Any, bits: int, gap: bool) -> Any:
    density = Density(v, mu)
    if not density.root > 1e-150:
        raise UnsupportedError(f"the difference {v.str(5)} of variance and covariance is too small for panels")
    kinks = [abs(float(piece.left)) for function in (f, g) for piece in function.pieces[1:]]
    with ctx.workprec(bits + 60 + round(2 * max(0.0, log(max([1.0, *kinks]) / density.root, 2)))):
        density = Density(v, mu)
        nats = (bits + 6) * log(2)
        one = Cut(f)
        two = one if f == g and isinstance(factor, int) and factor == 1 else Cut(g, factor)
        spread = sqrt(float(density.q.mid()))
        floors = [max(cut.size(arb(spread * k)) for k in (-1, -0.5, 0.5, 1)) for cut in (one, two)]
        least = max(1e-290, exp(-nats) * density.root / (10 + float((floors[0] * floors[1]).upper())))
        length, tail, meshes = _cut_off(((f, one, 1), (g, two, abs(factor))), (floors, least), density, nats, gap)

        size = max((p.image.abs_upper() for mesh in meshes for p in mesh), default=arb(0))
        across = 2 * density.root * sqrt(nats + max(0.0, 2 * log_upper(size) + 1))
        kept = across * (1 - 1e-9)  # more than the rounding of across, sums with it and distances takes away
        tail += (2 * size * size * (-(arb(kept) ** 2) / (4 * v)).exp()).upper()
        fast = _fast(meshes, density.root, across)
        even = f.parity * g.parity == 1
        start, end = arb(0 if even else -length), arb(length)

        def squares() -> Iterable[tuple[Panel, Panel]]:
            widest = _WIDTH * density.root
            for low, high in fast:
                if high > start:
                    first = one.mesh(max(low, start), min(high, end), widest, floors[0], least)
                    second = two.mesh(max(low - across, -end), min(high + across, end), widest, floors[1], least)
                    yield from ((a, b) for a in first for b in second if _distance(a, b) < across)

        def strips() -> Iterable[tuple[Panel, Strip]]:
            edges = [start, *(min(max(x, start), end) for interval in fast for x in interval), end]
            for low, high in zip(edges[::2], edges[1::2], strict=True):
                if low < high:
                    yield from _strips(one.mesh(low, high, 4 * spread, floors[0], 0.0), two, across, density.root)

        total, error = arb(0), arb(0)
        far = max((abs(float(x)) for interval in fast for x in interval), default=0.0)
        loss = round(2 * max(0.0, log(far / density.root + 1) / log(2)))  # bits that large exponents cost
        for kind, pairs in ((Squares(density, gap), squares()), (Strips(density, two, gap), strips())):
            value, missed = sum_pairs(kind, pairs, nats, bits + 40 + loss)
            total, error = total + value, error + missed
        return (2 if even else 1) * (total + arb(0, error.upper())) + arb(0, tail.upper())


# where -------------------------------------------------------------------------------------------------------------


def _cut_off(
    sides: tuple[tuple[Integrand, Cut, Any], ...],
    details: tuple[list[Any], float],
    density: Density,
    nats: float,
    gap: bool,
) -> tuple[float, Any, list[list[Panel]]]:
    """X, a bound of what lies beyond it in either variable, and meshes of both functions up to it."""
    spread = sqrt(float(density.q.mid()))
    kinks = [abs(float(k.mid())) for _, cut, _ in sides for k in cut.kinks]
    length = max([spread * (sqrt(2 * nats) + 1), *(1.25 * k + spread for k in kinks)])
    for _ in range(60):
        with ctx.workprec(64):
            outside = [_outside(f, scale, length, density.q) for f, _, scale in sides]
            pairs = zip(sides, details[0], strict=True)
            meshes = [cut.mesh(-length, length, inf, floor, details[1]) for (_, cut, _), floor in pairs]
            inside = [max(p.image.abs_upper() for p in mesh) ** 2 for mesh in meshes]
            if gap:  # (a - b)^2/2 <= a^2 + b^2
                tail = 4 * outside[0] + 2 * inside[0] * (-(arb(length) ** 2) / (2 * density.q)).exp()
            else:
                whole = [a + b for a, b in zip(inside, outside, strict=True)]
                tail = (outside[0] * whole[1]).sqrt() + (outside[1] * whole[0]).sqrt()
            if tail < arb(-nats).exp():
                return length, tail.upper(), meshes
        length *= 1.25
    raise UnsupportedError(f"{sides[0][0].pieces[-1].expr} grows too fast for a proven bound of its Gaussian tail")


def _outside(f: Integrand, scale: Any, length: float, q: Any) -> Any:
    """A bound of E[f(scale u)^2; |u| > length]."""
    variance, reach = q * scale * scale, float((arb(length) * scale).lower())
    first, last = f.pieces[0], f.pieces[-1]
    right = tail_bound(last.expr**2, last.x, reach, variance, False) if last.right.is_infinite else arb(0)
    left = tail_bound(first.expr**2, first.x, reach, variance, True) if first.left.is_infinite else arb(0)
    return right + left


def _fast(meshes: list[list[Panel]], root: float, across: float) -> list[tuple[Any, Any]]:
    """Disjoint intervals around kinks and around panels narrower than those across the diagonal; exact ends."""
    margin = across + _CLEARANCE * root
    near = []
    for mesh in meshes:
        near += [(p.low, p.high) for p in mesh if p.width < _WIDTH * root]
        near += [(a.high, a.high) for a, b in pairwise(mesh) if a.piece != b.piece]
    merged: list[tuple[Any, Any]] = []
    for low, high in sorted(((low - margin).lower(), (high + margin).upper()) for low, high in near):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def _strips(panels: list[Panel], two: Cut, across: float, root: float) -> Iterable[tuple[Panel, Strip]]:
    """Panels, halved until the second function is analytic beside them, with every interval of t."""
    pieces = max(1, round(2 * across / (_WIDTH * root)))
    ends = [-across, *(across * (2 * k - pieces) / pieces for k in range(1, pieces)), across]
    intervals = [Interval(low, high) for low, high in pairwise(ends)]
    waiting = panels[::-1]
    while waiting:
        panel = waiting.pop()
        found = [_beside(panel, interval, two) for interval in intervals]
        strips = [strip for strip in found if strip is not None]
        if len(strips) == len(found):
            yield from ((panel, strip) for strip in strips)
        else:
            waiting += reversed(panel.parts())
        if len(waiting) > MAX_PAIRS // 10:
            raise UnsupportedError("panels beside a singularity had to be halved too often; ask for fewer digits")


def _beside(panel: Panel, interval: Interval, two: Cut) -> Strip | None:
    low, high = panel.low - interval.high, panel.high - interval.low
    for k, (left, right, _) in enumerate(two.pieces):
        if left <= low and right >= high:
            with ctx.workprec(64):
                image = two.value(k, panel.ellipse - interval.ellipse, True)
            return Strip(interval, k, image) if image.is_finite() else None
    return None


def _distance(a: Panel, b: Panel) -> float:
    return abs(float((a.middle - b.middle).mid())) - (a.width + b.width) / 2
