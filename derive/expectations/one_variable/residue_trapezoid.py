r"""The trapezoidal rule with the poles' residues removed: E f(sqrt(q) z) in a proven ball, f rational in e^{a x}.

Let g be the standard normal density, h > 0, and take the points z_k = (k + 1/2) h.  The kernel K(z) = -1/(1 +
e^{-2 pi i z/h}) has simple poles at the z_k, and moving the line of integration up to Im z = eta (and, by
reflection, down) gives for real f

.. math::

    \int f(\sqrt q z) g(z)\,dz = h\sum_k f(\sqrt q z_k) g(z_k)
      - 2\,\mathrm{Re} \sum_{0 < \mathrm{Im} z_p < \eta} 2\pi i\,
        \mathrm{Res}_{z_p}\bigl[f(\sqrt q z) g(z) K(z)\bigr] + R,

.. math::

    |R| \le \frac{2 e^{\eta^2/2}}{e^{2\pi\eta/h} - 1}\; E\,|f(X + i \sqrt q\,\eta)|, \qquad X \sim N(0, q),

because |g(t + i eta)| = g(t) e^{eta^2/2} and |K| <= 1/(e^{2 pi eta/h} - 1) on that line.  The mean is bounded by
:class:`~derive.expectations.one_variable.poles.RayBound`, the sum beyond the last point by a geometric series, rounding
by balls; so the radius of the result is a bound of everything.  Points where f has a removable singularity at 0 do no
harm, since 0 is not among the z_k.

With eta at the saddle 2 pi/h no more than D/pi points are needed for D nats; a lower line trades poles for points:
cost about D (1 + s^2)/(2 pi s) points and s R a/(2 pi) poles per zero of the denominator, R = sqrt(2 D q), s = eta
h/(2 pi). Even for q = 1e8 some thousand evaluations do.  Exponentials are never called in the loops: e^{-z^2/2}
and T = e^{a x} follow two-term recurrences.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log, log2, pi, sqrt
from typing import Any

from flint import acb, arb, ctx

from derive.errors import UnsupportedError
from derive.expectations.one_variable.exprational import ExpRational
from derive.expectations.one_variable.poles import RayBound, clear_ray, ladders, poles_per_period, ray_bound
from derive.numerics.compile import to_arb

__all__ = ["enclose_mean"]

_MAX_POINTS = 300_000
_GUARD = 1e-6  # lines are bounded on a sliver of rays, so that the rounding of their height does not matter
_POLE_COST = 2.0  # a residue costs about as much as this many points


@dataclass(frozen=True)
class _Plan:
    """Step h in units of sqrt(q), the line Im x = ``line``, number of points on one side, bound of the line.

    ``turns`` is how often 2 pi goes into the phase of T on the line.
    """

    step: float
    line: float
    turns: int
    points: int
    bound: RayBound


def enclose_mean(f: ExpRational, q: Any, bits: int) -> Any:
    """A ball with E f(sqrt(q) z) for a positive ball q; radius about 2^-bits times the value.

    Raises :class:`~derive.errors.UnsupportedError` where f has a true pole on the real axis or its poles cannot be
    told apart: another rule has to be used then.
    """
    if f.parity == -1:
        return arb(0)
    nats = (bits + 6) * log(2)
    extra = 0.0
    for _ in range(6):
        plan = _plan(f, q, nats + extra)
        size = max(0.0, _log_size(plan, f, q))
        work = bits + 12 + ceil(extra / log(2)) + ceil(size / log(2)) + 2 * plan.points.bit_length()
        with ctx.workprec(work):
            value = _evaluate(f, q, plan)
        accuracy = value.rel_accuracy_bits()
        if accuracy >= bits or not value.is_finite() or _input_limited(q, accuracy):
            return value
        extra += (bits - max(accuracy, -bits) + 8) * log(2)
    return value


def _input_limited(q: Any, accuracy: int) -> bool:
    """More effort is in vain when the ball q itself holds fewer digits than the result."""
    return not q.is_exact() and accuracy >= q.rel_accuracy_bits() - 6


def _log_size(plan: _Plan, f: ExpRational, q: Any) -> float:
    """How far (nats) the largest term may exceed 1."""
    growth = max((float(c.mid()) for _, _, c in plan.bound.rows), default=0.0)
    return growth * growth * float(q.mid()) + f.degree * max(0.0, log(sqrt(float(q.mid())) + 1))


# planning, in floating point: nothing here enters the proof ---------------------------------------------------


def _plan(f: ExpRational, q: Any, nats: float) -> _Plan:
    """The cheapest line: through the middle of a gap between poles, or below the first of them."""
    root = sqrt(float(q.mid()))
    if not 0 < root < float("inf"):
        raise UnsupportedError(f"the variance {q} is out of the range of this rule")
    rate = float(to_arb(f.rate).mid())
    middle, first = clear_ray(f)
    gap = ray_bound(f, middle - _GUARD, middle + _GUARD)
    if gap is None:
        raise UnsupportedError("no line between the poles on which the function could be bounded")
    period = 2 * pi / rate
    best = _best_gap(f, gap, (middle / rate, period, root), nats)
    optimistic = _plan_at(f, gap, (0.74 * first / rate, 0), root, nats, True)
    if best is None or optimistic.points * (1 if f.parity else 2) < best[0]:
        plan = _low_plan(f, 0.74 * first, rate, root, nats)
        if plan is not None and (best is None or plan.points * (1 if f.parity else 2) < best[0]):
            best = 0.0, plan
    if best is None or best[1].points > _MAX_POINTS:
        raise UnsupportedError(f"the trapezoidal rule would need too many points at variance {float(q.mid()):.3g}")
    return best[1]


def _best_gap(
    f: ExpRational, gap: RayBound, lines: tuple[float, float, float], nats: float
) -> tuple[float, _Plan] | None:
    """(cost, plan) of the cheapest line y_0 + k period, or None if all lie too high for the variance."""
    start, period, root = lines
    top = root * sqrt(2 * nats) + period
    k_best = max(1, floor(sqrt(nats * root * sqrt(2 * nats) * period) / period))
    best: tuple[float, _Plan] | None = None
    for k in sorted({0, 1, 2, 3, 4, 6, 8, k_best // 2, k_best, 2 * k_best}):
        y = start + k * period
        if y > 1.5 * top:
            break
        plan = _plan_at(f, gap, (y, k), root, nats, False)
        cost = plan.points * (1 if f.parity else 2) + _POLE_COST * (k + 1) * poles_per_period(f)
        if best is None or cost < best[0]:
            best = cost, plan
    return best


def _low_plan(f: ExpRational, phase: float, rate: float, root: float, nats: float) -> _Plan | None:
    """A line below all poles, at any height; past a removable singularity at 0 single lines, as low as need be."""
    low = ray_bound(f, 0.0, phase * (1 + _GUARD))
    if low is not None:
        return _plan_at(f, low, (phase / rate, 0), root, nats, True)
    phase *= 2.0 ** -max(0, ceil(log2(phase / rate / (root * sqrt(2 * nats)))))
    ray = ray_bound(f, phase * (1 - _GUARD), phase * (1 + _GUARD))
    return None if ray is None else _plan_at(f, ray, (phase / rate, 0), root, nats, False)


def _plan_at(f: ExpRational, bound: RayBound, line: tuple[float, int], root: float, nats: float, free: bool) -> _Plan:
    """The step and the number of points for the line (y, turns); a ``free`` line may be lowered."""
    y, turns = line
    eta = y / root
    growth = max((float(c.mid()) for _, _, c in bound.rows), default=0.0) * root
    size = max((log(max(float(b.mid()), 1e-300)) for _, b, _ in bound.rows), default=0.0)
    size += 2 * growth**2 + f.degree * log(root * (1 + eta) + 1) + 2
    target = max(nats + size, 1.0)
    if free:
        eta = min(eta, sqrt(2 * target))
    step = 2 * pi * eta / (target + eta * eta / 2)
    step = floor(step * 2**16) / 2**16 if step > 2**-8 else step
    last = growth + sqrt(growth**2 + 2 * target) + 1
    return _Plan(step, eta * root if free else y, turns, ceil(last / step), bound)


# evaluation, in balls -----------------------------------------------------------------------------------------


def _evaluate(f: ExpRational, q: Any, plan: _Plan) -> Any:
    root = q.sqrt()
    step = arb(plan.step)
    total = _point_sum(f, root, step, plan.points) - _residue_sum(f, root, step, plan.line)
    error = _line_error(f, plan, q, step) + _tail_error(f, root, step, plan.points)
    return total + arb(0, error.upper())


def _point_sum(f: ExpRational, root: Any, h: Any, points: int) -> Any:
    """h sum of f g over the points (k + 1/2) h with k = -points .. points - 1."""
    decay = (-h * h).exp()
    weight = h * (-h * h / 8).exp() / (2 * arb.pi()).sqrt()
    ratio = decay
    spacing = h * root
    x = spacing / 2
    up = (to_arb(f.rate) * spacing).exp()
    t = (to_arb(f.rate) * x).exp()
    total, tape = arb(0), f.tape
    if f.parity:
        weight = 2 * weight
        for _ in range(points):
            total += weight * tape(x, t)
            x += spacing
            t *= up
            weight *= ratio
            ratio *= decay
        return total
    down, s = 1 / up, 1 / t
    for _ in range(points):
        total += weight * (tape(x, t) + tape(-x, s))
        x += spacing
        t *= up
        s *= down
        weight *= ratio
        ratio *= decay
    return total


def _residue_sum(f: ExpRational, root: Any, h: Any, line: float) -> Any:
    """2 Re sum of 2 pi i Res over the poles with 0 < Im x < line."""
    total = acb(0)
    for ladder in ladders(f, ctx.prec):
        if ladder.on_axis is not None and any(not c.is_zero() for c in ladder.principal_part(ladder.on_axis)):
            raise UnsupportedError("the function has a pole on the real axis")
        x0 = ladder.start
        z = x0 / root
        if not x0.imag < line:
            continue
        delta = acb(0, 2 * arb.pi() / to_arb(f.rate))
        dz = delta / root
        two_pi_i = acb(0, 2 * arb.pi())
        density = (-z * z / 2).exp() / (2 * arb.pi()).sqrt()
        ratio = (-z * dz - dz * dz / 2).exp()
        decay = (-dz * dz).exp()
        w, up = (-two_pi_i * z / h).exp(), (-two_pi_i * dz / h).exp()
        fixed = None if f.degree else _scaled(ladder.principal_part(x0), root)
        while x0.imag < line:
            part = _scaled(ladder.principal_part(x0), root) if fixed is None else fixed
            total += _residue(part, z, density, -1 / (1 + w), two_pi_i / h)
            x0 += delta
            z += dz
            density *= ratio
            ratio *= decay
            w *= up
        if not x0.imag > line:
            raise UnsupportedError("a pole touches the line of integration")
    return 2 * (acb(0, 2 * arb.pi()) * total).real


def _scaled(part: list[Any], root: Any) -> list[Any]:
    """Principal part in z = x/root."""
    scaled, factor = [], 1 / root
    for c in part:
        scaled.append(c * factor)
        factor = factor / root
    return scaled


def _residue(part: list[Any], z: Any, density: Any, k0: Any, kappa: Any) -> Any:
    """sum of c_{-n} (g K)^{(n-1)}(z)/(n-1)! from the Taylor recurrences g' = -z g and K' = kappa K (1 + K)."""
    if len(part) == 1:
        return part[0] * density * k0
    if len(part) == 2:
        return density * k0 * (part[0] + part[1] * (kappa * (1 + k0) - z))
    g, k = [density, -z * density], [k0, kappa * k0 * (1 + k0)]
    for n in range(2, len(part)):
        g.append((-z * g[n - 1] - g[n - 2]) / n)
        square = sum((k[i] * k[n - 1 - i] for i in range(n)), acb(0))
        k.append(kappa * (k[n - 1] + square) / n)
    total = acb(0)
    for n, c in enumerate(part):
        total += c * sum((g[i] * k[n - i] for i in range(n + 1)), acb(0))
    return total


# the bounds of the two errors ---------------------------------------------------------------------------------


def _line_error(f: ExpRational, plan: _Plan, q: Any, h: Any) -> Any:
    """Bound of |R|, after the check that the line lies where its bound was proven."""
    with ctx.workprec(64):
        y = arb(plan.line)
        if not plan.bound.covers(to_arb(f.rate) * y - 2 * arb.pi() * plan.turns):
            raise UnsupportedError("the line of integration has left the rays on which the function was bounded")
        size = plan.bound.mean(y, q.upper())
        return 2 * (y * y / (2 * q)).exp() * size / ((2 * arb.pi() * y / (h * q.sqrt())).exp() - 1)


def _tail_error(f: ExpRational, root: Any, h: Any, points: int) -> Any:
    r"""Bound of 2 h sum |f| g over z >= Z = (points + 1/2) h.

    |f(sqrt(q) z)| <= B(z) where B(z + h)/B(z) <= (1 + h/z)^j e^{c sqrt(q) h}, so the terms fall at least
    geometrically from Z on once (1 + h/Z)^j e^{c sqrt(q) h - h Z - h^2/2} < 1.
    """
    with ctx.workprec(64):
        z = (points + arb(0.5)) * h
        x = root * z
        bound = _tail_bound(f, x)
        size, c, j = bound.pointwise(x.upper())
        ratio = (1 + h / z) ** j * (c * root * h - h * z - h * h / 2).exp()
        if not ratio < 1:
            raise UnsupportedError("the function grows too fast for the number of points")
        density = (-z * z / 2).exp() / (2 * arb.pi()).sqrt()
        return 2 * h * size * density / (1 - ratio)


def _tail_bound(f: ExpRational, x: Any) -> RayBound:
    """A bound on the real line, or, when f has a removable singularity there, for all |x| beyond the given one."""
    bound = ray_bound(f, 0.0, 0.0)
    if bound is not None:
        return bound
    reach = (-to_arb(f.rate) * x).exp().upper()
    for k in range(1, 40):
        if reach < 1 - 2.0**-k:
            bound = ray_bound(f, 0.0, 0.0, 1 - 2.0**-k)
            if bound is not None:
                return bound
    raise UnsupportedError("the function could not be bounded on the real axis")
