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
from derive.difference.classes.conjugacy_numbers import ConjugacyNumbers
from derive.difference.classes.two_sides import demand_two_sides
from derive.difference.frame import fresh_symbol
from derive.difference.near_point.local_map import LocalMap
from derive.difference.recurrence import Recurrence
from derive.difference.series import powerseries as ps
from derive.difference.series.coefficients import Grow
from derive.difference.series.laurent import Element
from derive.difference.series.quadratic import Quadratic, as_quadratic
from derive.errors import UnsupportedError

__all__ = ["schroeder_series", "solve_hyperbolic"]

_MOST_ZEROS = 24
_READABLE = 60  # operations of a number whose denominators are still made rational by SymPy


def schroeder_series(step: list[Any], size: int) -> list[Any]:
    r"""The coefficients :math:`0, 1, s_2, \dots` of sigma for ``step = [0, mu, a_2, ...]``, ``size`` of them.

    >>> from flint import fmpq
    >>> schroeder_series([0, fmpq(1, 2), fmpq(1, 2)], 4)  # w' = (w + w^2)/2
    [0, 1, 2, 8/3]
    """
    mu, out = step[1], [0, 1]
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
        lambda params: ConjugacyNumbers.of(recurrence, params),
    )


def _straighten(recurrence: Recurrence, terms: int, z: sp.Symbol) -> Straightened:
    """Schroeder's function and its inverse, with ``terms`` + 1 nonzero terms where there are that many."""
    local = recurrence.local_map()
    size = terms + 3
    while True:
        step, table, root = small_step(local, size)
        step, expr = simplified(step, table)
        sigma = schroeder_series(step, size)
        inverse = ps.revert(sigma, size)
        state = ps.power(inverse[1:], local.chart.power, size - 1)
        rows = [(k, expr(c)) for k, c in enumerate(state) if not ps.is_zero(c)][: terms + 1]
        if len(rows) > terms or size > terms + _MOST_ZEROS:
            break
        size += terms + 3
    chart = local.chart

    def coordinate() -> sp.Expr:
        unit = distance(recurrence) ** sp.Rational(1, chart.power)
        total = sp.Add(*(expr(s) * unit**j for j, s in enumerate(sigma[: terms + 1]) if not ps.is_zero(s)))
        return total if chart.power == 1 else chart.side * total**chart.power

    return Straightened(summands(chart, root, rows, z), coordinate)


def summands(chart: Any, root: int, rows: list[tuple[int, sp.Expr]], z: sp.Symbol) -> tuple[sp.Expr, ...]:
    """The terms of the state in z."""
    sign = -1 if chart.at_infinity else 1
    return tuple(chart.side * b * z ** (1 + sp.Rational(sign * k, root)) for k, b in rows)


def distance(recurrence: Recurrence) -> sp.Expr:
    """|x - x_*|, or |x| at infinity, on the side looked at."""
    chart, x = recurrence.chart, recurrence.x
    return chart.side * (x if chart.at_infinity else x - chart.point)


def readable(expr: sp.Expr) -> sp.Expr:
    """An algebraic number with its denominators made rational."""
    if expr.free_symbols or expr.is_Rational:
        return expr
    found = as_quadratic([expr])
    if found is not None:
        return found[0].expr()
    if expr.count_ops() > _READABLE or not expr.is_algebraic:
        return expr
    return sp.expand(sp.radsimp(expr))


def simplified(step: list[Any], table: Any) -> tuple[list[Any], Callable[[Any], sp.Expr]]:
    """The coefficients over a smaller field where there is one, and what turns such coefficients into expressions."""
    places = [j for j, c in enumerate(step) if isinstance(c, Element)]
    found = as_quadratic([table.expr(step[j]) for j in places]) if places else None
    if found is None:
        return step, lambda c: readable(table.expr(c))
    small = list(step)
    for j, c in zip(places, found, strict=True):
        small[j] = c
    return small, lambda c: c.expr() if isinstance(c, Quadratic) else table.expr(c)


def small_step(local: LocalMap, size: int) -> tuple[list[Any], Any, int]:
    """The map in w as a list [0, ..., 0, a_d, a_(d+1), ...] with ``size`` coefficients, its table, and the root."""
    for _ in range(20):
        ring, root = local.table.ring, local.chart.root
        found = local.expand(local.moved(), size + abs(local.chart.power))
        chart = local.chart
        if chart.root != root:
            continue
        degree, rest = divmod(found.start, chart.power)
        if rest or degree < 1:
            raise UnsupportedError(
                f"the distance to the point is raised to the power {sp.Rational(found.start, chart.power)}, which is "
                "no integer; Boettcher's series needs a whole degree"
            )
        tail = list(found.coefficients) if chart.side > 0 else ps.neg(found.coefficients)
        head = tail[0]
        if local.table.ring is not ring:
            continue
        try:
            root_of_head = _root(local, head)
        except Grow as need:  # the elements above belong to the smaller ring
            local.table.grow(need.base, need.root)
            continue
        monic = [1, *(0 if ps.is_zero(c) else c / head for c in tail[1:])]
        body = ps.power(monic, sp.Rational(1, chart.power), size)
        return [0] * degree + ps.scale(body, root_of_head)[: size - degree], local.table, chart.root
    raise UnsupportedError("the coefficients bring in ever more constants; simplify the map")


def _root(local: LocalMap, head: Any) -> Any:
    """head**(1/power) as an element."""
    power = local.chart.power
    if power == 1:
        return head
    if power == -1:
        return 1 / head
    return local.table.power(head, sp.Rational(1, power))
