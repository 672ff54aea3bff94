"""How large the exponent of a state becomes: doubly geometric orbits leave every number format behind."""

from __future__ import annotations

import math

from derive.errors import PrecisionError

__all__ = ["demand_exponent"]

_LARGEST_BITS = 4096


def demand_exponent(degree: int, n: int, at_infinity: bool) -> int:
    """Bits that the exponent of x_n takes; PrecisionError where they are too many.

    >>> demand_exponent(2, 100, True)
    108
    """
    growth = 8 + (n.bit_length() if degree == 1 else int(min(n, 10**6) * math.log2(degree)))
    if growth > _LARGEST_BITS:
        size = "larger" if at_infinity else "smaller"
        raise PrecisionError(f"x_{n} is {size} than a number with {_LARGEST_BITS} bits of exponent can be")
    return growth
