r"""E f(u1) g(u2) and V - W by Gauss-Legendre quadrature on panels in both variables, in a proven ball.

The rule for what the faster ones do not reach: wide Gaussians whatever the tails of f, correlations close to 1
whatever its kinks.  With variances q, covariance mu >= 0, v = q - mu, p = q + mu, s = (x + y)/2 and t = x - y the
density is

.. math:: \rho = \frac{1}{2\pi\sqrt{vp}}\, e^{-s^2/p - t^2/4v} .

It varies on the scale sqrt(v) across the diagonal, f on scales of its own.  So the line of x is cut in two.  Around the
places where f changes faster than sqrt(v), kinks among them, panels in x and in y fit both (squares); elsewhere panels
in x fit f and intervals of t, |t| <= T, fit the density (strips).  On a pair of panels P, Q the product rule is wrong
by at most |P| e_Q + |Q| e_P, where e_Q is the error of one rule (:mod:`~derive.expectations.two_variables.panels`) with
a bound of the integrand for x on P and y on the ellipse of Q, and e_P the like; a pair whose integral is bounded by
less than it may be wrong is left out.

Also left out: |x| or |y| > X, by Cauchy-Schwarz and the tails E[f^2; |u| > X], and |t| > T, at most sup|f g|
e^{-T^2/4v}.  The gap is the mean of (f(u1) - f(u2))^2/2, which keeps its digits as v -> 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from math import exp, inf, log, sqrt
from typing import Any

from flint import arb, arb_mat, ctx

from derive.errors import UnsupportedError
from derive.expectations.one_variable.enclose_integral import tail_bound
from derive.expectations.one_variable.integrand import Integrand
from derive.expectations.two_variables.panels import Cut, Interval, Panel, error_of_rule, points_needed

__all__ = ["enclose_gap_on_panels", "enclose_on_panels"]

_WIDTH = 6.0  # the widest panel across the diagonal, in units of sqrt(v)
_CLEARANCE = 4.0  # strips start at T and this many sqrt(v) from what changes fast
_MAX_PAIRS = 50_000
_MAX_POINTS = 6_000_000  # a microsecond or a few each


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
    density = _Density(v, mu)
    if not density.root > 1e-150:
        raise UnsupportedError(f"the difference {v.str(5)} of variance and covariance is too small for panels")
    kinks = [abs(float(piece.left)) for function in (f, g) for piece in function.pieces[1:]]
    with ctx.workprec(bits + 60 + round(2 * max(0.0, log(max([1.0, *kinks]) / density.root, 2)))):
        density = _Density(v, mu)
        nats = (bits + 6) * log(2)
        one = Cut(f)
        two = one if f == g and isinstance(factor, int) and factor == 1 else Cut(g, factor)
        spread = sqrt(float(density.q.mid()))
        floors = [max(cut.size(arb(spread * k)) for k in (-1, -0.5, 0.5, 1)) for cut in (one, two)]
        least = max(1e-290, exp(-nats) * density.root / (10 + float((floors[0] * floors[1]).upper())))
        length, tail, meshes = _cut_off(((f, one, 1), (g, two, abs(factor))), (floors, least), density, nats, gap)

        size = max((p.image.abs_upper() for mesh in meshes for p in mesh), default=arb(0))
        across = 2 * density.root * sqrt(nats + max(0.0, 2 * _log(size) + 1))
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

        def strips() -> Iterable[tuple[Panel, _Strip]]:
            edges = [start, *(min(max(x, start), end) for interval in fast for x in interval), end]
            for low, high in zip(edges[::2], edges[1::2], strict=True):
                if low < high:
                    yield from _strips(one.mesh(low, high, 4 * spread, floors[0], 0.0), two, across, density.root)

        total, error = arb(0), arb(0)
        far = max((abs(float(x)) for interval in fast for x in interval), default=0.0)
        loss = round(2 * max(0.0, log(far / density.root + 1) / log(2)))  # bits that large exponents cost
        for kind, pairs in ((_Squares(density, gap), squares()), (_Strips(density, two, gap), strips())):
            value, missed = _sum(kind, pairs, nats, bits + 40 + loss)
            total, error = total + value, error + missed
        return (2 if even else 1) * (total + arb(0, error.upper())) + arb(0, tail.upper())


class _Density:
    """The joint density and bounds of it."""

    def __init__(self, v: Any, mu: Any) -> None:
        self.v, self.q, self.p = v, v + mu, v + 2 * mu
        self.norm = 1 / (2 * arb.pi() * (self.v * self.p).sqrt())
        self.root = sqrt(float(v.mid()))

    def bound(self, s: tuple[Any, Any, Any], t: tuple[Any, Any, Any]) -> Any:
        """An upper bound for s and t given as (middle, half-width, largest imaginary part)."""
        exponent = arb(0)
        for (middle, half, imaginary), scale in ((s, self.p), (t, 4 * self.v)):
            least = (abs(middle) - half).lower()
            exponent += (imaginary * imaginary - (least * least if least > 0 else 0)) / scale
        return self.norm * exponent.exp()


# where -------------------------------------------------------------------------------------------------------------


def _cut_off(
    sides: tuple[tuple[Integrand, Cut, Any], ...],
    details: tuple[list[Any], float],
    density: _Density,
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


class _Strip(Interval):
    """An interval of t beside a panel in x: the second function's piece for y = x - t, its values on the ellipses."""

    is_stub = False

    def __init__(self, interval: Interval, piece: int, image: Any) -> None:
        super().__init__(interval.low, interval.high)
        self.piece, self.image = piece, image


def _strips(panels: list[Panel], two: Cut, across: float, root: float) -> Iterable[tuple[Panel, _Strip]]:
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
        if len(waiting) > _MAX_PAIRS // 10:
            raise UnsupportedError("panels beside a singularity had to be halved too often; ask for fewer digits")


def _beside(panel: Panel, interval: Interval, two: Cut) -> _Strip | None:
    low, high = panel.low - interval.high, panel.high - interval.low
    for k, (left, right, _) in enumerate(two.pieces):
        if left <= low and right >= high:
            with ctx.workprec(64):
                image = two.value(k, panel.ellipse - interval.ellipse, True)
            return _Strip(interval, k, image) if image.is_finite() else None
    return None


# sums --------------------------------------------------------------------------------------------------------------


def _sum(kind: _Squares | _Strips, pairs: Iterable[tuple[Panel, Any]], nats: float, prec: int) -> tuple[Any, Any]:
    """The sum over pairs of panels, and a bound of its error."""
    listed = []
    for pair in pairs:
        listed.append(pair)
        if len(listed) > _MAX_PAIRS:
            raise _too_many(kind.density)
    tolerance = -nats - log(max(1, len(listed)))
    error, plan = arb(0), []
    with ctx.workprec(53):
        for a, b in listed:
            whole, by_first, by_second = kind.bounds(a, b)
            if a.is_stub or b.is_stub or whole < exp(max(tolerance, -700.0)):
                error += whole
                continue
            counts = points_needed(_log(by_first), tolerance), points_needed(_log(by_second), tolerance)
            error += error_of_rule(by_first, counts[0]) + error_of_rule(by_second, counts[1])
            plan.append((a, b, counts))
    if sum(m * n for _, _, (m, n) in plan) > _MAX_POINTS:
        raise _too_many(kind.density)
    with ctx.workprec(prec):
        return kind.density.norm * sum((kind.value(a, b, counts) for a, b, counts in plan), arb(0)), error


def _too_many(density: _Density) -> UnsupportedError:
    return UnsupportedError(
        f"the covariance at variance {float(density.q.mid()):.4g} and 1 - |c| = "
        f"{float((density.v / density.q).mid()):.4g} would need more than {_MAX_POINTS} points; ask for fewer digits"
    )


class _Squares:
    """Panels in x and panels in y."""

    def __init__(self, density: _Density, gap: bool) -> None:
        self.density, self.gap = density, gap
        self.square = (1 / density.p + 1 / density.v) / 4  # the exponent is -square (x^2 + y^2) + mixed x y
        self.mixed = (1 / density.v - 1 / density.p) / 2

    def bounds(self, a: Panel, b: Panel) -> tuple[Any, Any, Any]:
        """Bounds of the integral, and of |b| h M with x on its ellipse and |a| h M with y on its own."""
        area = 4 * a.half * b.half * _integrand_bound(a.image, b.image, self.gap)

        def density(grown: Any, imaginary: Any) -> Any:
            reach = a.half + b.half + grown
            s = (a.middle + b.middle) / 2, reach / 2, imaginary / 2
            return self.density.bound(s, (a.middle - b.middle, reach, imaginary))

        first, second = (area / 2 * density(panel.half * 2 / 3, panel.half * 4 / 3) for panel in (a, b))
        return (area * density(0, arb(0))).abs_upper(), first, second

    def value(self, a: Panel, b: Panel, counts: tuple[int, int]) -> Any:
        xs, wx, fx = a.samples(counts[0])
        ys, wy, gy = b.samples(counts[1])
        kernel = arb_mat(len(xs), len(ys), [(u * y).exp() for u in [self.mixed * x for x in xs] for y in ys])
        left = [w * (-self.square * x * x).exp() for x, w in zip(xs, wx, strict=True)]
        right = [w * (-self.square * y * y).exp() for y, w in zip(ys, wy, strict=True)]
        if not self.gap:
            sums = kernel * arb_mat(len(ys), 1, [w * g for w, g in zip(right, gy, strict=True)])
            return sum((w * f * sums[i, 0] for i, (w, f) in enumerate(zip(left, fx, strict=True))), arb(0))
        origin = ((fx[len(fx) // 2] + gy[len(gy) // 2]) / 2).mid()  # (f - g)^2 is expanded around it
        moments = arb_mat(len(ys), 3, [m for w, g in zip(right, gy, strict=True) for m in _moments(w, g - origin)])
        sums, total = kernel * moments, arb(0)
        for i, (w, f) in enumerate(zip(left, fx, strict=True)):
            away = f - origin
            total += w * (away * (away * sums[i, 0] - 2 * sums[i, 1]) + sums[i, 2])
        return total / 2


class _Strips:
    """Panels in x and intervals of t."""

    def __init__(self, density: _Density, two: Cut, gap: bool) -> None:
        self.density, self.two, self.gap = density, two, gap
        self.combine: Callable[[Any, Any], Any] = (lambda f, g: (f - g) * (f - g) / 2) if gap else (lambda f, g: f * g)

    def bounds(self, a: Panel, b: _Strip) -> tuple[Any, Any, Any]:
        area = 4 * a.half * b.half * _integrand_bound(a.image, b.image, self.gap)
        middle, none = a.middle - b.middle / 2, arb(0)
        x, t = a.half, b.half
        whole = self.density.bound((middle, x + t / 2, none), (b.middle, t, none))
        first = self.density.bound((middle, x * 5 / 3 + t / 2, x * 4 / 3), (b.middle, t, none))
        second = self.density.bound((middle, x + t * 5 / 6, t * 2 / 3), (b.middle, t * 5 / 3, t * 4 / 3))
        return (area * whole).abs_upper(), area / 2 * first, area / 2 * second

    def value(self, a: Panel, b: _Strip, counts: tuple[int, int]) -> Any:
        p, v = self.density.p, self.density.v
        xs, wx, fx = a.samples(counts[0])
        ts, wt = b.rule(counts[1])
        weights = [w * (-(1 / v + 1 / p) / 4 * t * t).exp() for t, w in zip(ts, wt, strict=True)]
        total = arb(0)
        for x, w, f in zip(xs, wx, fx, strict=True):
            row, tilt = arb(0), x / p
            for t, m in zip(ts, weights, strict=True):
                row += m * (tilt * t).exp() * self.combine(f, self.two.value(b.piece, x - t))
            total += w * (-x * tilt).exp() * row
        return total


def _integrand_bound(f: Any, g: Any, gap: bool) -> Any:
    if gap:
        largest = (f - g).abs_upper()
        return largest * largest / 2
    return f.abs_upper() * g.abs_upper()


def _moments(w: Any, g: Any) -> tuple[Any, Any, Any]:
    return w, w * g, w * g * g


def _distance(a: Panel, b: Panel) -> float:
    return abs(float((a.middle - b.middle).mid())) - (a.width + b.width) / 2


def _log(ball: Any) -> float:
    upper = ball.abs_upper()
    return float(upper.log().mid()) if upper > 0 else -inf
