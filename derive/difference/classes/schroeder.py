r"""Schroeder's equation: maps that multiply the distance to the fixed point by a constant.

In the small variable w the map is :math:`w' = \mu w (1 + a_1 w + \dots)`, :math:`0 < |\mu| < 1`.  Schroeder's function

.. math:: \sigma(w) = w + s_2 w^2 + \dots, \qquad \sigma(w') = \mu\,\sigma(w),

is found by one triangular solve, the divisors being :math:`\mu^n - \mu`, and its inverse by reversion.  It converges
(Koenigs), so that :math:`w_n = \sigma^{-1}(\sigma(w_0)\mu^n)` is exact.  At a finite fixed point
:math:`w = |x - x_*|^{1/r}` and :math:`\lambda = \mu^r` is the multiplier (the *hyperbolic* class); at infinity
:math:`w = |x|^{-1/r}` and :math:`B = \mu^{-r}` is the factor of growth (*exponential* growth,
:math:`x' = B x + \dots`).  The constant is normalised in the state: :math:`c = \lim \lambda^{-n}(x_n - x_*)`, and
:math:`c = \lim B^{-n} x_n` at infinity.

Sources: E. Schroeder, *Math. Ann.* 3 (1871); G. Koenigs, *Ann. Sci. ENS* 1 (1884); Kuczma, Choczewski, Ger, *Iterative
Functional Equations*, chapter 8.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from derive.difference.classes.conjugacy import Conjugacy, Straightened
from derive.difference.classes.small_step import distance, readable, small_step, straightened
from derive.difference.classes.two_sides import demand_two_sides
from derive.difference.frame import fresh_symbol
from derive.difference.near_point.small_variable import SmallVariable
from derive.difference.recurrence import Recurrence
from derive.difference.series import powerseries as ps
from derive.difference.series.laurent import Element

__all__ = ["schroeder_series", "solve_hyperbolic"]


def schroeder_series(step: list[Any], size: int) -> list[Any]:
    r"""The coefficients :math:`0, 1, s_2, \dots` of sigma for ``step = [0, mu, a_2, ...]``, ``size`` of them.

    >>> from flint import fmpq
    >>> schroeder_series([0, fmpq(1, 2), fmpq(1, 2)], 4)  # w' = (w + w^2)/2
    [0, 1, 2, 8/3]
    """
    mu = step[1]
    out: list[Any] = [0, 1]
    residual = ps.truncate([0, 0, *step[2:]], size)  # of sigma(w') - mu sigma(w) for sigma = w
    power = ps.truncate(step, size)
    for n in range(2, size):
        power = ps.mul(power, step, size)
        lead = power[n] - mu
        s = 0 if ps.is_zero(residual[n]) else -residual[n] / lead
        s = s.reduced() if isinstance(s, Element) else s
        out.append(s)
        if not ps.is_zero(s):
            for i in range(n + 1, size):
                if not ps.is_zero(power[i]):
                    residual[i] = residual[i] + s * power[i]
    return out


def solve_hyperbolic(recurrence: Recurrence, terms: int = 8) -> Conjugacy:
    """The expansion of the orbits in the hyperbolic or exponential class, ``terms`` nonzero terms.

    >>> x = sp.Symbol("x", positive=True)
    >>> solve_hyperbolic(Recurrence(x, x / 2 + x**2 / 2, point=0), 3)
    c/2**n - 2*c**2/2**(2*n) + 16*c**3/(3*2**(3*n)) + O(exp(-4*n*log(2)), (n, oo))
    """
    found = recurrence.classify()
    if found.leading.is_negative:
        demand_two_sides(recurrence)
    small_step(recurrence.local_map(), 2)  # what cannot be solved is refused now, the work waits until it is asked for
    used = recurrence.parameters | {recurrence.x}
    n = fresh_symbol("n", used, positive=True, integer=True)
    c, z = fresh_symbol("c", used, real=True), fresh_symbol("z", used, real=True)
    chart = recurrence.chart
    return Conjugacy(
        recurrence,
        found.kind,
        n,
        c,
        z,
        chart.side * c * readable(found.leading) ** n,
        sp.S.Zero if chart.at_infinity else chart.point,
        terms,
        lambda: _straighten(recurrence, terms, z),
        found.conditions,
    )


def _straighten(recurrence: Recurrence, terms: int, z: sp.Symbol) -> Straightened:
    """Schroeder's function and its inverse."""

    def coordinate(sigma: list[Any], chart: SmallVariable, expr: Callable[[Any], sp.Expr]) -> sp.Expr:
        unit = distance(recurrence) ** sp.Rational(1, chart.power)
        total = sp.Add(*(expr(s) * unit**j for j, s in enumerate(sigma[: terms + 1]) if not ps.is_zero(s)))
        return total if chart.power == 1 else chart.side * total**chart.power

    return straightened(recurrence, terms, z, 1, schroeder_series, coordinate)
