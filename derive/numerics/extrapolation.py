r"""Extrapolation to a limit from values at a few points, with an error estimate (not a bound)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import mpmath

from derive.errors import InputError

__all__ = ["Estimate", "neville"]


@dataclass(frozen=True)
class Estimate:
    """A value and an estimate of its error; nothing is proven (a bound is a :class:`~derive.numerics.Ball`)."""

    value: Any
    error: Any

    @property
    def digits(self) -> int:
        """About how many significant digits are right."""
        if self.error == 0:
            return int(mpmath.mp.dps)
        if self.value == 0:
            return 0
        return max(0, int(mpmath.floor(-mpmath.log10(abs(self.error / self.value)))))


def neville(xs: Sequence[Any], ys: Sequence[Any], at: Any = 0) -> Estimate:
    r"""The value at ``at`` of the polynomial through the points, at mpmath's current precision.

    Made for limits: ys are values y(x_i) of a function with an expansion in powers of x, and the limit x -> ``at`` is
    wanted (in the state variable x_n of a recurrence there are no logarithms, which defeat Richardson's scheme in the
    index).  The estimate is the smallest value of max(|T_k - T_{k-1}|, |T_k - T'_k|) over the columns k of the tableau,
    T_k the entry made from the k + 1 nearest points and T'_k the one before it in its column: after that column
    rounding or divergence takes over.

    Rounding is amplified by the weights of the polynomial: work with about twice the digits wanted.  Outside smooth
    functions of x the result means nothing.

    Raises :class:`~derive.errors.InputError` for fewer than two points or repeated ones.

    >>> with mpmath.workdps(40):
    ...     xs = [mpmath.mpf(2) ** -k for k in range(2, 14)]
    ...     found = neville(xs, [mpmath.sin(x) / x for x in xs])
    >>> abs(found.value - 1) < 1e-25
    True
    """
    if len(xs) != len(ys) or len(xs) < 2:
        raise InputError(f"extrapolation needs at least two points, and as many values: got {len(xs)} and {len(ys)}")
    target = mpmath.mpf(at)
    pairs = sorted(zip(map(mpmath.mpf, xs), map(mpmath.mpf, ys), strict=True), key=lambda p: -abs(p[0] - target))
    points, column = [p[0] for p in pairs], [p[1] for p in pairs]
    if len(set(points)) < len(points):
        raise InputError("extrapolation needs different points; one of them is repeated")
    best = Estimate(column[-1], abs(column[-1] - column[-2]))
    for k in range(1, len(points)):
        before = column[-1]
        column = [
            ((target - points[i]) * column[i + 1] + (points[i + k] - target) * column[i]) / (points[i + k] - points[i])
            for i in range(len(points) - k)
        ]
        error = max(abs(column[-1] - value) for value in (before, *column[-2:-1]))
        if error < best.error:
            best = Estimate(column[-1], error)
    return best
