r"""The telescoping equation for a map with few terms on a fine lattice of exponents.

Where :math:`x' = x(1 + g)` and g is a sum of few powers, as :math:`K x^{-21/100} + a x^{-1}` is, the small variable
:math:`w = x^{-1/100}` makes a lattice of which the series use little.  Then the increment of every power of w,

.. math:: w^j \bigl((1 + g)^{pj} - 1\bigr), \qquad w' = w (1 + g)^p,

is computed by itself, with Miller's recurrence over the sums of the exponents of g, and only for the powers that occur.
The equation is that of :func:`derive.difference.formal.abel.telescope`, and so is the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from derive.difference.formal.abel import LogSeries
from derive.difference.series import powerseries as ps

__all__ = ["Body", "sums_of", "telescope_few", "window_of", "worth_it"]

_FINE = 3  # orders of contact, in strides, from which a lattice counts as fine


@dataclass(frozen=True)
class Body:
    """1 + g by its coefficients (exact zeros as int 0), and the p of ``w' = w (1 + g)**p``."""

    coefficients: Sequence[Any]
    exponent: Fraction

    @property
    def support(self) -> list[tuple[int, Any]]:
        """The exponents and coefficients of g."""
        return [(i, c) for i, c in enumerate(self.coefficients) if i and not ps.is_zero(c)]


def sums_of(steps: Sequence[int], limit: int) -> list[int]:
    """The sums of the given positive integers, each as often as one likes, from 0 to ``limit`` inclusive.

    >>> sums_of([3, 5], 12)
    [0, 3, 5, 6, 8, 9, 10, 11, 12]
    """
    reached = bytearray(limit + 1)
    reached[0] = 1
    for i in range(limit + 1):
        if reached[i]:
            for s in steps:
                if i + s <= limit:
                    reached[i + s] = 1
    return [i for i in range(limit + 1) if reached[i]]


def window_of(support: list[int], k: int) -> int:
    r"""The longest step by which terms of a series H, H(w M) - H(w) = g, lead to others; M has the exponents given.

    A term :math:`w^j` of H makes terms at :math:`j + i - k` for the exponents i of M, and at :math:`j + k` by its own
    increment.  So every far term is a descendant of one among the next so many exponents: on a fine lattice the very
    next terms may be tiny or missing while their neighbours are not.

    >>> window_of([21, 42, 63, 84, 100], 21)  # x + x**(79/100) + 1
    79
    """
    steps = sorted({k, *(i - k for i in support if i > k)})
    reached, needed = bytearray(steps[-1] + 1), [0]
    reached[0] = 1
    for s in steps:
        if not reached[s]:
            needed.append(s)
            for i in range(s, len(reached)):
                reached[i] |= reached[i - s]
    return needed[-1]


def worth_it(body: Body, stride: int, size: int) -> bool:
    """Whether so few of ``size`` exponents occur that the powers are better computed one by one."""
    support = [i for i, _ in body.support]
    if not support or support[0] < _FINE * stride or len(support) > 8:
        return False
    return len(support) * len(sums_of(support, size)) * stride <= 2 * size


def telescope_few(body: Body, g: Sequence[Any], start: int, order: int) -> LogSeries:
    r"""The H with :math:`H(w') - H(w) = \sum_i g_i w^{start+i}`; see :func:`derive.difference.formal.abel.telescope`.

    The body must be given through index ``order + 2 k - start``.
    """
    terms = body.support
    k = terms[0][0]
    first = start - k
    size = order - first + 1
    if size <= 0:
        return LogSeries(first, ())
    places = _places(terms, size + k - 1)
    lead = ps.ratio(terms[0][1], body.exponent.numerator, body.exponent.denominator)
    residual = [-c if not ps.is_zero(c) else 0 for c in ps.truncate(g, size)]
    out: list[Any] = [0] * size
    log: Any = 0
    for i in range(size):
        if ps.is_zero(residual[i]):
            continue
        j = first + i
        if j:
            factor = out[i] = -residual[i] / (lead * j)
            increments = _power(places, body.exponent * j, size + k - i)
        else:
            factor = log = -residual[i] / lead
            increments = _log(places, body.exponent, size + k - i)
        residual[i] = 0
        for u, y in increments:
            if u > k:
                residual[i + u - k] = residual[i + u - k] + factor * y
    return LogSeries(first, tuple(out), log)


_Places = list[tuple[int, list[tuple[int, Any, int]]]]


def _places(terms: list[tuple[int, Any]], limit: int) -> _Places:
    """Every sum u of exponents t of g, with (t, g_t, the place of u - t) for those that lead to it."""
    sums = sums_of([t for t, _ in terms], limit)
    place = {u: i for i, u in enumerate(sums)}
    return [(u, [(t, c, place[u - t]) for t, c in terms if u - t in place]) for u in sums]


def _power(places: _Places, e: Fraction, limit: int) -> list[tuple[int, Any]]:
    """The coefficients of (1 + g)**e, constant term excepted, at exponents below ``limit``."""
    p, q = e.numerator, e.denominator
    values: list[Any] = [1]
    out = []
    for u, before in places[1:]:
        if u >= limit:
            break
        total = sum((c * values[i] * (p * t - q * (u - t)) for t, c, i in before), 0)
        values.append(total / (q * u))
        out.append((u, values[-1]))
    return out


def _log(places: _Places, e: Fraction, limit: int) -> list[tuple[int, Any]]:
    """The coefficients of e log(1 + g) at exponents below ``limit``."""
    values: list[Any] = [0]
    out = []
    for u, before in places[1:]:
        if u >= limit:
            break
        total: Any = 0
        for t, c, i in before:
            total = total + (c * u if u == t else -(c * values[i] * (u - t)))
        values.append(total / u)
        out.append((u, values[-1] * e.numerator / e.denominator))
    return out
