r"""x_n at any depth: solve :math:`A(w) = n + c` for w by Newton's method; small n by plain iteration.

The unknown of Newton's method is :math:`s = w^{-k}`, in which :math:`A = a_{-k} s - \tfrac{b}{k} \log s + \dots` is
nearly linear, so that a handful of steps does for any n.  At depth n only as many terms of A are summed as the digits
need; the first omitted ones and the uncertainty of c give the error estimate
:math:`\delta w / w = (|\delta c| + |\delta A|) / |w A'(w)|`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.difference.formal.abel import AbelSeries
from derive.difference.orbits.abel_constant import LARGEST_WORK, Constant
from derive.difference.orbits.flow import NotSlow, state_on_flow
from derive.difference.orbits.numeric_map import NumericMap, next_terms, vanishes
from derive.difference.orbits.orbit import Orbit
from derive.difference.series.magnitude import log10_size, log10_upper
from derive.errors import PrecisionError

if TYPE_CHECKING:
    from derive.difference.digits.numbers_of import Numbers

__all__ = ["invert", "needed_order", "small_at_depth", "value_at_depth"]

_BITS_PER_DIGIT = math.log2(10)
_SHORT = 2e6  # work, in products of numbers, that is not worth a thought


def needed_order(series: AbelSeries, highest: int, log10_w: float, target: float) -> int:
    """The smallest order after which all known terms at w are below 10**-target; ``highest`` if there is none."""
    order = series.order
    while order > series.start:
        a = series.coefficient(order)
        if not vanishes(a) and log10_upper(a) + order * log10_w > -target:
            break
        order -= 1
    return min(order, highest)


def invert(series: AbelSeries, order: int, level: Any, bits: int) -> Any:
    """The midpoint solution w > 0 of A_order(w) = level (a ball, large and positive), as an exact ball."""
    from flint import arb, ctx

    k = -series.start
    lead = series.coefficients[0]
    with ctx.workprec(bits):
        level = level.mid()
        s = (level / lead).mid()
        for _ in range(200):
            w = _root(1 / s, k).mid()
            gap = level - series.value(w, order)
            slope = -series.derivative(w, order) * w ** (k + 1) / k
            move = (gap / slope).mid()
            new = s + move
            if not new > s / 4:
                new = s / 4
            s = new.mid()
            if log10_upper(move) - log10_size(s) < -0.52 * bits / _BITS_PER_DIGIT:
                return _polish(series, order, level, _root(1 / s, k).mid())
    raise PrecisionError(f"Newton's method for the depth {arb(level).str(8)} did not settle")


def _root(x: Any, k: int) -> Any:
    return x if k == 1 else x.root(k)


def _polish(series: AbelSeries, order: int, level: Any, w: Any) -> Any:
    """One more Newton step in w, from half to all of the digits."""
    return (w + (level - series.value(w, order)) / series.derivative(w, order)).mid()


def value_at_depth(numbers: Numbers, n: int, start: sp.Expr, digits: int) -> Any:
    """The ball of x_n whose midpoint has ``digits`` right digits, by estimate."""
    what, orbit = numbers.what, numbers.orbit(start)
    ahead = max(orbit.depth(), 0.0)
    bits = int((digits + 8 + 2 * ahead) * _BITS_PER_DIGIT) + 64
    try:
        known = numbers.constant(start, digits + 3.0 - ahead)
    except PrecisionError:
        if n < LARGEST_WORK / what.cost:
            return _iterated(orbit, n, digits, bits)
        raise
    if n <= known.steps:
        return _iterated(orbit, n, digits, bits)
    if log10_size(known.value + n) < known.level or (known.value + n < 1 and known.level > -math.inf):
        return _before_the_series(what, orbit, known, n, digits, bits)
    extra = 0.0
    for _ in range(3):  # where the leading term of A is not its largest, more digits of c are needed
        try:
            return _inverted(what, known, n, digits)
        except _TooCoarse as error:
            extra += error.missing + 2.0
            known = numbers.constant(start, digits + 3.0 - ahead + extra)
            if n <= known.steps:
                break
        except PrecisionError:
            break
    return _before_the_series(what, orbit, known, n, digits, bits)


def _before_the_series(what: NumericMap, orbit: Orbit, known: Constant, n: int, digits: int, bits: int) -> Any:
    """x_n where the series does not hold yet: by iteration, or along the flow."""
    if n <= known.steps or n < _SHORT / what.cost:
        return _iterated(orbit, n, digits, bits)
    try:
        return state_on_flow(what, n, orbit.at(known.steps, bits), known, digits)
    except NotSlow as error:
        raise PrecisionError(f"x_{n} from x0 = {orbit.text} is out of reach: {error}; choose another depth") from error


class _TooCoarse(Exception):
    """``missing`` decimals are lacking in the constant."""

    def __init__(self, missing: float) -> None:
        super().__init__()
        self.missing = missing


def _iterated(orbit: Orbit, n: int, digits: int, bits: int) -> Any:
    for _ in range(8):
        x = orbit.at(n, bits)
        if x.rel_accuracy_bits() > digits * _BITS_PER_DIGIT + 4:
            return x
        bits *= 2
    raise PrecisionError(f"x_{n} from x0 = {orbit.text} was not reached to {digits} digits; ask for fewer digits")


def _inverted(what: NumericMap, known: Constant, n: int, digits: int) -> Any:
    from flint import ctx

    w, relative = small_at_depth(what, known, n, digits)
    if relative > -digits - 0.5:
        raise _TooCoarse(relative + digits + 0.5)
    with ctx.workprec(int((digits + 8) * _BITS_PER_DIGIT) + 64):
        return what.chart.to_x(w)


def small_at_depth(what: NumericMap, known: Constant, n: int, digits: float) -> tuple[Any, float]:
    """``(w_n, log10 of its estimated relative error)`` for n beyond the steps of the constant, to ``digits`` digits."""
    from flint import ctx

    bits = int((digits + 8) * _BITS_PER_DIGIT) + 64
    with ctx.workprec(bits + n.bit_length()):
        level = known.value.mid() + n
        log10_w = (what.log10_lead() - log10_size(level)) / what.k
        order = needed_order(known.series, known.order, log10_w + 0.1, digits + 3 - log10_size(level))
        w = invert(known.series, order, level, bits + 32)
        lost = max(known.log10_uncertainty, next_terms(known.series, order, log10_size(w)))
        return w, lost - log10_upper(w * known.series.derivative(w, order))
