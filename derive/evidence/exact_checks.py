"""Checks that decide exactly: a symbolic identity, and a property that is true or false at each point."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import sympy as sp

from derive.evidence.check import Check
from derive.evidence.equality import compare
from derive.evidence.outcome import Verdict
from derive.evidence.points import effective_points, point_text

__all__ = ["holds", "symbolic"]

Sight = Callable[[sp.Basic, sp.Basic], bool]


def symbolic(name: str, route: Callable[[], sp.Basic], *, method: str) -> Check:
    """The right-hand side equals, as an expression, what another derivation produces.

    ``route()`` returns that expression; it is called once.  Equality is exact
    (:func:`derive.evidence.equality.compare`): digits can refute it but not establish it.
    """
    memory: list[sp.Basic] = []

    def verdicts(statement: sp.Basic) -> Iterator[Verdict]:
        if not memory:
            memory.append(route())
        found = compare(memory[0], statement.rhs)  # type: ignore[attr-defined]
        yield Verdict(found.equal, reason=found.how)

    return Check(name, "symbolic", method, verdicts)


def holds(
    name: str,
    test: Callable[[sp.Basic, Mapping[sp.Symbol, sp.Expr]], bool | None],
    points: Iterable[Mapping[sp.Symbol, Any]] = ({},),
    *,
    method: str,
    sees: Sight | None = None,
) -> Check:
    """A property with an exact answer at each point: ``test(statement, point)`` is ``True``, ``False`` or ``None``.

    The test has to judge the statement it is given (through ``statement.rhs``, say), and to decide exactly: in
    integers, rationals, algebraic numbers or balls.  What it cannot decide it answers with ``None``.  ``sees(statement,
    perturbed)`` restricts the negative control to the mistakes that the property can notice.
    """
    places = effective_points(points)

    def verdicts(statement: sp.Basic) -> Iterator[Verdict]:
        for point in places:
            answer = test(statement, point)
            value = None if answer is None else bool(answer)
            yield Verdict(value, point_text(point))

    return Check(name, "property", method, verdicts, sees=sees)
