"""A system of recurrences as plain data: states, updates, what drives what.

A :class:`RecurrenceSystem` says, for each state, its value at the next layer as a SymPy expression in the states at
this layer and in parameters.  It is *triangular* when the states can be ordered so that each update uses only earlier
states and its own; that order is what the asymptotics engine follows, and what generated code evaluates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.errors import InputError

__all__ = ["RecurrenceSystem", "Update"]


@dataclass(frozen=True)
class Update:
    """One state and its value at the next layer.

    ``state`` is a symbol; ``value`` is a SymPy expression in the states at this layer and in parameters.
    """

    state: sp.Symbol
    value: sp.Expr

    def __post_init__(self) -> None:
        if not isinstance(self.state, sp.Symbol):
            raise InputError(f"the state {self.state!r} is not a SymPy symbol; write Update(Symbol('x'), expression)")
        if not isinstance(self.value, sp.Expr):
            raise InputError(
                f"the update of {self.state} is {type(self.value).__name__}, not a SymPy expression; "
                "turn text into an expression with derive.parsing.parse first"
            )


@dataclass(frozen=True)
class RecurrenceSystem:
    """States with their updates; symbols that are not states are parameters.

    ``updates`` may be given as :class:`Update` objects or as ``(symbol, expression)`` pairs; two updates of one state
    are an :class:`~derive.errors.InputError`.  ``index`` is the layer number where an update depends on it explicitly.
    """

    updates: tuple[Update, ...]
    index: sp.Symbol | None = None

    def __init__(self, updates: Iterable[Update | tuple[sp.Symbol, sp.Expr]], index: sp.Symbol | None = None) -> None:
        rows = tuple(u if isinstance(u, Update) else Update(*u) for u in updates)
        names = [u.state.name for u in rows]
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise InputError(f"the state {twice[0]} has two updates; give each state one")
        if not rows:
            raise InputError("a recurrence system needs at least one update")
        object.__setattr__(self, "updates", rows)
        object.__setattr__(self, "index", index)

    @property
    def states(self) -> tuple[sp.Symbol, ...]:
        """The states, in the order given."""
        return tuple(u.state for u in self.updates)

    @property
    def parameters(self) -> tuple[sp.Symbol, ...]:
        """Every symbol that is neither a state nor the index, sorted by name."""
        used = set().union(*(u.value.free_symbols for u in self.updates))
        return tuple(sorted(used - set(self.states) - {self.index}, key=lambda s: s.name))

    def __getitem__(self, state: sp.Symbol | str) -> sp.Expr:
        """The update of one state, by symbol or by name."""
        for u in self.updates:
            if state in (u.state, u.state.name):
                return u.value
        raise InputError(f"no state {state}; the states are {', '.join(s.name for s in self.states)}")

    def drivers(self, state: sp.Symbol | str) -> frozenset[sp.Symbol]:
        """The other states that appear in the update of ``state``."""
        own = next(u for u in self.updates if state in (u.state, u.state.name))
        return frozenset(own.value.free_symbols & set(self.states)) - {own.state}

    def triangular_order(self) -> tuple[sp.Symbol, ...]:
        """The states ordered so that each update uses earlier states and itself only.

        Raises :class:`~derive.errors.InputError` naming the cycle's states when there is no such order.
        """
        left = list(self.states)
        done: list[sp.Symbol] = []
        while left:
            ready = [s for s in left if self.drivers(s) <= set(done)]
            if not ready:
                raise InputError(
                    "the system is not triangular: "
                    + ", ".join(s.name for s in left)
                    + " drive each other; eliminate one of them or change variables first"
                )
            done += ready
            left = [s for s in left if s not in ready]
        return tuple(done)

    def subs(self, values: Mapping[sp.Symbol, Any]) -> RecurrenceSystem:
        """The same system with parameters replaced."""
        return RecurrenceSystem([Update(u.state, u.value.subs(values)) for u in self.updates], self.index)

    def asymptotics(self, state: sp.Symbol | str, terms: int = 8, **options: Any) -> Any:
        """The expansion of one state of a triangular system; see :func:`derive.difference.solve_system`."""
        from derive.difference import solve_system

        return solve_system(self, state, terms=terms, **options)

    def _repr_latex_(self) -> str:
        rows = r" \\ ".join(f"{sp.latex(u.state)}' &= {sp.latex(u.value)}" for u in self.updates)
        return rf"$\displaystyle \begin{{aligned}} {rows} \end{{aligned}}$"
