r"""A claim: one mathematical statement as data.

A claim says what is asserted, for which values of its variables, where it was printed and how.  It holds no code that
shows it: the derivation and the checks stand in the proof file that declares the claim.

The statement is a SymPy relation, usually ``Eq(quantity, formula)``; the right-hand side is what a derivation has to
produce and what every check judges.  ``quantity`` may be an undefined function or a symbol where the left-hand side is
something that only a computation knows (a limit along an orbit, say); ``meaning`` then says in words what it stands for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy as sp

from derive.errors import InputError

__all__ = ["Claim", "Printed", "Source"]


@dataclass(frozen=True)
class Source:
    """Where a statement stands: the key of a paper in the bibliography and the place inside it."""

    paper: str
    place: str


@dataclass(frozen=True)
class Printed:
    """The statement as printed, where it differs from the claim or holds only under a condition.

    ``statement`` is a SymPy relation, or ``None`` for a sentence; ``text`` gives it in our words.  ``condition`` is the
    condition under which it does hold, ``""`` if there is none.  Its status is computed by the proof's printed checks.
    """

    text: str
    statement: sp.Basic | None = None
    condition: str = ""


@dataclass(frozen=True)
class Claim:
    """One statement: permanent id, SymPy relation, variables with their domains, source, printed form, what it uses."""

    id: str
    title: str
    statement: sp.Basic
    source: Source
    meaning: str = ""
    variables: Mapping[sp.Symbol, str] = field(default_factory=dict)
    assumptions: str = ""
    printed: Printed | None = None
    uses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.id.isidentifier() or self.id != self.id.lower():
            raise InputError(f"the claim id {self.id!r} must be lower-case words joined by underscores")
        if not isinstance(self.statement, sp.Basic):
            raise InputError(f"the statement of {self.id} is {type(self.statement).__name__}, not a SymPy relation")
        undeclared = self.statement.free_symbols - set(self.variables)
        if undeclared:
            names = ", ".join(sorted(s.name for s in undeclared))
            raise InputError(f"the claim {self.id} uses {names} without declaring a domain in `variables`")
