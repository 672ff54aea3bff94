r"""E f(u1) g(u2) near perfect correlation and near none, in a proven ball, by Taylor series in the covariance.

Price's theorem, d/dlam E f(u1) g(u2) = E f'(u1) g'(u2), gives with Taylor coefficients a_k(x) = f^(k)(x)/k!, b_k
likewise and X ~ N(0, q)

.. math::

    W(q, \sigma(q - v)) &= \sum_{k<K} (-\sigma v)^k\, k!\; E[a_k(X) b_k(\sigma X)] + R_K, \qquad \sigma = \pm 1, \\
    W(q, \lambda) &= \sum_{k<K} \lambda^k\, k!\; E a_k(X)\, E b_k(X) + R_K,

and, by Cauchy-Schwarz for the K-th derivative at every smaller covariance, |R_K| <= s^K K! (E a_K^2 E b_K^2)^{1/2}
with s = v or |lam|.  The first series holds no cancellation however small v is: V - W is its part with k >= 1.

The means are trapezoidal sums over the points (p + 1/2) h with the coefficients a_k computed there as power series.  On
|Im z| <= y - rho they are at most C e^{s(|x| + rho)}/rho^k (Cauchy, |f| <= C e^{s|x|} on |Im z| <= y), hence the
error of the k-th mean of a product is at most C_f C_g e^{2 s rho} rho^{-2k} (eps m + t), where eps, m, t are shift
error, mass and tail of :mod:`derive.expectations.two_variables.covariance_grid` for the growth 2s.

*Window.*  If f approaches polynomials of degree d at both ends, |f - P| <= C' e^{-a|x|} on the strip, then |a_k| <=
C' e^{-a(|x| - rho)} rho^{-k} for k > d, and the points beyond |x| = L contribute at most C'^2 e^{2 a rho}
rho^{-2k} e^{-2aL} h/((1 - e^{-2ah}) sqrt(2 pi q)) per side.  The few terms with k <= d are means of one variable
and are enclosed as such.  So the cost does not grow with q.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, inf, lgamma, log, sqrt
from typing import Any

from flint import arb, ctx

from derive.errors import UnsupportedError
from derive.expectations.one_variable.exprational import exp_rational
from derive.expectations.one_variable.residue_trapezoid import enclose_mean
from derive.expectations.two_variables.covariance_grid import mass, shift_error, step_size, weight_tail
from derive.expectations.two_variables.grid_function import GridFunction

__all__ = ["enclose_near_diagonal", "enclose_near_zero", "series_points"]

_FRACTION = 0.9
_SHARES = (0.3, 0.4, 0.5, 0.6)  # rho as a part of the strip
_MAX_TERMS = 400


@dataclass(frozen=True)
class _Plan:
    step: float
    points: int
    terms: int  # K
    width: float  # y - rho
    radius: float  # rho
    window: tuple[Any, Any, int] | None  # (C', a, d)
    sizes: tuple[Any, Any]  # C_f, C_g
    growth: Any  # s


def series_points(f: GridFunction, g: GridFunction, q: Any, gap: Any, bits: int, factors: int = 2) -> tuple[float, int]:
    """(points, terms) the series in ``gap`` (v or |lam|) needs; points are infinite where it misses ``bits``.

    ``factors`` is 2 for the series near the diagonal and 1 for the one near zero.
    """
    plan = _plan(f, g, float(q.mid()), float(gap.mid()), (bits + 8) * log(2), factors)
    return (inf, 0) if plan is None else (plan.points, plan.terms)


def enclose_near_diagonal(
    f: GridFunction, g: GridFunction, q: Any, v: Any, sign: int, bits: int, *, first: int = 0, small: float = 0.0
) -> Any:
    """A ball with the sum over k >= ``first`` of (-sign v)^k k! E[a_k(X) b_k(sign X)]; ``first`` = 0 gives W.

    The absolute radius is near 2^-(bits + small); raises :class:`~derive.errors.UnsupportedError` where v is too large.
    """
    plan = _planned(f, g, q, v, bits, small, 2)
    with ctx.workprec(_precision(plan, bits, small)):
        table = _Table(f, g, q, plan)
        return _summed(plan, table, -sign * v, lambda k: table.cross(k, sign), first)


def enclose_near_zero(f: GridFunction, g: GridFunction, q: Any, lam: Any, bits: int, small: float = 0.0) -> Any:
    """A ball with W at a small covariance ``lam`` of either sign; see the module for the series."""
    plan = _planned(f, g, q, abs(lam), bits, small, 1)
    with ctx.workprec(_precision(plan, bits, small)):
        table = _Table(f, g, q, plan)
        return _summed(plan, table, lam, lambda k: table.mean(k, 0) * table.mean(k, 1))


def _summed(plan: _Plan, table: _Table, ratio: Any, term: Callable[[int], Any], first: int = 0) -> Any:
    """The sum of ratio^k k! term(k) over k >= ``first``, with a bound of what comes after the plan's terms."""
    total, power = arb(0), arb(1)
    for k in range(plan.terms):
        if k >= first:
            total += power * term(k)
        power = power * ratio * (k + 1)
    return total + arb(0, _remainder(table, plan, power))


def _planned(f: GridFunction, g: GridFunction, q: Any, gap: Any, bits: int, small: float, factors: int) -> _Plan:
    plan = _plan(f, g, float(q.mid()), float(gap.mid()), (bits + 8 + small) * log(2), factors)
    if plan is None:
        raise UnsupportedError("the covariance is too far from 0 and from the variance for a Taylor series")
    return plan


def _precision(plan: _Plan, bits: int, small: float) -> int:
    scale = max(0.0, float((plan.sizes[0] * plan.sizes[1]).log().mid()) / log(2))
    return bits + ceil(small + scale) + 32 + 2 * plan.points.bit_length() + plan.terms // 2


def _remainder(table: _Table, plan: _Plan, power: Any) -> Any:
    """|R_K| from the enclosed mean squares of the K-th coefficients."""
    squares = table.square(plan.terms, 0) * table.square(plan.terms, 1)
    return (abs(power) * abs(squares).upper().sqrt()).upper()


# planning -----------------------------------------------------------------------------------------------------


def _plan(f: GridFunction, g: GridFunction, q: float, gap: float, nats: float, factors: int) -> _Plan | None:
    """The cheapest table; ``factors`` coefficients are multiplied in each mean, and decay together."""
    spread = sqrt(q)
    one, two = f.strip(_FRACTION, spread), g.strip(_FRACTION, spread)
    if one is None or two is None:
        return None
    strips = one, two
    s = max(float(b.growth.mid()) for b in strips)
    size = sum(log(max(float(b.size.mid()), 1e-300)) for b in strips)
    width = min(b.width for b in strips)
    window = f.decay(_FRACTION) if f is g and _is_plain(f) else None
    terms = _terms(gap, width / _FRACTION, nats + max(size, 0.0), 0 if window is None else window[2])
    if terms is None:
        return None
    best = None
    for share in _SHARES:
        radius = share * width
        worst = max(_log_weight(k, gap, radius) for k in range(terms + 1))
        target = nats + max(size, 0.0) + max(worst, 0.0) + 4 + 2 * s * radius + 2 * s * s * q
        step = step_size(width - radius, q, target)
        reach = 2 * s * q + spread * sqrt(2 * target)
        if window is not None:
            rate = float(window[1].mid())
            reach = min(reach, (target + 2 * log(max(float(window[0].mid()), 1.0))) / (factors * rate) + radius)
        points = ceil(reach / step) + 2
        if best is None or points < best.points:
            growth = one.growth if one.growth > two.growth else two.growth
            best = _Plan(step, points, terms, width - radius, radius, window, (one.size, two.size), growth)
    return best


def _log_weight(k: int, gap: float, radius: float) -> float:
    """log of gap^k k! radius^(-2k)."""
    return k * log(max(gap, 1e-300) / radius**2) + lgamma(k + 1)


def _terms(gap: float, width: float, nats: float, degree: int) -> int | None:
    for k in range(degree + 2, _MAX_TERMS):
        if _log_weight(k, gap, width) < -nats:
            return k
        if k * gap > width**2:
            return None
    return None


def _is_plain(f: GridFunction) -> bool:
    return isinstance(f.scale, int) and f.scale == 1


# the table of coefficients ------------------------------------------------------------------------------------


class _Table:
    """Taylor coefficients at the points, and their weighted sums with proven errors."""

    def __init__(self, f: GridFunction, g: GridFunction, q: Any, plan: _Plan) -> None:
        self.functions, self.q, self.plan = (f, g), q, plan
        self.h = arb(plan.step)
        jets = f.jets(self.h, plan.points, plan.terms + 1)
        self.jets = (jets, jets if g is f else g.jets(self.h, plan.points, plan.terms + 1))
        weight = self.h * (-self.h * self.h / (8 * q)).exp() / (2 * arb.pi() * q).sqrt()
        decay = (-self.h * self.h / q).exp()
        ratio = decay
        self.weights = []
        for _ in range(plan.points):
            self.weights.append(weight)
            weight *= ratio
            ratio *= decay
        self._errors = (self._shift_and_tail(1), self._shift_and_tail(2))

    def cross(self, k: int, sign: int) -> Any:
        """E[a_k(X) b_k(sign X)]."""
        if self._low(k):
            return self._exact(k, sign, both=True)
        (right_f, left_f), (right_g, left_g) = self.jets
        if sign < 0:
            right_g, left_g = left_g, right_g
        total = arb(0)
        even = self.functions[0].parity * self.functions[1].parity
        for p, weight in enumerate(self.weights):
            pair = right_f[p][k] * right_g[p][k]
            total += weight * (2 * pair if even else pair + left_f[p][k] * left_g[p][k])
        return total + arb(0, self._bound(k, (0, 1)))

    def square(self, k: int, which: int) -> Any:
        """E a_k(X)^2 of the first (0) or second (1) function."""
        right, left = self.jets[which]
        total = arb(0)
        for p, weight in enumerate(self.weights):
            total += weight * (right[p][k] * right[p][k] + left[p][k] * left[p][k])
        return total + arb(0, self._bound(k, (which, which)))

    def mean(self, k: int, which: int) -> Any:
        """E a_k(X) of the first or second function."""
        if (self.functions[which].parity * (1 if k % 2 == 0 else -1)) == -1:
            return arb(0)
        if self._low(k):
            return self._exact(k, 1, both=False)
        right, left = self.jets[which]
        total = arb(0)
        for p, weight in enumerate(self.weights):
            total += weight * (right[p][k] + left[p][k])
        return total + arb(0, self._bound(k, (which,)))

    def _low(self, k: int) -> bool:
        return self.plan.window is not None and k <= self.plan.window[2]

    def _exact(self, k: int, sign: int, both: bool) -> Any:
        """A mean of low order by the rule of one variable."""
        f = self.functions[0]
        expr = f.expr.diff(f.variable, k) if k else f.expr
        if both:
            expr = expr * expr.xreplace({f.variable: sign * f.variable})
        form = exp_rational(expr, f.variable)
        factorial = arb(k + 1).gamma()
        if form is None:  # a constant or a polynomial
            raise UnsupportedError(f"derivative {k} of {self.functions[0].expr} is no longer of the exponential kind")
        return enclose_mean(form, self.q, ctx.prec) / factorial ** (2 if both else 1)

    def _bound(self, k: int, which: tuple[int, ...]) -> Any:
        """The error of the mean of the product of the k-th coefficients of the functions numbered in ``which``."""
        plan, factors = self.plan, len(which)
        with ctx.workprec(64):
            rho = arb(plan.radius)
            size = arb(1)
            for i in which:
                size = size * plan.sizes[i]
            spread = size * (factors * plan.growth * rho).exp()
            shift, cut = self._errors[factors - 1]
            cut = spread * cut
            if plan.window is not None:
                constant, rate, _ = plan.window
                rate = factors * rate
                end = (plan.points + arb(0.5)) * self.h
                beyond = 2 * self.h * (-rate * (end - rho)).exp() / (1 - (-rate * self.h).exp())
                beyond = constant**factors * beyond / (2 * arb.pi() * self.q).sqrt()
                if beyond < cut:
                    cut = beyond
            return ((spread * shift + cut) / rho ** (factors * k)).upper()

    def _shift_and_tail(self, factors: int) -> tuple[Any, Any]:
        """Shift error times mass, and Gaussian tail (infinite where unknown), for growth ``factors`` s."""
        plan = self.plan
        with ctx.workprec(64):
            s = factors * plan.growth
            shift = shift_error(self.h, self.q, plan.width) * mass(self.h, self.q, s)
            try:
                cut = weight_tail(self.h, self.q, s, (plan.points + arb(0.5)) * self.h)
            except UnsupportedError:
                if plan.window is None:
                    raise
                cut = arb("inf")
            return shift.upper(), cut.upper()
