r"""Functions known by an asymptotic series: given ones, and the series of any SymPy expression.

A :class:`SeriesFunction` is a function of one variable of which finite series are available to any order, and possibly
digits, balls and a bound on the remainder.  :func:`series_function` makes one from an expression; a
:class:`SeriesMap` is one that is iterated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import sympy as sp

from derive.difference.near_point.expander import expand
from derive.difference.near_point.local import Local
from derive.difference.near_point.small_variable import SmallVariable
from derive.difference.series.coefficients import Coefficients
from derive.errors import DomainError, InputError, UnsupportedError
from derive.numerics.exact import whole_number

__all__ = ["SeriesFunction", "SeriesMap", "as_expression", "expand_at", "series_function"]

_MOST_TERMS = 1000


@dataclass(frozen=True)
class SeriesFunction:
    r"""A function of ``variable`` known near a point (infinity unless said otherwise) by an asymptotic series.

    ``terms(order)`` returns the finite SymPy sum of :math:`c_e x^e`, complete for all exponents ``e > -order`` at
    infinity, and for ``e < order`` in powers of :math:`x - x_*` at a finite point; coefficients may hold parameters.
    ``value(x, digits, params)`` returns an ``mpf``, ``ball(x, bits, params)`` and ``derivative_ball`` an ``arb``;
    ``remainder(order)`` returns ``(bound, exponent, x_min)`` with
    :math:`|f(x) - terms(order)(x)| \le bound\cdot x^{exponent}` for all real :math:`x \ge x_{min}`.  Each may be None.
    """

    variable: sp.Symbol
    terms: Callable[[int], sp.Expr]
    value: Callable[[Any, int, Mapping[sp.Symbol, Any]], Any] | None = None
    ball: Callable[[Any, int, Mapping[sp.Symbol, Any]], Any] | None = None
    derivative_ball: Callable[[Any, int, Mapping[sp.Symbol, Any]], Any] | None = None
    remainder: Callable[[int], tuple[sp.Expr, sp.Rational, sp.Expr] | None] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.variable, sp.Symbol):
            raise InputError(f"variable = {self.variable!r} is not a symbol; give sp.Symbol('x')")
        for name in ("terms", "value", "ball", "derivative_ball", "remainder"):
            given = getattr(self, name)
            if not callable(given) and (name == "terms" or given is not None):
                raise InputError(f"{name} = {given!r} is not a function; it is called with the order, or with x")


@dataclass(frozen=True)
class SeriesMap(SeriesFunction):
    """A map F known by its series (the terms contain ``x`` itself); to be iterated by a Recurrence."""


def as_expression(value: Any, name: str, x: sp.Symbol | None = None) -> sp.Expr:
    """A SymPy expression from an expression, a number, or text (through the package's parser).

    In text the name of ``x`` means that symbol, whatever its assumptions.
    """
    if isinstance(value, str):
        from derive.parsing import parse

        expr = parse(value)
        same = [s for s in expr.free_symbols if x is not None and s.name == x.name]
        return expr.xreplace(dict.fromkeys(same, x))
    if isinstance(value, sp.Expr):
        if value.has(sp.nan, sp.oo, -sp.oo, sp.zoo):
            raise DomainError(f"{name} = {value} is not finite")
        return value
    from derive.numerics import exact_number

    return exact_number(value, name)


def expand_at(
    table: Coefficients, function: sp.Expr | SeriesFunction, x: sp.Symbol, chart: SmallVariable, needed: int
) -> tuple[Local, SmallVariable]:
    """The local expansion of an expression or a series function: ``needed`` coefficients from the leading one on."""
    if not isinstance(function, SeriesFunction):
        return expand(table, function, x, chart, needed)
    order = needed // chart.root + 1
    for _ in range(40):
        terms = function.terms(order).xreplace({function.variable: x})
        found, chart = expand(table, terms, x, chart, needed)
        end = order * chart.root  # exponents of w from here on are not known
        if found.start + needed <= end:
            return found, chart
        order = max(order + 1, ceil((found.start + needed) / chart.root))
    raise UnsupportedError("the series of the function given never reaches the order asked for")


def series_function(expr: sp.Expr | str, x: sp.Symbol, point: Any = sp.oo, side: str = "+") -> SeriesFunction:
    r"""The series of an expression at ``point`` (approached from ``side``) as a :class:`SeriesFunction`.

    The coefficients are exact.  The expression may hold parameters, fractional powers, and SymPy functions that know
    their own large-argument expansion (methods ``large_argument_terms``, see
    :mod:`derive.difference.near_point.functions`). Digits and balls come from the expression itself.  Raises
    :class:`~derive.errors.UnsupportedError` where there is no expansion in powers (logarithms, exponential growth,
    oscillation).

    >>> x = sp.Symbol("x", positive=True)
    >>> series_function(sp.sqrt(x**2 + x), x).terms(3)
    x + 1/2 - 1/(8*x) + 1/(16*x**2)
    >>> series_function(sp.sin(x), x, point=0).terms(6)
    x**5/120 - x**3/6 + x
    """
    expr = as_expression(expr, "expr", x)
    chart = chart_of(point, side)

    def terms(order: int) -> sp.Expr:
        order = whole_number(order, "order", _MOST_TERMS)
        if not expr.has(x):
            return expr
        table = Coefficients()
        found, at = expand_at(table, expr, x, chart, 1)
        needed = order * at.root - found.start
        if needed > 1:
            found, at = expand_at(table, expr, x, at, needed)
        if found.growth or any(table.degree_in_log(c) for c in found.coefficients):
            raise UnsupportedError(f"{expr} does not expand in powers of {x} at {point}")
        gap = x if at.at_infinity else x - at.point
        rows = []
        for i, c in enumerate(found.coefficients, start=found.start):
            if i < order * at.root and c != 0:
                rows.append(table.expr(c) * (at.side * gap) ** sp.Rational(-i if at.at_infinity else i, at.root))
        return sp.Add(*rows)

    return SeriesFunction(x, terms, *_evaluators(expr, x))


def _evaluators(expr: sp.Expr, x: sp.Symbol) -> tuple[Any, Any, Any]:
    """``value``, ``ball`` and ``derivative_ball`` of an expression."""

    def value(point: Any, digits: int, params: Mapping[sp.Symbol, Any]) -> Any:
        import mpmath

        from derive.numerics import compile_mp

        with mpmath.mp.workdps(digits + 10):
            return compile_mp(expr.subs(dict(params)), [x])(point)

    def ball(point: Any, bits: int, params: Mapping[sp.Symbol, Any]) -> Any:
        return _ball(expr, point, bits, params)

    def derivative_ball(point: Any, bits: int, params: Mapping[sp.Symbol, Any]) -> Any:
        return _ball(expr.diff(x), point, bits, params)

    def _ball(function: sp.Expr, point: Any, bits: int, params: Mapping[sp.Symbol, Any]) -> Any:
        from flint import ctx

        from derive.numerics import compile_ball

        with ctx.workprec(bits):
            return compile_ball(function.subs(dict(params)), [x])(point)

    return value, ball, derivative_ball


def chart_of(point: Any, side: Any, root: int = 1) -> SmallVariable:
    """The small variable of a point and a side given by the caller."""
    if not isinstance(side, str) or side not in ("+", "-"):
        raise InputError(f"side = {side!r} must be '+' or '-': from which side the orbit comes")
    sign = 1 if side == "+" else -1
    if isinstance(point, (sp.Expr, float)) and point in (sp.oo, -sp.oo):
        return SmallVariable(sp.oo, 1 if point > 0 else -1, root)
    if isinstance(point, sp.Expr) and point.free_symbols:
        return SmallVariable(point, sign, root)
    from derive.numerics import exact_number

    return SmallVariable(exact_number(point, "point"), sign, root)
