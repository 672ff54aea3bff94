r"""E f(u1) g(u2) for jointly Gaussian u1, u2 of equal variance q, in a proven ball, by one grid and one product.

Write u1 = M + X, u2 = sigma M + X' with independent M of variance mu = |lam|, X and X' of variance v = q - |lam|,
sigma the sign of lam.  Then W = E[F(M) G(sigma M)] with the smoothed functions F(m) = E f(m + X), G(m) = E g(m +
X').  On the grid m_i = (i + 1/2) h the trapezoidal sums

.. math:: F_h(m_i) = h\sum_k g_v(kh)\, f(m_i + kh)

for all i at once are one product of integer polynomials.  The errors, for |f(x+it)| <= C_f e^{s|x|} on |t| <= y
and the same for g, with theta_v = sup over shifts of h sum g_v <= 1 + 2 e/(1 - e), e = exp(-2 pi^2 v/h^2),

.. math::

    A_v = 2\theta_v e^{s^2 v/2}, \quad A_\mu = 2\theta_\mu e^{2 s^2\mu}, \quad
    \varepsilon(w) = \min_{t\le y} \frac{2 e^{t^2/2w}}{e^{2\pi t/h}-1}

(without the factors 2 e^{...} if s = 0): |F_h(m + it)| <= C_f A_v e^{s|m|}; |F_h - F|(m) <= eps(v) C_f A_v e^{s|m|}; so

.. math:: |W_h - W| \le C_f C_g A_v^2 A_\mu\, (2\varepsilon(v) + \varepsilon(\mu)) .

Cutting the sums at |k| <= K and at |i| <= N adds C_f C_g (2 t_v A_v A_mu + A_v^2 t_mu) with the tails t of the
weights times e^{s|kh|} and e^{2s|m|}, which are below geometric series.  Integers carry 2^-p rounding, bounded by
the number of terms.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, inf, log, pi, sqrt
from typing import Any

from flint import arb, ctx, fmpz, fmpz_poly

from derive.errors import UnsupportedError
from derive.expectations.two_variables.grid_function import GridFunction, StripBound

__all__ = [
    "enclose_on_grid",
    "gauss_weights",
    "grid_points",
    "integers",
    "mass",
    "shift_error",
    "step_size",
    "weight_tail",
]

_FRACTIONS = (0.4, 0.6, 0.8, 0.9, 0.96)


@dataclass(frozen=True)
class _Plan:
    step: float
    inner: int
    outer: int
    strips: tuple[StripBound, StripBound]


def grid_points(f: GridFunction, g: GridFunction, v: Any, mu: Any, bits: int) -> float:
    """How many grid points the rule would need (infinite where it does not apply)."""
    plan = _plan(f, g, float(v.mid()), float(mu.mid()), (bits + 8) * log(2))
    return inf if plan is None else plan.inner + plan.outer


def enclose_on_grid(f: GridFunction, g: GridFunction, v: Any, mu: Any, sign: int, bits: int, small: float = 0.0) -> Any:
    """A ball with E f(M + X) g(sign M + X'), Var M = mu > 0, Var X = Var X' = v > 0; absolute radius near 2^-bits.

    ``small`` says how far (in bits) the value is expected to lie below the size of f g, to save a second round.
    Raises :class:`~derive.errors.UnsupportedError` where a function has no strip without poles.
    """
    plan = _plan(f, g, float(v.mid()), float(mu.mid()), (bits + 8 + small) * log(2))
    if plan is None:
        raise UnsupportedError("the function is not analytic in a strip around the real line")
    scale = max(float(b.size.log().mid()) / log(2) for b in plan.strips)
    precision = bits + ceil(small) + 24 + 2 * (plan.inner + plan.outer).bit_length() + max(0, ceil(scale))
    with ctx.workprec(precision):
        h = arb(plan.step)
        smooth_f = _smoothed(f, h, v, plan, precision)
        smooth_g = smooth_f if g is f else _smoothed(g, h, v, plan, precision)
        total = _outer_sum(smooth_f, smooth_g, h, mu, sign, f.parity * g.parity, plan.outer)
        return total + arb(0, _error(plan, h, v, mu))


# planning -----------------------------------------------------------------------------------------------------


def _plan(f: GridFunction, g: GridFunction, v: float, mu: float, nats: float) -> _Plan | None:
    spread = sqrt(v + mu)
    best = None
    for fraction in _FRACTIONS:
        one, two = f.strip(fraction, spread), g.strip(fraction, spread)
        if one is None or two is None:
            continue
        strips = one, two
        s = max(float(b.growth.mid()) for b in strips)
        size = sum(log(max(float(b.size.mid()), 1e-300)) for b in strips) + 4
        target = nats + max(size, 0.0) + s * s * (v + 2 * mu)
        width = min(b.width for b in strips)
        step = min(step_size(width, v, target), step_size(width, mu, target))
        if best is None or step > best[0]:
            best = step, target, s, strips
    if best is None:
        return None
    step, target, s, strips = best
    step = floor(step * 2**20) / 2**20 if step > 2**-10 else step
    reach = sqrt(2 * target)
    inner = ceil((s * v + sqrt(v) * reach) / step) + 2
    outer = ceil((2 * s * mu + sqrt(mu) * reach) / step) + 2
    return _Plan(step, inner, outer, strips)


def step_size(width: float, variance: float, target: float) -> float:
    """The largest h with 2 pi t/h - t^2/2v >= target for some t <= width."""
    saddle = sqrt(2 * variance * target)
    if saddle <= width:
        return pi * sqrt(2 * variance / target)
    return 2 * pi * width / (target + width * width / (2 * variance))


# sums ---------------------------------------------------------------------------------------------------------


def _smoothed(f: GridFunction, h: Any, v: Any, plan: _Plan, precision: int) -> list[Any]:
    """F_h at (i + 1/2) h for i = -outer .. outer - 1, as balls."""
    inner, outer = plan.inner, plan.outer
    count = inner + outer
    right, left = f.values(h, count)
    weights = gauss_weights(h, v, inner)
    values = left[::-1] + right
    a, error_f = integers(values, precision)
    b, error_w = integers(weights[:0:-1] + weights, precision)
    product = fmpz_poly(a) * fmpz_poly(b)
    terms = 2 * inner + 1
    largest = max((abs(x.mid()) for x in values), default=arb(0)).upper()
    mass = sum(weights, arb(0)).upper() * 2
    error = (terms * largest * error_w + (mass + terms * error_w) * error_f).upper()
    radius, unit = arb(0, error), arb(2) ** (-2 * precision)
    offset = count + inner
    return [arb(product[i + offset]) * unit + radius for i in range(-outer, outer)]


def gauss_weights(h: Any, v: Any, count: int) -> list[Any]:
    """h g_v(kh), k = 0 .. count, by a two-term recurrence."""
    weight = h / (2 * arb.pi() * v).sqrt()
    ratio = (-h * h / (2 * v)).exp()
    decay = ratio * ratio
    weights = []
    for _ in range(count + 1):
        weights.append(weight)
        weight *= ratio
        ratio *= decay
    return weights


def integers(values: list[Any], precision: int) -> tuple[list[fmpz], Any]:
    """Values times 2^precision, rounded down, and a bound of the largest error."""
    rounded, radius = [], arb(0)
    for x in values:
        mantissa, exponent = x.mid().man_exp()
        shift = int(exponent) + precision
        rounded.append(mantissa << shift if shift >= 0 else mantissa >> -shift)
        if x.rad() > radius:
            radius = x.rad()
    return rounded, (radius + arb(2) ** -precision).upper()


def _outer_sum(f: list[Any], g: list[Any], h: Any, mu: Any, sign: int, even: int, outer: int) -> Any:
    """h sum of g_mu(m_i) F(m_i) G(sign m_i)."""
    weight = h * (-h * h / (8 * mu)).exp() / (2 * arb.pi() * mu).sqrt()
    decay = (-h * h / mu).exp()
    ratio = decay
    total = arb(0)
    for i in range(outer):
        ahead, behind = outer + i, outer - 1 - i
        one, two = (ahead, behind) if sign > 0 else (behind, ahead)
        pair = 2 * f[ahead] * g[one] if even else f[ahead] * g[one] + f[behind] * g[two]
        total += weight * pair
        weight *= ratio
        ratio *= decay
    return total


# the proven error ---------------------------------------------------------------------------------------------


def _error(plan: _Plan, h: Any, v: Any, mu: Any) -> Any:
    with ctx.workprec(64):
        first, second = plan.strips
        s = first.growth if first.growth > second.growth else second.growth
        width = min(first.width, second.width)
        a_v, a_mu = mass(h, v, s), mass(h, mu, 2 * s)
        t_v = weight_tail(h, v, s, plan.inner * h + h)
        t_mu = weight_tail(h, mu, 2 * s, (plan.outer + arb(0.5)) * h)
        grid = a_v * a_v * a_mu * (2 * shift_error(h, v, width) + shift_error(h, mu, width))
        cut = 2 * t_v * a_v * a_mu + a_v * a_v * t_mu
        return (first.size * second.size * (grid + cut)).upper()


def mass(h: Any, v: Any, s: Any) -> Any:
    """Bound of sup h sum g_v(kh - shift) e^{s|kh|}."""
    e = (-2 * arb.pi() ** 2 * v / (h * h)).exp()
    if not e < 1:
        raise UnsupportedError("the step is too large for the variance")
    theta = 1 + 2 * e / (1 - e)
    return theta if s.is_zero() else 2 * theta * (s * s * v / 2).exp()


def shift_error(h: Any, v: Any, width: float) -> Any:
    """min over t <= width of 2 e^{t^2/2v}/(e^{2 pi t/h} - 1), at the saddle t = 2 pi v/h or at the width."""
    t = arb(min(width, float((2 * arb.pi() * v / h).mid())))
    return 2 * (t * t / (2 * v)).exp() / ((2 * arb.pi() * t / h).exp() - 1)


def weight_tail(h: Any, v: Any, s: Any, start: Any) -> Any:
    """Bound of 2 h sum of g_v(x) e^{s x} over x = start, start + h, ...: terms fall by e^{s h - start h/v} at least."""
    ratio = (s * h - start * h / v).exp()
    if not ratio < 1:
        raise UnsupportedError("the function grows too fast for the number of grid points")
    first = h * (s * start - start * start / (2 * v)).exp() / (2 * arb.pi() * v).sqrt()
    return 2 * first / (1 - ratio)
