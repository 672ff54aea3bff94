"""Checks of Abel functions by Abel's equation itself: one step of the map in mpmath, no orbit and no series."""

from __future__ import annotations

import mpmath
import sympy as sp

from derive.evidence import decay, holds

from ._iterated import Map, x


def derived_abel(F: sp.Expr, point: sp.Expr | int, terms: int) -> sp.Expr:
    """The Abel function by the engine, as far as an expansion of ``terms`` terms needs it."""
    from derive.difference import Recurrence

    law = Recurrence(x, F, point=point).asymptotics(terms=terms)
    return sp.expand_log(law.abel.subs(law.recurrence.x, x), force=True)


def _without_constant(statement, place) -> bool:
    return not any(not term.has(x) for term in sp.Add.make_args(sp.expand(statement.rhs)))


def abel_checks(name: Map, point: sp.Expr | int, defect: sp.Expr):
    """``defect`` is the order of A(F(x)) - A(x) - 1 that the first missing term leaves."""

    def lack(statement, place, digits):
        state = mpmath.mpf(place[x].p) / place[x].q
        abel = sp.lambdify(x, statement.rhs, "mpmath")
        return abel(name.step(state)) - abel(state)

    values = [sp.Rational(1, 4 * 2**k) for k in range(9)] if point == 0 else [4 * 2**k for k in range(9)]
    yield holds(
        "no constant term",
        _without_constant,
        method="exact expansion",
        sees=lambda statement, wrong: not _without_constant(wrong, {}),
    )
    yield decay(
        "Abel's equation",
        lambda place, digits: mpmath.mpf(1),
        x,
        values,
        error=defect,
        formula=lack,
        digits=80,
        method="one step of the map in mpmath; the defect divided by its order settles",
    )
