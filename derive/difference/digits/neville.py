r"""The free constant by extrapolation: a second route that uses no series beyond the singular terms.

With the singular part :math:`\sigma(w) = \sum_{j<0} a_j w^j + b \log w` of the Abel function,
:math:`T(w) = \sigma(w_n) - n` tends to c like a power series in the state variable w (in the power of w that the map is
a series in).  Neville's scheme extrapolates the values at n = 20, 40, 80, ... to w = 0.  Extrapolation in 1/n
(Richardson, Levin) fails here because of the logarithms; in the state variable there are none.  Ten points give 25 to
30 digits where T is a series in 1/n, half of that where it is one in its square root.

Everything is done in mpmath, so that the route shares the leading coefficients alone with
:func:`derive.difference.digits.constants.constant_value`.  The method is Neville's (E. H. Neville, *J. Indian Math.
Soc.* 20 (1934) 87).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from derive.difference.arguments import start_value
from derive.difference.digits.constants import recurrence_of
from derive.errors import DomainError

__all__ = ["constant_by_extrapolation"]


def constant_by_extrapolation(
    law: Any, x0: Any, params: Mapping[Any, Any] | None = None, points: int = 10, first: int = 20, digits: int = 60
) -> tuple[Any, Any]:
    """``(c, estimate of its error)`` as mpmath numbers, from iterates at n = first * 2**j, j < points.

    ``digits`` is the working precision.  The orbit must be close to the fixed point after ``first`` steps for the
    estimate (see :func:`derive.numerics.extrapolation.neville`) to mean anything.

    >>> import sympy as sp
    >>> from derive.difference import Recurrence
    >>> x = sp.Symbol("x", positive=True)
    >>> c, error = constant_by_extrapolation(Recurrence(x, x / (1 + x), point=0), 1, points=5)
    >>> abs(c - 1) < 1e-30
    True
    """
    import mpmath

    from derive.numerics import to_mpf
    from derive.numerics.extrapolation import neville

    rec = recurrence_of(law).numeric(params)
    with mpmath.mp.workdps(digits + 10):
        series = rec.numeric_abel(0, bits=int(3.4 * digits) + 64)
        singular = [(j, to_mpf(series.coefficient(j))) for j in range(series.start, 0) if series.coefficient(j) != 0]
        log = to_mpf(series.log) if series.log != 0 else mpmath.mpf(0)
        root = -series.start // rec.classify().order
        stride = rec.local_map().multiplier(max(4 * -series.start + 8, 4 * int(root))).stride
        x, n, small, values = to_mpf(start_value(x0)), 0, [], []
        for j in range(points):
            while n < first << j:
                x, n = rec.map_value(x, digits + 10), n + 1
            w = _small(rec, x, int(root), n)
            small.append(w**stride)
            values.append(mpmath.fsum(a * w**e for e, a in singular) + log * mpmath.log(w) - n)
        found = neville(small, values)
        return +found.value, +found.error


def _small(rec: Any, x: Any, root: int, n: int) -> Any:
    """The small variable of a state, in mpmath."""
    import mpmath

    from derive.numerics import to_mpf

    chart = rec.chart
    gap = chart.side * (x if chart.at_infinity else x - to_mpf(chart.point))
    if not (mpmath.im(gap) == 0 and gap > 0):
        raise DomainError(f"x_{n} = {mpmath.nstr(x, 8)} is not on the side of the fixed point that was named")
    return gap ** (mpmath.mpf(-1 if chart.at_infinity else 1) / root)
