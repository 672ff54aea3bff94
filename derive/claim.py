r"""A claim: one mathematical statement as data.

A claim says what is asserted, for which values of its variables, where it was printed and how.  It holds no code that
shows it: the derivation and the checks stand in the proof file that declares the claim.

The statement is a SymPy relation, usually ``Eq(quantity, formula)``; the right-hand side is what a derivation has to
produce and what every check judges.  ``quantity`` may be an undefined function or a symbol where the left-hand side is
something that only a computation knows (a limit along an orbit, say); ``meaning`` then says in words what it stands
for.

An asymptotic statement ``f = main + O(g) as x -> a`` is ``Eq(f, main)`` with ``error=g`` and ``limit=(x, a)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy as sp
from sympy.core.relational import Relational

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

    ``text`` gives it in our words; ``statement`` is a SymPy relation.  A sentence is put as one, too ("from about layer
    400" is ``Eq(first_layer, 400)``), or it cannot be judged.  ``condition`` is the condition under which the printed
    form does hold, ``""`` if there is none.  Its status is computed by the proof's ``printed_checks()``.
    """

    text: str
    statement: sp.Basic | None = None
    condition: str = ""


@dataclass(frozen=True)
class Claim:
    """One statement: permanent id, SymPy relation, variables with their domains, source, printed form, what it uses.

    ``variables`` maps each free symbol to its domain in words; a symbol that stands alone on the left-hand side names
    the quantity itself and is explained by ``meaning`` instead.  ``error`` and ``limit`` say that the statement holds
    up to ``O(error)`` as ``limit[0]`` tends to ``limit[1]``.  ``uses`` lists the ids of claims this one rests on: its
    status is never stronger than theirs.

    >>> q, V = sp.Symbol("q", positive=True), sp.Function("V")
    >>> claim = Claim("half", "An example", sp.Eq(V(q), q / 2), Source("derive", "example"), variables={q: "q > 0"})
    >>> claim.rhs
    q/2
    """

    id: str
    title: str
    statement: sp.Basic
    source: Source
    meaning: str = ""
    variables: Mapping[sp.Symbol, str] = field(default_factory=dict)
    assumptions: str = ""
    error: sp.Expr | None = None
    limit: tuple[sp.Symbol, sp.Expr] | None = None
    printed: Printed | None = None
    uses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.id.isidentifier() or self.id != self.id.lower():
            raise InputError(f"the claim id {self.id!r} must be lower-case words joined by underscores")
        if not isinstance(self.statement, Relational):
            raise InputError(
                f"the statement of {self.id} is {self.statement!r}, not a SymPy relation such as Eq(left, right); "
                "a relation that SymPy decides by itself states nothing"
            )
        if (self.error is None) != (self.limit is None):
            raise InputError(f"the claim {self.id} needs both `error` and `limit`, or neither")
        self._require_domains()

    def _require_domains(self) -> None:
        used = set(self.statement.free_symbols)
        if self.error is not None and self.limit is not None:
            used |= self.error.free_symbols | {self.limit[0]}
        if isinstance(self.statement.lhs, sp.Symbol) and self.meaning:
            used.discard(self.statement.lhs)
        undeclared = used - set(self.variables)
        if undeclared:
            names = ", ".join(sorted(s.name for s in undeclared))
            raise InputError(f"the claim {self.id} uses {names} without declaring a domain in `variables`")

    @property
    def rhs(self) -> sp.Basic:
        """The right-hand side of the statement: what the derivation has to produce."""
        return self.statement.rhs
