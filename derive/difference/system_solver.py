r"""One state of a triangular system of recurrences, sent to the solver that its update calls for.

The system must have one state of its own (the driver x, parabolic); the state asked for is then

* the driver itself: its :class:`~derive.difference.expansion.Expansion`;
* an *output*, an update without the state itself, :math:`s_{n+1} = g(x_n)`: g along the orbit, one step earlier;
* a *sum*, :math:`s_{n+1} = s_n + g(x_n)`: :mod:`derive.difference.orbit_sums`;
* *linear*, :math:`s_{n+1} = m(x_n) s_n + r(x_n)`: :mod:`derive.difference.driven.linear`;
* *nonlinear* in itself: a transseries around its limit, :mod:`derive.difference.driven.triangular`.

An update may use an output in place of the driver (but not both): everything then happens one step earlier.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from derive.difference.arguments import checked_terms
from derive.difference.recurrence import Recurrence
from derive.errors import InputError, UnsupportedError
from derive.system import RecurrenceSystem

__all__ = ["solve_system"]


def solve_system(
    system: RecurrenceSystem,
    state: sp.Symbol | str,
    terms: int = 8,
    *,
    point: Any = sp.oo,
    side: str = "+",
    params: Mapping[Any, Any] | None = None,
    limit: Any = None,
    interval: Any = None,
) -> Any:
    r"""The expansion of one state of a triangular system; see the module docstring for the cases.

    ``point`` and ``side`` belong to the driver; ``limit`` is the limit of a nonlinear driven state (found where only
    one attracts) and ``interval`` the range of its symbolic exponent (:mod:`derive.difference.driven.triangular`).

    >>> from derive.system import RecurrenceSystem
    >>> x, s = sp.symbols("x s", positive=True)
    >>> system = RecurrenceSystem([(x, x + 1 / x), (s, s + 1 / x**2)])
    >>> solve_system(system, "s", terms=1).terms[0].coeff(sp.log(sp.Symbol("n", positive=True)))
    1/(8*n)
    """
    if not isinstance(system, RecurrenceSystem):
        raise InputError(f"{system!r} is not a RecurrenceSystem")
    terms = checked_terms(terms)
    if system.index is not None:
        raise UnsupportedError(f"the system depends on the index {system.index}; make 1/{system.index} a state instead")
    target = _named(system, state)
    update = system[target]
    driver, lag, update = _reduce(system, target, update)
    recurrence = Recurrence(driver, system[driver], point=point, side=side, params=params)
    if target == driver:
        return recurrence.asymptotics(terms=terms)
    return _driven(recurrence, target, update, terms, lag, limit, interval)


def _named(system: RecurrenceSystem, state: sp.Symbol | str) -> sp.Symbol:
    for s in system.states:
        if state in (s, s.name):
            return s
    raise InputError(f"no state {state}; the states are {', '.join(s.name for s in system.states)}")


def _reduce(system: RecurrenceSystem, target: sp.Symbol, update: sp.Expr) -> tuple[sp.Symbol, int, sp.Expr]:
    """The driver behind a state, how many steps earlier it acts, and the update in the driver alone."""
    system.triangular_order()
    others = system.drivers(target)
    if not others:
        if not update.has(target):
            raise InputError(f"the update {update} of {target} is constant; there is nothing to expand")
        return target, 0, update
    for lag in range(len(system.states)):
        roots = {s for s in others if not system.drivers(s)}
        outputs = {s for s in others if not system[s].has(s) and system.drivers(s)}
        if others == roots and len(roots) == 1:
            return next(iter(roots)), lag, update
        if others != outputs:
            break
        update = update.xreplace({s: system[s] for s in outputs})
        others = frozenset(update.free_symbols & set(system.states)) - {target}
    names = ", ".join(sorted(s.name for s in others))
    raise UnsupportedError(
        f"{target} is driven by {names}; one state with a recurrence of its own (or outputs of one, all of the same "
        "step) can drive another; eliminate the others first"
    )


def _driven(
    recurrence: Recurrence, target: sp.Symbol, update: sp.Expr, terms: int, lag: int, limit: Any, interval: Any
) -> Any:
    law = recurrence.asymptotics(terms=terms)
    if not update.has(target):
        return law.apply(update, terms).shift_index(-1 - lag)
    slope = sp.diff(update, target)
    if slope.has(target):
        return _nonlinear(recurrence, target, update, terms, lag, limit, interval)
    rest = sp.simplify(update.xreplace({target: sp.S.Zero}))
    slope = sp.simplify(slope) if slope.has(recurrence.x) else slope
    if slope == 1:
        return law.sum(rest, terms).shift_index(-lag)
    if lag:
        raise UnsupportedError(f"{target} is driven through {lag} output(s); write its update in {recurrence.x} itself")
    from derive.difference.driven.linear import linear

    return linear(law, slope, rest, terms)


def _nonlinear(
    recurrence: Recurrence, target: sp.Symbol, update: sp.Expr, terms: int, lag: int, limit: Any, interval: Any
) -> Any:
    from derive.difference.driven.driven_state import solve_state

    if lag:
        raise UnsupportedError(f"{target} is driven through {lag} output(s); write its update in {recurrence.x} itself")
    return solve_state(recurrence, target, update, terms=terms, limit=limit, interval=interval)
