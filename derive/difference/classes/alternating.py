r"""Multiplier -1: orbits that change sides at each step and creep to the point on both.

The second iterate :math:`G = F \circ F` has the multiplier 1.  On each side of the point it is a parabolic map, whose
orbits are the even and the odd steps of F: two expansions, joined by :math:`x_{2m+1} = F(x_{2m})`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from derive.difference.arguments import checked_digits, checked_index, start_value
from derive.difference.classes.two_sides import opposite_point
from derive.difference.expansion import Expansion
from derive.difference.recurrence import Recurrence
from derive.errors import UnsupportedError

__all__ = ["AlternatingExpansion", "solve_alternating"]


@dataclass(frozen=True)
class AlternatingExpansion:
    """``even`` is the expansion of x_(2m) and ``odd`` that of x_(2m+1), both in m, for a start on the map's side."""

    recurrence: Recurrence
    even: Expansion
    odd: Expansion

    def constant_value(
        self, x0: Any, digits: int = 50, certified: bool = False, params: Mapping[Any, Any] | None = None
    ) -> Any:
        """The constant of the steps 0, 2, 4, ... from ``x0``, on either side; see Expansion.constant_value."""
        return self._on_side_of(x0, params).constant_value(x0, digits, certified, params)

    def at(
        self, n: Any, x0: Any, digits: int = 30, certified: bool = False, params: Mapping[Any, Any] | None = None
    ) -> Any:
        """x_n for the start ``x0`` on either side, n of any size; enclosures exist for even n."""
        import mpmath

        from derive.numerics import mpf_to_sympy, to_mpf

        n, digits = checked_index(n), checked_digits(digits)
        law = self._on_side_of(x0, params)
        if n % 2 == 0:
            return law.at(n // 2, x0, digits, certified, params)
        if certified:
            raise UnsupportedError("enclosures exist for even n; map the ball of x_(n-1)")
        before = law.at(n // 2, x0, digits + 10, False, params)
        with mpmath.workdps(digits + 15):
            return mpf_to_sympy(self.recurrence.map_value(to_mpf(before), digits + 10, params), digits)

    def _on_side_of(self, x0: Any, params: Mapping[Any, Any] | None) -> Expansion:
        """The law of the second iterate on the side on which the start lies."""
        from derive.numerics import sign_of

        chart, start = self.recurrence.chart, start_value(x0)
        gap = start if chart.at_infinity else start - chart.point.subs(self.recurrence.values(params))
        return self.even if sign_of(gap) * chart.side >= 0 else self.odd

    def __repr__(self) -> str:
        return f"even steps: {self.even!r}; odd steps: {self.odd!r}"

    def _repr_latex_(self) -> str:
        even, odd = (law._repr_latex_().strip("$") for law in (self.even, self.odd))
        return rf"$x_{{2n}} = {even}, \qquad x_{{2n+1}} = {odd}$"


def solve_alternating(recurrence: Recurrence, terms: int) -> AlternatingExpansion:
    """The expansions of the even and of the odd steps.

    >>> from sympy import Symbol, sin
    >>> x = Symbol("x", real=True)
    >>> law = solve_alternating(Recurrence(x, -sin(x), point=0), 1)
    >>> law.even.expr, law.odd.expr
    (sqrt(6)/(2*sqrt(n)), -sqrt(6)/(2*sqrt(n)))
    """
    x, F = recurrence.x, recurrence.expression
    twice = F.xreplace({x: F})
    sides = ((recurrence.point_given, recurrence.side), opposite_point(recurrence))
    try:
        even, odd = (Recurrence(x, twice, p, s, params=recurrence.params).asymptotics(terms) for p, s in sides)
    except UnsupportedError as error:
        raise UnsupportedError(
            f"the orbits of {recurrence} change sides at each step, and the second iterate F(F(x)) has no expansion: "
            f"{error}"
        ) from None
    if not (isinstance(even, Expansion) and isinstance(odd, Expansion)):
        raise UnsupportedError(f"the second iterate of {recurrence} is not of the parabolic class; expand it itself")
    return AlternatingExpansion(recurrence, even, odd)
