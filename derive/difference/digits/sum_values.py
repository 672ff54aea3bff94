r"""Sums along an orbit at any depth: digits, or an enclosure with its proof.

With :math:`H(F(x)) - H(x) = g(x)`, H a series in w without constant term
(:func:`derive.difference.formal.abel.telescope`),

.. math:: \sum_{i<n} g(x_i) = S + H(w_n), \qquad S = \sum_{i<m} g(x_i) - H_N(w_m) + \text{(what N leaves out)}.

S is computed like the constant c: m and N are planned, the first omitted terms of H estimate the error, rounding is
bounded by balls.  w_n comes from Abel's equation.  Both constants are remembered, so that further depths cost one
Newton solve.  Up to step m the sum is added up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import sympy as sp

from derive.difference.arguments import checked_digits, checked_index, start_value
from derive.difference.digits.summand import Summand, summand_of
from derive.difference.formal.abel import LogSeries
from derive.difference.orbits.abel_constant import LARGEST_WORK
from derive.difference.orbits.abel_depth import small_at_depth, value_at_depth
from derive.difference.orbits.flow import NotSlow, along
from derive.difference.proofs.enclosure import Enclosure
from derive.difference.series import powerseries as ps
from derive.difference.series.magnitude import log10_size, log10_upper
from derive.errors import PrecisionError

__all__ = ["sum_constant_value", "value_of_sum"]

_BITS_PER_DIGIT = math.log2(10)
_GUARD = 3.0
_SHORT = 1e7
_AT_ONCE = 1e5  # work, in products of numbers, below which a sum is added up


def value_of_sum(
    law: Any,
    n: int,
    x0: Any,
    digits: int = 30,
    certified: bool = False,
    params: Mapping[Any, Any] | None = None,
    g: Any = None,
) -> sp.Float | Enclosure:
    r"""The sum of g(x_i) over i = 0 .. n-1 for the orbit that starts at ``x0``, n of any size.

    ``law`` is the expansion of a sum (``Expansion.sum(g)``), or a recurrence together with ``g``, an expression in the
    state or a SeriesFunction.  Returns a SymPy Float with ``digits`` right digits (by estimate), or, with
    ``certified=True``, an Enclosure of relative radius below 10**-digits.  Errors as for
    :func:`~derive.difference.digits.constants.constant_value`.

    >>> from derive.difference import Recurrence
    >>> x = sp.Symbol("x", positive=True)
    >>> value_of_sum(Recurrence(x, x / (1 + x), point=0), 10**12, 1, digits=20, g=x)
    28.208236780830581069
    """
    digits, n = checked_digits(digits), checked_index(n)
    start = start_value(x0)
    summand = summand_of(law, params, g, certified)
    if n == 0:
        return Enclosure.of("an empty sum", _zero(), ()) if certified else sp.S.Zero
    if certified:
        from derive.difference.digits.certified_sums import enclosed_sum

        return enclosed_sum(summand, n, start, digits)
    from derive.numerics import arb_to_sympy

    return arb_to_sympy(_to_digits(summand, n, start, digits), digits)


def sum_constant_value(
    law: Any,
    x0: Any,
    digits: int = 30,
    certified: bool = False,
    params: Mapping[Any, Any] | None = None,
    g: Any = None,
) -> sp.Float | Enclosure:
    """The constant S of a sum along the orbit of ``x0``; arguments as for :func:`value_of_sum`."""
    digits, start = checked_digits(digits), start_value(x0)
    summand = summand_of(law, params, g, certified)
    if certified:
        from derive.difference.digits.certified_sums import enclosed_sum_constant

        return enclosed_sum_constant(summand, start, digits)
    from derive.numerics import arb_to_sympy

    target = digits + _GUARD
    for _ in range(6):
        found = summand.constant(start, target)
        if found.log10_uncertainty <= log10_size(found.value) - digits - 1:
            return arb_to_sympy(found.value, digits)
        if target > 2 * digits + 10:
            return arb_to_sympy(found.value * 0, digits)
        target = min(target + max(3.0, digits + 3 - target - log10_size(found.value)), 2 * digits + 12.0)
    raise PrecisionError(f"the constant of the sum from x0 = {start} did not settle to {digits} digits; ask for fewer")


def _zero() -> Any:
    from flint import arb

    return arb(0)


def _to_digits(summand: Summand, n: int, start: sp.Expr, digits: int) -> Any:
    """The ball of the sum whose midpoint has the digits asked."""
    target = digits + _GUARD
    for _ in range(8):
        value, lost = _sum_at(summand, n, start, target)
        size = log10_size(value)
        if lost <= size - digits - 1:
            return value
        if target > 3 * digits + 40 + 2 * max(summand.numbers.orbit(start).depth(), 0.0):
            break
        target += max(3.0, digits + 3 - target - size if math.isfinite(size) else digits, lost + target)
    raise PrecisionError(f"the sum to n = {n} did not settle to {digits} digits; ask for fewer")


def _sum_at(summand: Summand, n: int, start: sp.Expr, target: float) -> tuple[Any, float]:
    """``(sum, log10 of its estimated absolute error)``, aiming at 10**-target."""
    from flint import ctx

    if n < _AT_ONCE / summand.what.cost:
        return _added_up(summand, n, start, target)
    try:
        found = summand.constant(start, target)
    except PrecisionError:
        if n < LARGEST_WORK / summand.what.cost:
            return _added_up(summand, n, start, target)
        raise
    if n <= found.steps:
        return _added_up(summand, n, start, target)
    what, series, numbers = summand.what, found.series, summand.numbers
    level = max(math.log10(n), numbers.orbit(start).depth(), 0.0)
    slope = _slope(series, (what.log10_lead() - level) / what.k)  # log10 |w H'(w)|
    wanted = target + slope
    near = max(numbers.orbit(start).depth(), 2.0)  # where the need is greatest, unless g grows: the same for every n
    absolute = max(wanted - level, target + _slope(series, (what.log10_lead() - near) / what.k) - near, 5.0 - level)
    known = numbers.constant(start, absolute)
    if n <= known.steps:
        return _added_up(summand, n, start, target)
    now, accurate_from = known.value + n, max(known.level, found.level)  # A(x_n), and where the series begin to hold
    if log10_size(now) < accurate_from or (now < 1 and accurate_from > -math.inf):
        return _before_the_series(summand, found.steps, n, start, target)
    w, relative = small_at_depth(what, known, n, max(wanted, 5.0))
    with ctx.workprec(int((max(wanted, target) + 12) * _BITS_PER_DIGIT) + 64):
        value = found.value + series.value(w, found.order)
    return value, max(found.log10_uncertainty, relative + slope, log10_upper(value - value.mid()))


def _before_the_series(summand: Summand, m: int, n: int, start: sp.Expr, target: float) -> tuple[Any, float]:
    """The sum where the series does not hold yet: m terms added up, the others along the flow to x_n."""
    from flint import ctx

    if n < _SHORT / summand.what.cost:
        return _added_up(summand, n, start, target)
    what, orbit = summand.what, summand.numbers.orbit(start)
    size = max(log10_upper(summand.value(orbit.at(m, 128))), 0.0) + math.log10(n)
    x = value_at_depth(summand.numbers, n, start, int(target + size) + 10)
    bits = int(2 * (target + size + 20) * _BITS_PER_DIGIT) + 64
    with ctx.workprec(bits):
        try:
            (_, passed), error = along(
                what, orbit.at(m, bits), what.chart.gap(x.mid()), target + 1, bits, summand.value
            )
        except NotSlow as reason:
            raise PrecisionError(f"the sum to n = {n} is out of reach: {reason}; choose another depth") from reason
        return summand.partial(start, m, bits) + passed, error


def _added_up(summand: Summand, n: int, start: sp.Expr, target: float) -> tuple[Any, float]:
    """The sum term by term, and log10 of its rounding error."""
    value = summand.partial(start, n, int((target + 10) * _BITS_PER_DIGIT) + 64)
    return value, log10_upper(value - value.mid())


def _slope(series: LogSeries, log10_w: float) -> float:
    """log10 of the largest term of w H'(w)."""
    from flint import arb

    best = log10_upper(arb(series.log)) if not ps.is_zero(series.log) else -math.inf
    for i, a in enumerate(series.coefficients):
        j = series.start + i
        if j and not ps.is_zero(a):
            best = max(best, log10_upper(arb(a)) + math.log10(abs(j)) + j * log10_w)
    return max(best, -300.0)
