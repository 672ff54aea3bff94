r"""The integers :math:`x_{n+1} = x_n^2 + 1` without the engine: exact iteration, and Aho and Sloane's sum.

From :math:`\log x_{n+1} = 2\log x_n + \log(1 + x_n^{-2})` follows
:math:`\lim 2^{-n}\log x_n = \log x_0 + \sum_{n\ge0} 2^{-n-1}\log(1 + x_n^{-2})`, and what lies beyond the N-th term is
between 0 and :math:`2^{-N} x_N^{-2}`.
"""

from __future__ import annotations

import mpmath

_TERMS = 12  # x_12 is near 10^724


def orbit_of_integers(steps: int) -> list[int]:
    """x_0 = 1, ..., x_steps."""
    found = [1]
    for _ in range(steps):
        found.append(found[-1] ** 2 + 1)
    return found


def base(digits: int) -> mpmath.mpf:
    """lim x_n**(2**-n) from 1, for up to 1400 digits, by the sum in mpmath."""
    with mpmath.workdps(digits + 20):
        run = orbit_of_integers(_TERMS)
        total = mpmath.fsum(mpmath.log1p(mpmath.mpf(v) ** -2) / 2 ** (k + 1) for k, v in enumerate(run))
        return mpmath.exp(total)


def base_ball():
    """The same in balls, at flint's current precision."""
    from flint import arb

    run = orbit_of_integers(_TERMS)
    total = arb(0)
    for k, value in enumerate(run[:-1]):
        total += (1 / arb(value) ** 2).log1p() / 2 ** (k + 1)
    rest = 1 / arb(run[-1]) ** 2 / 2**_TERMS
    return (total + arb(0).union(rest)).exp()
