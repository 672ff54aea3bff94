"""A bracketed root to many digits by the secant method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath

from derive.errors import PrecisionError

__all__ = ["secant"]


def secant(value: Callable[[Any], Any], low: Any, high: Any, digits: int, start: Any = None) -> Any:
    """The root of ``value`` between low and high (both positive, opposite signs), kept inside by the signs met.

    ``start`` is a guess with some 15 right digits.  Raises :class:`~derive.errors.PrecisionError` if it never settles.
    """
    with mpmath.workdps(digits + 8):
        tolerance = mpmath.mpf(10) ** -(digits + 2)
        a, b, fa, fb = low, high, value(low), value(high)
        if start is None:
            x0, f0, x1 = a, fa, (a * fb - b * fa) / (fb - fa)
        else:
            x0, x1 = start * (1 - mpmath.mpf(10) ** -15), start
            f0 = value(x0)
        for _ in range(150):
            f1 = value(x1)
            if f1 == 0:
                return x1
            if (f1 > 0) == (fa > 0):
                a, fa = x1, f1
            else:
                b, fb = x1, f1
            step = f1 * (x1 - x0) / (f1 - f0) if f1 != f0 else mpmath.mpf(0)
            following = x1 - step
            if abs(step) <= tolerance * abs(x1):
                return following
            if not a < following < b:
                following = mpmath.sqrt(a * b)
            x0, f0, x1 = x1, f1, following
    raise PrecisionError(f"the root in [{mpmath.nstr(low, 6)}, {mpmath.nstr(high, 6)}] did not settle")
