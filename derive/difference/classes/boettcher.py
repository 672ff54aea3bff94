r"""Boettcher's equation: maps that raise the distance to the fixed point to a power d >= 2.

In the small variable w the map is :math:`w' = a w^d (1 + a_1 w + \dots)`.  The function
:math:`L(w) = \log w + \frac{\log a}{d-1} + S(w)` satisfies :math:`L(w') = d\,L(w)` with a power series S,

.. math:: S(w) = \tfrac1d\bigl(\log(1 + a_1 w + \dots) + S(w')\bigr),

which determines its coefficients one by one with no divisor but d.  :math:`\beta = e^L` is Boettcher's function; it
converges near 0, and :math:`\beta(w_n) = \beta(w_0)^{d^n}` exactly.  The constant is normalised in the state:

.. math:: c = \lim_{n\to\infty} |x_n - x_*|^{d^{-n}} < 1, \qquad c = \lim x_n^{d^{-n}} > 1 \text{ at infinity.}

Sources: L. E. Boettcher, *Izv. Kazan. Fiz.-Mat. Obshch.* 14 (1904); A. V. Aho and N. J. A. Sloane, *Fibonacci Quart.*
11 (1973), for doubly exponential sequences.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from derive.difference.classes.conjugacy import Conjugacy, Straightened
from derive.difference.classes.small_step import distance, small_step, straightened
from derive.difference.frame import fresh_symbol
from derive.difference.near_point.small_variable import SmallVariable
from derive.difference.recurrence import Recurrence
from derive.difference.series import powerseries as ps
from derive.errors import UnsupportedError

__all__ = ["boettcher_series", "solve_superattracting"]


def boettcher_series(step: list[Any], size: int) -> list[Any]:
    """The coefficients of S, ``size`` of them (the first is 0), for ``step = [0, ..., 0, a, ...]``.

    >>> from flint import fmpq
    >>> boettcher_series([0, 0, fmpq(1), fmpq(-1), fmpq(1)], 3)  # w' = w^2/(1 + w)
    [0, -1/2, 0]
    """
    degree = ps.valuation(step)
    head = step[degree]
    unit = [1, *(0 if ps.is_zero(c) else c / head for c in step[degree + 1 :])]
    residual = ps.log(ps.truncate(unit, size), size)
    out: list[Any] = [0] * size
    power: list[Any] = [1]
    for j in range(1, size):
        out[j] = ps.ratio(residual[j], 1, degree) if not ps.is_zero(residual[j]) else 0
        if j * degree >= size:
            continue
        power = ps.mul(power, unit, size)  # (w'/w^d/a)**j
        if not ps.is_zero(out[j]):
            front = out[j] * head**j
            for i in range(size - j * degree):
                if i < len(power) and not ps.is_zero(power[i]):
                    residual[j * degree + i] = residual[j * degree + i] + front * power[i]
    return out


def solve_superattracting(recurrence: Recurrence, terms: int = 8) -> Conjugacy:
    """The expansion of the orbits in the superattracting class, ``terms`` nonzero terms.

    >>> x = sp.Symbol("x", positive=True)
    >>> solve_superattracting(Recurrence(x, x**2 + 1), 2)
    c**(2**n) - 1/(2*c**(2**n)) + O(exp(-3*2**n*log(c)), (n, oo))
    """
    found = recurrence.classify()
    step, table, _ = small_step(recurrence.local_map(), int(found.order) + 1)
    degree = ps.valuation(step)
    _refuse_alternation(recurrence, table.expr(step[degree]), degree)
    used = recurrence.parameters | {recurrence.x}
    n = fresh_symbol("n", used, positive=True, integer=True)
    c, z = fresh_symbol("c", used, positive=True), fresh_symbol("z", used, positive=True)
    chart = recurrence.chart
    return Conjugacy(
        recurrence,
        found.kind,
        n,
        c,
        z,
        sp.Pow(found.leading, sp.Rational(-1, degree - 1)) * c ** (sp.Integer(degree) ** n),
        sp.S.Zero if chart.at_infinity else chart.point,
        terms,
        lambda: _straighten(recurrence, terms, z, degree),
        found.conditions,
    )


def _straighten(recurrence: Recurrence, terms: int, z: sp.Symbol, degree: int) -> Straightened:
    """Boettcher's function and its inverse, up to the constant a**(1/(d-1))."""
    alpha = recurrence.classify().leading

    def solve(step: list[Any], size: int) -> list[Any]:
        return [0, *ps.exp(boettcher_series(step, size), size)]

    def coordinate(straight: list[Any], chart: SmallVariable, expr: Callable[[Any], sp.Expr]) -> sp.Expr:
        w, S = distance(recurrence) ** sp.Rational(1, chart.power), ps.log(straight[1:], terms + 1)
        beta = w * sp.exp(sp.Add(*(expr(s) * w**j for j, s in enumerate(S) if not ps.is_zero(s))))
        return alpha ** sp.Rational(1, degree - 1) * beta**chart.power

    return straightened(recurrence, terms, z, degree, solve, coordinate)


def _refuse_alternation(recurrence: Recurrence, head: sp.Expr, degree: int) -> None:
    if head.is_negative:
        other = "the other side (side='-', or point=-oo)" if degree % 2 == 0 else "the second iterate F(F(x))"
        raise UnsupportedError(f"{recurrence} changes the sign of the distance at each step; treat {other}")
