r"""The free constant :math:`c = A(x_0)` of an orbit to any number of digits.

Abel's equation gives :math:`c = A(x_m) - m` for every m.  The truncated series :math:`A_N` is evaluated at
:math:`w_m`, where the orbit is close to the fixed point.  What is left out is *estimated*, by the larger of two sizes:

* the largest of the next terms :math:`|a_j w_m^j|`, :math:`N < j \le N + W`, with a window W from which all later terms
  descend (:func:`~derive.difference.formal.sparse_abel.window_of`);
* the defect :math:`D = A_N(F(x)) - A_N(x) - 1`, evaluated at :math:`x_m` with the map itself and summed along the
  orbit, :math:`|D|\,l\,k/N`: it sees whatever the terms do not show.

The estimate is calibrated in the tests, it is not a bound (bounds: :mod:`derive.difference.proofs.certified`).
Rounding errors are bounded, by ball arithmetic.

*Planning.*  The coefficients are Gevrey of order 1: with :math:`l = a_{-k} w^{-k}`, which counts steps, the terms
behave like :math:`\Gamma(j/k) (2\pi l)^{-j/k}` (the Borel transform in l has its singularities at
:math:`2\pi i\,\mathbb{Z}`), so that :math:`e^{-2\pi l}` is the best that can be had at l.  The order N and the depth l
are chosen to minimise the cost of the steps plus that of the series for the digits asked; the actual coefficients then
say how far to iterate.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from derive.difference.formal.abel import AbelSeries, LogSeries
from derive.difference.orbits.flow import Blocked, NotSlow, along, slowness, steps_ahead
from derive.difference.orbits.numeric_map import NumericMap, next_terms, vanishes
from derive.difference.orbits.orbit import Orbit
from derive.difference.series.magnitude import log10_size, log10_upper
from derive.errors import PrecisionError

__all__ = ["LARGEST_WORK", "Constant", "abel_constant", "along_the_flow", "evaluate", "plan", "refined", "settle"]

_BITS_PER_DIGIT = math.log2(10)
LARGEST_WORK = 6e7  # in products of numbers: some ten seconds
_FLOW_FROM = 5e6
_FIRST_STEPS = (0, 8, 64, 512, 4096, 32768)  # after which the map may be slow enough to be integrated
_LEAST_DEPTH = 0.5  # closer than this the terms of an asymptotic series mean nothing


@dataclass(frozen=True)
class Constant:
    """A computed constant: the ball ``value`` bounds rounding only; 10**``log10_error`` estimates the truncation.

    ``steps`` and ``order`` are m and N, ``series`` the Abel series used (its coefficients go a window beyond N).  From
    A = 10**``level`` on the series is that accurate (where the constant was read off at x_m, ``level`` is -oo).
    """

    value: Any
    log10_error: float
    steps: int
    order: int
    series: AbelSeries
    bits: int
    level: float = -math.inf

    @property
    def log10_uncertainty(self) -> float:
        """log10 of truncation estimate and rounding bound together."""
        return max(self.log10_error, log10_upper(self.value - self.value.mid()))


def plan(target: float, k: int, stride: int, step_cost: float, log10_now: float = 0.0) -> tuple[int, float]:
    """The cheapest (order N, log10 of the depth l) at which the expected error is 10**-target.

    ``log10_now`` is the depth reached already; ``step_cost`` is in units of one product of numbers.
    """
    best: tuple[float, int, float] | None = None
    bits = max(target, 10) * _BITS_PER_DIGIT
    for i in range(80):
        depth = max(log10_now, 0.2) + i * 0.1
        order = _order_for(target, k, depth)
        if order is None:
            continue
        terms = order / stride + 2
        steps = 10 ** min(depth, 300.0) - 10 ** min(log10_now, 300.0) if depth > log10_now else 0.0
        cost = steps * step_cost + terms**2 * (2 + 12 * math.log2(terms) ** 2 / math.sqrt(bits))
        if best is None or cost < best[0]:
            best = (cost, order, depth)
    if best is None:
        return 2 * k, log10_now
    return best[1], best[2]


def _order_for(target: float, k: int, depth: float) -> int | None:
    """k times the smallest s with Gamma(s + 1) (2 pi l)**-s below 10**-target; None if the smallest term is larger."""
    log10_x = math.log10(2 * math.pi) + depth
    top = 10 ** min(log10_x, 300.0)
    low, high = 0.5, 1.0

    def size(s: float) -> float:
        return math.lgamma(s + 1) / math.log(10) - s * log10_x

    while size(high) > -target:
        if high > top:
            return None
        low, high = high, high * 1.3
    while high - low > 0.02 * high + 0.1:
        middle = (low + high) / 2
        low, high = (middle, high) if size(middle) > -target else (low, middle)
    return max(k, math.ceil(high * k))


def abel_constant(what: NumericMap, orbit: Orbit, target: float) -> Constant:
    """The constant with an estimated absolute error below 10**-target, and a rounding error below it."""
    found, settled = refined(lambda aim, extra: _attempt(what, orbit, aim, extra), target)
    if settled:
        return found
    raise PrecisionError(
        f"the constant of {what.name} from x0 = {orbit.text} came out with error 1e{found.log10_uncertainty:.0f}, not "
        f"1e{-target:.0f}; ask for fewer digits"
    )


def refined(attempt: Callable[[float, int], Any], target: float) -> tuple[Any, bool]:
    """The first ``attempt(target, extra bits)`` whose estimate and rounding are below 10**-target, and whether it is.

    Each aims as much further, or works with as many more bits, as the one before it lacked.
    """
    extra, beyond = 0, 0.0
    for _ in range(8):
        found = attempt(target + beyond, extra)
        if found.log10_uncertainty <= 0.01 - target:
            return found, True
        lost = log10_upper(found.value - found.value.mid()) + target
        extra += max(20, int(min(lost, 3000.0) * _BITS_PER_DIGIT) + 10) if lost > 0 else 20
        if found.log10_error > 0.01 - target:
            beyond += min(max(found.log10_error + target, 0.0), target) + 1.0
    return found, False


def _attempt(what: NumericMap, orbit: Orbit, target: float, extra: int) -> Constant:
    from flint import ctx

    now = max(orbit.depth(), 0.0)
    order, depth = plan(target, what.k, what.stride, what.cost, now)
    bits = int(max(target + max(depth, now), 15) * _BITS_PER_DIGIT) + 40 + extra
    bits = -(-bits // 32) * 32
    order, needed, series = settle(what, what.abel, order, depth, target, bits)
    needed = max(needed, what.flat_depth(target))
    log10_w = (what.log10_lead() - needed) / what.k
    steps = 10 ** min(needed, 300.0) - 10 ** min(now, 300.0)
    if now < needed:
        flowed = along_the_flow(what, orbit, log10_w, steps, target, bits)
        if flowed is not None:
            m, x, (passed,), error = flowed
            found = evaluate(what, series, order, m, x, bits)
            with ctx.workprec(bits):
                value, lost = found.value - passed, max(found.log10_error, error)
            return replace(found, value=value, log10_error=lost, level=needed)
    if steps * what.cost > LARGEST_WORK:
        raise PrecisionError(
            f"{target:.0f} digits of the constant of {what.name} need about {steps:.0e} steps from "
            f"x0 = {orbit.text}; ask for fewer digits, or start closer to the fixed point"
        )
    m, x = orbit.until(log10_w, bits)
    return evaluate(what, series, order, m, x, bits)


def along_the_flow(
    what: NumericMap,
    orbit: Orbit,
    log10_w: float,
    steps: float,
    target: float,
    bits: int,
    g: Callable[[Any], Any] | None = None,
) -> tuple[int, Any, list[Any], float] | None:
    """``(m, x, [A(x) - A(x_m)], log10 error)`` by integration, where that is much cheaper than the steps; else None.

    With g the difference of H, H(F) - H = g, is added to the list.
    """
    from flint import arb, ctx

    if max(steps, 10.0 ** min(steps_ahead(what, orbit.at(0, 128)), 300)) * what.cost < _FLOW_FROM:
        return None
    for m in _FIRST_STEPS:
        if m * what.cost > LARGEST_WORK / 4:
            break
        start = orbit.at(m, bits)
        if slowness(what, start, 128) < -1.5:
            try:
                with ctx.workprec(2 * bits + 64):
                    last = arb(10) ** arb(log10_w * what.chart.power)
                    passed, error = along(what, start, last, target + 1, 2 * bits + 64, g)
                    return m, what.chart.gap_to_x(last), passed, error
            except Blocked:
                return None
            except NotSlow:
                continue
    return None


def settle(
    what: NumericMap, solve: Callable[[int, int], LogSeries], order: int, depth: float, target: float, bits: int
) -> tuple[int, float, Any]:
    """Order, depth that its actual coefficients ask for, and series; a larger order where that is much deeper.

    ``solve(order, bits)`` makes the series: the Abel function, or that of a sum.
    """
    best: tuple[float, int, LogSeries] | None = None
    for _ in range(6):
        beyond = order + what.window(order)
        series = solve(beyond, bits).truncate(beyond)
        needed = _needed_depth(what, series, order, target)
        if best is None or needed < best[0]:
            best = (needed, order, series)
        if needed <= depth + 0.3 or needed > best[0]:
            break
        order = int(1.4 * order) + 2 * what.stride
    assert best is not None
    return best[1], best[0], best[2]


def _needed_depth(what: NumericMap, series: LogSeries, order: int, target: float) -> float:
    """log10 of the depth at which the known terms after ``order`` are below 10**-target."""
    rows = [(j, series.coefficient(j)) for j in range(order + 1, series.order + 1)]
    log10_w = min(((-target - log10_upper(a)) / j for j, a in rows if not vanishes(a)), default=math.inf)
    return max(what.log10_lead() - what.k * log10_w, _LEAST_DEPTH)


def evaluate(what: NumericMap, series: AbelSeries, order: int, steps: int, x: Any, bits: int) -> Constant:
    """A_N(x) - steps with its estimates, for the iterate x after ``steps`` steps."""
    from flint import ctx

    with ctx.workprec(bits):
        w = what.chart.to_w(x)
        value = series.value(w, order) - steps
        error = max(next_terms(series, order, log10_size(w)), _summed_defect(what, series, order, x))
    return Constant(value, error, steps, order, series, bits)


def _summed_defect(what: NumericMap, series: AbelSeries, order: int, x: Any) -> float:
    """log10 of the sum of A_N(F) - A_N - 1 along the orbit from x on, judged by x; -oo where it drowns in rounding."""
    x = x.mid()
    image, w = what.step(x), what.chart.to_w(x)
    defect = series.value(what.chart.to_w(image), order) - series.value(w, order) - 1
    if not defect.is_finite() or defect.contains(0):
        return -math.inf
    return log10_size(defect) + what.scale(w) + math.log10(what.k / max(order, 1))
