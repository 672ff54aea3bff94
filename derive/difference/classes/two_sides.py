r"""A negative multiplier takes orbits from one side of the point to the other: the map has to be one series on both.

With :math:`x - x_* = s\,w^{\pm1}` the other side is :math:`w \to -w`, so that the coefficients there have to be
:math:`(-1)^i a_i`.  A map with an absolute value, a root or an exponentially small part fails this; its orbits have an
expansion for the even steps and another for the odd ones.
"""

from __future__ import annotations

import sympy as sp

from derive.difference.recurrence import Recurrence
from derive.errors import UnsupportedError

__all__ = ["demand_two_sides", "opposite_point"]

_COMPARED = 8


def demand_two_sides(recurrence: Recurrence) -> None:
    """Raise UnsupportedError unless the first coefficients on the two sides belong to one power series.

    >>> x = sp.Symbol("x", real=True)
    >>> demand_two_sides(Recurrence(x, -x / 2 + x**2, point=0))
    """
    remedy = "treat the second iterate F(F(x))"
    reason = f"the orbits of {recurrence} change sides at each step, and on the other side the map has"
    local = recurrence.local_map()
    other = Recurrence(recurrence.x, recurrence.F, *opposite_point(recurrence))
    here = local.expand(local.moved(), _COMPARED)
    try:
        mirrored = other.local_map()
        there = mirrored.expand(mirrored.moved(), _COMPARED)
    except UnsupportedError as error:
        raise UnsupportedError(f"{reason} no expansion of its own ({error}); {remedy}") from None
    same = here.start == there.start and local.chart.root == mirrored.chart.root == 1
    if not same or here.flat or there.flat or here.growth or there.growth:
        raise UnsupportedError(f"{reason} another kind of expansion, or exponentially small parts; {remedy}")
    for i, (a, b) in enumerate(zip(here.coefficients, there.coefficients, strict=False), start=here.start):
        left, right = (table.expr(c) for table, c in ((local.table, a), (mirrored.table, b)))
        if sp.expand(left - (-1) ** i * right) != 0 and not sp.simplify(left - (-1) ** i * right).is_zero:
            raise UnsupportedError(f"{reason} other coefficients; {remedy}")


def opposite_point(recurrence: Recurrence) -> tuple[sp.Expr, str]:
    """The point and the side from which the orbits come that have changed sides."""
    point = -recurrence.point_given if recurrence.chart.at_infinity else recurrence.point_given
    return point, "-" if recurrence.side == "+" else "+"
