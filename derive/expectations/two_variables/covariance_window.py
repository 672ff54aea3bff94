r"""V - W for a saturating function under a wide Gaussian, in a proven ball: only a window around 0 counts.

With the notation of :mod:`derive.expectations.two_variables.covariance_grid`, V - W = E D(M), D(m) = Var f(m + X), Var
X = v and Var M = mu.  Let f tend to constants P_+ and P_-, |f - P| <= C' e^{-a|x|} on the right and on the left.  Then
D is negligible for |m| beyond a few standard deviations of X plus D/2a (D nats), and the sums

.. math::

    D_h(m) = h\sum_k g_v(kh) f(m+kh)^2 - \Bigl(h\sum_k g_v(kh) f(m+kh)\Bigr)^2, \qquad
    h \sum_{|i| < N} g_\mu(m_i) D_h(m_i)

need only that window, however large mu is.  Errors, for |f| <= C on the strip of half-width y, with theta, e and eps as
there and kappa = 2e/(1-e) >= |h sum g_v - 1|:

* inner step (1 + 2 theta) eps(v) C^2 theta_mu; outer step (theta + theta^2) C^2 eps(mu);
* the cut of the inner sums at |k| <= K: (1 + 2 theta) C^2 t_v theta_mu;
* the window: for m >= L and any x_0 < L, split at m + kh = x_0.  With f = P + delta, |D_h(m)| <= P^2 theta kappa +
  2|P| kappa sum w|delta| + sum w delta^2 <= C^2 (5 theta kappa + 4 T) + C'^2 theta e^{-2 a x_0}, T the mass of the
  weights beyond L - x_0; and the weights g_mu sum to at most theta_mu.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, inf, log, sqrt
from typing import Any

from flint import arb, ctx, fmpz_poly

from derive.errors import UnsupportedError
from derive.expectations.two_variables.covariance_grid import (
    gauss_weights,
    integers,
    mass,
    shift_error,
    step_size,
    weight_tail,
)
from derive.expectations.two_variables.grid_function import ExponentialGrid, GridFunction

__all__ = ["enclose_gap_in_window", "window_points"]

_FRACTIONS = (0.6, 0.8, 0.9)


@dataclass(frozen=True)
class _Plan:
    step: float
    inner: int  # K
    outer: int  # N
    width: float  # y
    size: Any  # C
    split: float  # x_0
    decay: tuple[Any, Any]  # C', a


def window_points(f: GridFunction, v: Any, mu: Any, bits: int) -> float:
    """How many points the rule would need; infinite where it does not apply or brings nothing."""
    plan = _plan(f, float(v.mid()), float(mu.mid()), (bits + 8) * log(2))
    return inf if plan is None else plan.inner + plan.outer


def enclose_gap_in_window(f: GridFunction, v: Any, mu: Any, bits: int, small: float = 0.0) -> Any:
    """A ball with V - W at variance v + mu and covariance mu; absolute radius near 2^-(bits + small).

    Raises :class:`~derive.errors.UnsupportedError` for functions that do not tend to constants exponentially fast.
    """
    plan = _plan(f, float(v.mid()), float(mu.mid()), (bits + 8 + small) * log(2))
    if plan is None:
        raise UnsupportedError("the window rule needs a function that tends to constants, and a wide Gaussian")
    scale = max(0.0, float(plan.size.log().mid()) / log(2))
    precision = bits + ceil(small + 2 * scale) + 24 + 2 * (plan.inner + plan.outer).bit_length()
    with ctx.workprec(precision):
        h = arb(plan.step)
        spreads = _spreads(f, h, v, plan, precision)
        weight = h * (-h * h / (8 * mu)).exp() / (2 * arb.pi() * mu).sqrt()
        decay = (-h * h / mu).exp()
        ratio, total = decay, arb(0)
        for i in range(plan.outer):
            ahead, behind = spreads[plan.outer + i], spreads[plan.outer - 1 - i]
            total += weight * (ahead + behind)
            weight *= ratio
            ratio *= decay
        return total + arb(0, _error(plan, h, v, mu))


def _plan(f: GridFunction, v: float, mu: float, nats: float) -> _Plan | None:
    if not isinstance(f, ExponentialGrid) or not isinstance(f.scale, int):
        return None
    best: _Plan | None = None
    for fraction in _FRACTIONS:
        strip, decay = f.strip(fraction, sqrt(v + mu)), f.decay(fraction)
        if strip is None or decay is None or decay[2] > 0 or not strip.growth.is_zero():
            return None
        size = 2 * log(max(float(strip.size.mid()), 1.0))
        target = nats + size + 4
        step = min(step_size(strip.width, v, target), step_size(strip.width, mu, target))
        step = floor(step * 2**20) / 2**20 if step > 2**-10 else step
        rate = float(decay[1].mid())
        split = (target + 2 * log(max(float(decay[0].mid()), 1.0))) / (2 * rate)
        inner = ceil(sqrt(2 * target * v) / step) + 2
        outer = ceil(split / step) + inner + 2
        if best is None or inner + outer < best.inner + best.outer:
            best = _Plan(step, inner, outer, strip.width, strip.size, split, decay[:2])
    if best is None or best.outer * best.step > sqrt(2 * nats * mu):
        return None  # the Gaussian itself cuts earlier
    return best


def _spreads(f: GridFunction, h: Any, v: Any, plan: _Plan, precision: int) -> list[Any]:
    """D_h at (i + 1/2) h for i = -outer .. outer - 1: two products with the same weights."""
    count = plan.inner + plan.outer
    right, left = f.values(h, count)
    values = left[::-1] + right
    weights = gauss_weights(h, v, plan.inner)
    w, error_w = integers(weights[:0:-1] + weights, precision)
    total_weight = 2 * sum(weights, arb(0)).upper()
    terms = 2 * plan.inner + 1
    unit = arb(2) ** (-2 * precision)
    means = []
    for power in (2, 1):
        row = [x * x for x in values] if power == 2 else values
        a, error_a = integers(row, precision)
        largest = max(abs(x.mid()) for x in row).upper()
        radius = arb(0, (terms * largest * error_w + (total_weight + terms * error_w) * error_a).upper())
        product = fmpz_poly(a) * fmpz_poly(w)
        offset = count + plan.inner
        means.append([arb(product[i + offset]) * unit + radius for i in range(-plan.outer, plan.outer)])
    return [second - first * first for second, first in zip(*means, strict=True)]


def _error(plan: _Plan, h: Any, v: Any, mu: Any) -> Any:
    with ctx.workprec(64):
        none = arb(0)
        theta, theta_mu = mass(h, v, none), mass(h, mu, none)
        square = plan.size * plan.size
        e = (-2 * arb.pi() ** 2 * v / (h * h)).exp()
        kappa = 2 * e / (1 - e)
        cut = weight_tail(h, v, none, plan.inner * h + h)
        steps = (1 + 2 * theta) * (shift_error(h, v, plan.width) + cut) * theta_mu
        steps += (theta + theta * theta) * shift_error(h, mu, plan.width)
        constant, rate = plan.decay
        split = arb(plan.split)
        beyond = weight_tail(h, v, none, (plan.outer + arb(0.5)) * h - split)
        far = square * (5 * theta * kappa + 4 * beyond) + constant * constant * theta * (-2 * rate * split).exp()
        return (square * steps + theta_mu * far).upper()
