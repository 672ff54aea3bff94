r"""Sums over pairs of panels under the density of two correlated Gaussians, with proven errors.

With variances q, covariance mu >= 0, v = q - mu, p = q + mu, s = (x + y)/2 and t = x - y the density is

.. math:: \rho = \frac{1}{2\pi\sqrt{vp}}\, e^{-s^2/p - t^2/4v} .

On a pair of panels P, Q the product of two Gauss-Legendre rules is wrong by at most |P| e_Q + |Q| e_P, where e_Q is the
error of one rule (:mod:`~derive.expectations.two_variables.panels`) with a bound of the integrand for x on P and y on
the ellipse of Q, and e_P the like; a pair whose integral is bounded by less than it may be wrong is left out.
Panels in x meet panels in y (:class:`Squares`) or intervals of t (:class:`Strips`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import exp, inf, log, sqrt
from typing import Any

from flint import arb, arb_mat, ctx

from derive.errors import UnsupportedError
from derive.expectations.two_variables.panels import Cut, Interval, Panel, error_of_rule, points_needed

__all__ = ["MAX_PAIRS", "Density", "Squares", "Strip", "Strips", "log_upper", "sum_pairs"]

MAX_PAIRS = 50_000
_MAX_POINTS = 6_000_000  # a microsecond or a few each


class Density:
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


class Strip(Interval):
    """An interval of t beside a panel in x: the second function's piece for y = x - t, its values on the ellipses."""

    is_stub = False

    def __init__(self, interval: Interval, piece: int, image: Any) -> None:
        super().__init__(interval.low, interval.high)
        self.piece, self.image = piece, image


def sum_pairs(kind: Squares | Strips, pairs: Iterable[tuple[Panel, Any]], nats: float, prec: int) -> tuple[Any, Any]:
    """The sum over pairs of panels, and a bound of its error."""
    listed = []
    for pair in pairs:
        listed.append(pair)
        if len(listed) > MAX_PAIRS:
            raise _too_many(kind.density)
    tolerance = -nats - log(max(1, len(listed)))
    error, plan = arb(0), []
    with ctx.workprec(53):
        for a, b in listed:
            whole, by_first, by_second = kind.bounds(a, b)
            if a.is_stub or b.is_stub or whole < exp(max(tolerance, -700.0)):
                error += whole
                continue
            counts = points_needed(log_upper(by_first), tolerance), points_needed(log_upper(by_second), tolerance)
            error += error_of_rule(by_first, counts[0]) + error_of_rule(by_second, counts[1])
            plan.append((a, b, counts))
    if sum(m * n for _, _, (m, n) in plan) > _MAX_POINTS:
        raise _too_many(kind.density)
    with ctx.workprec(prec):
        return kind.density.norm * sum((kind.value(a, b, counts) for a, b, counts in plan), arb(0)), error


def _too_many(density: Density) -> UnsupportedError:
    return UnsupportedError(
        f"the covariance at variance {float(density.q.mid()):.4g} and 1 - |c| = "
        f"{float((density.v / density.q).mid()):.4g} would need more than {_MAX_POINTS} points; ask for fewer digits"
    )


class Squares:
    """Panels in x and panels in y."""

    def __init__(self, density: Density, gap: bool) -> None:
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


class Strips:
    """Panels in x and intervals of t."""

    def __init__(self, density: Density, two: Cut, gap: bool) -> None:
        self.density, self.two, self.gap = density, two, gap
        self.combine: Callable[[Any, Any], Any] = (lambda f, g: (f - g) * (f - g) / 2) if gap else (lambda f, g: f * g)

    def bounds(self, a: Panel, b: Strip) -> tuple[Any, Any, Any]:
        area = 4 * a.half * b.half * _integrand_bound(a.image, b.image, self.gap)
        middle, none = a.middle - b.middle / 2, arb(0)
        x, t = a.half, b.half
        whole = self.density.bound((middle, x + t / 2, none), (b.middle, t, none))
        first = self.density.bound((middle, x * 5 / 3 + t / 2, x * 4 / 3), (b.middle, t, none))
        second = self.density.bound((middle, x + t * 5 / 6, t * 2 / 3), (b.middle, t * 5 / 3, t * 4 / 3))
        return (area * whole).abs_upper(), area / 2 * first, area / 2 * second

    def value(self, a: Panel, b: Strip, counts: tuple[int, int]) -> Any:
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


def log_upper(ball: Any) -> float:
    """The logarithm of the largest modulus in a ball."""
    upper = ball.abs_upper()
    return float(upper.log().mid()) if upper > 0 else -inf
