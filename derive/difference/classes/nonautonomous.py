r"""Recurrences with an explicit index, :math:`x_{n+1} = F(x_n, n)`, on the power scale.

*Leading balance.*  Put :math:`x = l^p y` with l = n: the state y obeys :math:`y' = F(l^p y, l)/(l+1)^p` and is driven
by :math:`l' = l + 1`.  As l grows :math:`y' - y = L(y)\,l^{-\kappa} + \dots`, and p belongs to a balance if L has a
root a that is not zero.  For a sum of monomials :math:`c\,x^\alpha l^\beta` the candidates p are the slopes of its
Newton polygon, the difference :math:`x' - x` counting as the monomial :math:`x\,l^{-1}`; otherwise simple fractions
are tried.

*Order by order.*  What follows is the business of :mod:`derive.difference.driven.driven_state`: the free constant is
the amplitude of the homogeneous solution, which decays like :math:`l^{-\delta}`, or like a stretched exponential where
:math:`\kappa < 1`.

*Linear equations*, :math:`x' = m(n) x + r(n)`, need no balance (:mod:`derive.difference.driven.linear`).

The index starts at 0, with x_0; where F is singular at n = 0, shift the index first.
Source: the method is that of Poincare and Birkhoff for linear, and of Harris and Sibuya for nonlinear equations.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any

import sympy as sp

from derive.difference.arguments import checked_digits, checked_index, start_value
from derive.difference.driven.driven_state import leading_balance, limits, solve_state
from derive.difference.driven.linear import LinearSolution, linear
from derive.difference.driven.transseries import Transseries, sum_with_estimate
from derive.difference.frame import with_error
from derive.difference.recurrence import Recurrence
from derive.errors import DomainError, InputError, UnsupportedError

__all__ = ["LinearExpansion", "NonautonomousExpansion", "balances", "solve_nonautonomous"]

_TRIED = sorted(
    {sp.Rational(i, j) for j in range(1, 5) for i in range(-3 * j, 3 * j + 1)}, key=lambda r: (r.q, abs(r), -r)
)


class _Indexed(ABC):
    """Digits of a recurrence with an index, from the law of x/n**p driven by the index."""

    recurrence: Recurrence
    power: sp.Rational

    @property
    @abstractmethod
    def driven(self) -> Transseries | LinearSolution:
        """The law of x/n**p."""

    @property
    def n(self) -> sp.Symbol:
        """The index."""
        return self.driven.n

    def constant_value(
        self, x0: Any, digits: int = 30, certified: bool = False, params: Mapping[Any, Any] | None = None
    ) -> sp.Float:
        """The constant c for the start x_0 at index 0, by a calibrated estimate."""
        _not_certified(certified)
        return self.driven.amplitude(1, _first(self.recurrence, x0, params), digits, params)

    def at(
        self, n: int, x0: Any, digits: int = 30, certified: bool = False, params: Mapping[Any, Any] | None = None
    ) -> sp.Float:
        """x_n for the start x_0 at index 0, by a calibrated estimate."""
        _not_certified(certified)
        n, digits = checked_index(n), checked_digits(digits)
        if n == 0:
            return sp.N(start_value(x0), digits)
        y = self.driven.at(n - 1, 1, _first(self.recurrence, x0, params), digits + 2, params)
        return sp.Float(y * sp.N(sp.Integer(n) ** self.power, digits + 5), digits)


@dataclass(frozen=True)
class NonautonomousExpansion(_Indexed):
    """:math:`x_n = n^p (a + ...)`; ``law`` is the transseries of y = x/n^p, ``c`` its amplitude, ``power`` is p."""

    recurrence: Recurrence
    law: Transseries
    power: sp.Rational
    conditions: tuple[sp.Expr, ...] = field(default=())

    @property
    def driven(self) -> Transseries:
        """The law of x/n**p."""
        return self.law

    @property
    def c(self) -> sp.Symbol:
        """The free constant: the amplitude of the homogeneous solution."""
        return self.law.C

    @cached_property
    def expr(self) -> sp.Expr:
        """The leading term and the terms asked for."""
        return sp.expand(self.n**self.power * self.law.expr, power_base=False, power_exp=False)

    @cached_property
    def terms(self) -> list[sp.Expr]:
        """The leading term, then the others by size."""
        front = self.n**self.power
        rows = [self.law.limit, *(self.law.summand(t) for t in self.law.terms)]
        return [front * row for row in rows]

    @cached_property
    def error(self) -> sp.Expr:
        """The O-term."""
        inner = self.law.error
        if not isinstance(inner, sp.Order):
            return inner
        return sp.Order(self.n**self.power * inner.expr, (self.n, sp.oo))

    def evaluate(self, n: Any, c: Any, digits: int = 15, params: Mapping[Any, Any] | None = None) -> tuple[Any, Any]:
        """``(value, error estimate)`` of the terms for a given constant; an estimate, not a bound."""
        values = {**self.recurrence.values(params), self.n: n, self.c: c}
        omitted = [self.n**self.power * self.law.summand(t) for t in self.law.omitted]
        return sum_with_estimate(self.expr, omitted, values, digits)

    def __repr__(self) -> str:
        return with_error(str(self.expr), self.error)

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {with_error(sp.latex(self.expr), self.error, sp.latex)}$"


@dataclass(frozen=True)
class LinearExpansion(_Indexed):
    """The solution of :math:`x' = m(n) x + r(n)`; ``solution`` is that of the driven equation, with n as its driver."""

    recurrence: Recurrence
    solution: LinearSolution
    power: sp.Rational = sp.S.Zero

    @property
    def driven(self) -> LinearSolution:
        """The solution itself."""
        return self.solution

    @property
    def c(self) -> sp.Symbol:
        """The free constant: the amplitude of the homogeneous solution."""
        return self.solution.K

    @cached_property
    def expr(self) -> sp.Expr:
        """The particular solution plus c times the homogeneous one."""
        return self.solution.expr.subs(self.solution.c, 0)

    @property
    def error(self) -> tuple[sp.Expr, sp.Expr]:
        """The O-terms of the particular and of the homogeneous part."""
        return self.solution.error

    def evaluate(self, n: Any, c: Any, digits: int = 15, params: Mapping[Any, Any] | None = None) -> tuple[Any, Any]:
        """``(value, error estimate)`` of the terms for a given constant; an estimate, not a bound."""
        return self.solution.evaluate(n, 0, c, digits, params)

    def __repr__(self) -> str:
        return str(self.expr) if self.error == (0, 0) else f"{self.expr} + O-terms {self.error}"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {sp.latex(self.expr)} + \cdots$"


def _first(recurrence: Recurrence, x0: Any, params: Mapping[Any, Any] | None) -> sp.Expr:
    """x_1 = F(x_0, 0), exactly."""
    values = recurrence.values(params)
    index, F = recurrence.index, recurrence.expression.subs(values)
    value = F.subs({recurrence.x: start_value(x0), index: 0})
    if value.free_symbols or not value.is_finite or value.is_real is False:
        raise DomainError(
            f"F({x0}, {index}=0) = {value} is not a number to start from; replace {index} by {index} + 1 in F, so "
            "that the index starts where F is defined"
        )
    return value


def _not_certified(certified: bool) -> None:
    if certified:
        raise UnsupportedError("recurrences with an explicit index have no enclosures; their digits are by estimate")


def solve_nonautonomous(
    recurrence: Recurrence, terms: int = 5, *, power: Any = None, limit: Any = None, interval: Any = None
) -> Any:
    r"""The expansion of :math:`x_{n+1} = F(x_n, n)`.

    ``power`` and ``limit`` choose p and a where several balances attract; ``interval`` is that of
    :func:`derive.difference.driven.triangular.triangular` for a symbolic exponent.  Linear equations give a
    :class:`LinearExpansion`.

    >>> x, l = sp.symbols("x l", positive=True)
    >>> solve_nonautonomous(Recurrence(x, x + l / x, index=l), 2)
    c/n + c/n**2 + n + O(n**(-3), (n, oo))
    """
    index, x, F = recurrence.index, recurrence.x, recurrence.F
    if not isinstance(F, sp.Expr):
        raise UnsupportedError("a map with an explicit index must be an expression, not a series")
    slope = sp.diff(F, x)
    driver = Recurrence(_positive(index), _positive(index) + 1, params=dict(recurrence.params))
    F = F.xreplace({index: driver.x})
    if not slope.has(x):
        slope = slope.xreplace({index: driver.x})
        return LinearExpansion(recurrence, linear(driver, slope, sp.simplify(F - slope * x), terms))
    p, a = _choose(driver, x, F, power, limit)
    update = _scaled(driver, x, F, p)
    law = solve_state(driver, x, update, terms=terms, limit=a, interval=interval, counts=True)
    return NonautonomousExpansion(recurrence, _renamed(law, recurrence), p)


def _positive(index: sp.Symbol) -> sp.Symbol:
    return index if index.is_positive else sp.Dummy(index.name, positive=True)


def _renamed(law: Transseries, recurrence: Recurrence) -> Transseries:
    """The amplitude is called c, as the free constant of every other class."""
    from dataclasses import replace

    from derive.difference.frame import fresh_symbol

    c = fresh_symbol("c", recurrence.parameters | {recurrence.x, recurrence.index}, real=True)
    return replace(law, c=sp.Dummy("c_driver", real=True), C=c)


def _scaled(driver: Recurrence, x: sp.Symbol, F: sp.Expr, p: sp.Rational) -> sp.Expr:
    """The update of y = x/l^p."""
    l = driver.x
    return sp.powdenest(sp.expand(F.subs(x, l**p * x)), force=True) / (l + 1) ** p


def balances(recurrence: Recurrence) -> list[tuple[sp.Rational, sp.Expr]]:
    """The attracting leading balances ``(p, a)``: :math:`x_n \\sim a n^p`."""
    index = recurrence.index
    driver = Recurrence(_positive(index), _positive(index) + 1, params=dict(recurrence.params))
    return _balances(driver, recurrence.x, recurrence.expression.xreplace({index: driver.x}))


def _balances(driver: Recurrence, x: sp.Symbol, F: sp.Expr) -> list[tuple[sp.Rational, sp.Expr]]:
    slopes = _newton_slopes(driver, x, F)
    found = []
    for p in _TRIED if slopes is None else slopes:
        try:
            update = _scaled(driver, x, F, p)
            order, _ = leading_balance(driver, x, update)
            roots = limits(driver, x, update) if order >= 0 else []
        except (UnsupportedError, InputError):
            continue
        found += [(p, a) for a in roots if a != 0]
    return found


def _newton_slopes(driver: Recurrence, x: sp.Symbol, F: sp.Expr) -> list[sp.Rational] | None:
    """The candidate powers for a sum of monomials in x and l; None where F - x is not one."""
    l, points = driver.x, {(sp.Integer(1), sp.Integer(-1))}
    for term in sp.Add.make_args(sp.expand(F - x)):
        powers = term.as_powers_dict()
        alpha, beta = powers.get(x, sp.S.Zero), powers.get(l, sp.S.Zero)
        rest = term / (x**alpha * l**beta)
        if rest.has(x, l) or not (alpha.is_Rational and beta.is_Rational):
            return None
        points.add((alpha, beta))
    slopes = set()
    for (a, b), (c, d) in combinations(points, 2):
        if a != c:
            p = (d - b) / (a - c)
            if all(e * p + f <= a * p + b for e, f in points):
                slopes.add(p)
    return sorted(slopes)


def _power(power: Any) -> sp.Rational:
    found = start_value(power, "power")
    if not found.is_Rational:
        raise InputError(f"power = {found} must be a rational number")
    return found


def _choose(driver: Recurrence, x: sp.Symbol, F: sp.Expr, power: Any, limit: Any) -> tuple[sp.Rational, sp.Expr]:
    from derive.difference.near_point.series_function import as_expression

    if power is not None and limit is not None:
        return _power(power), as_expression(limit, "limit")
    found = _balances(driver, x, F)
    if power is not None:
        found = [f for f in found if f[0] == _power(power)]
    if limit is not None:
        found = [f for f in found if sp.simplify(f[1] - as_expression(limit, "limit")) == 0]
    if not found:
        raise UnsupportedError(
            f"no attracting balance {x} ~ a*n**p was found for {x}' = {F}: the orbits may leave the power scale "
            "(logarithms, exponential growth), or p may be unusual; give power=p and limit=a"
        )
    if len(found) > 1:
        shown = ", ".join(f"{a}*n**({p})" for p, a in found)
        raise InputError(f"several balances attract: {shown}; choose with power=... and limit=...")
    return found[0]
