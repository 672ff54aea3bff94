"""A check: a function of the statement that answers point by point.

Every check judges the statement it is *given*, never one it remembers.  The runner uses that for the negative control:
it hands the same check deliberately wrong statements, and a check that accepts one of those has shown nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import sympy as sp

from derive.errors import InputError
from derive.evidence.outcome import Outcome, Verdict, tally

__all__ = ["KINDS", "Check", "outside", "under"]

#: The kinds of check, and whether a false verdict of that kind excludes a statement for certain.
KINDS = {"symbolic": True, "enclosure": True, "property": True, "digits": False, "decay": False}


@dataclass(frozen=True)
class Check:
    """One way to judge a statement.

    ``name`` says what is shown, ``method`` how, both in words for the certificate.  ``verdicts(statement)`` yields one
    :class:`~derive.evidence.outcome.Verdict` per point.  ``sees(statement, perturbed)`` says whether the difference
    between the two lies within what this check judges; ``None`` means that it judges the whole statement.  ``covers``
    is the set that a ball check covers completely, in words, and ``""`` where it looks at points only.

    ``where`` is used by checks of a printed form that holds under a condition: ``"condition"`` or ``"outside"``.
    ``truth`` is a statement that a check which excludes a printed form has to accept; ``None`` means the claim's own.
    """

    name: str
    kind: str
    method: str
    verdicts: Callable[[sp.Basic], Iterable[Verdict]]
    sees: Callable[[sp.Basic, sp.Basic], bool] | None = None
    covers: str = ""
    where: str = ""
    truth: sp.Basic | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"the check {self.name!r} has kind {self.kind!r}; the kinds are {', '.join(KINDS)}")

    @property
    def rigorous(self) -> bool:
        """Whether a false verdict excludes the statement for certain (a ball or an exact case, not digits)."""
        return KINDS[self.kind]

    def judge(self, statement: sp.Basic, *, stop_when_false: bool = False) -> Outcome:
        """Judge a statement at every point of the check."""
        try:
            verdicts = self.verdicts(statement)
        except Exception as error:  # same rule as in `tally`: a crash is a finding
            return Outcome(crash=f"{type(error).__name__}: {error}")
        return tally(verdicts, stop_when_false=stop_when_false)

    def in_sight(self, statement: sp.Basic, perturbed: sp.Basic) -> bool:
        """Whether this check has to tell the two statements apart."""
        return self.sees is None or self.sees(statement, perturbed)


def under(check: Check) -> Check:
    """The check looks only where the printed form's condition holds; there the printed form must pass."""
    return replace(check, where="condition")


def outside(check: Check, truth: sp.Basic | None = None) -> Check:
    """The check looks where the printed form's condition fails; there the printed form must be excluded.

    ``truth`` is a statement that holds there and that the check has to accept, so that it cannot simply refuse
    everything.  By default it is the claim's own statement.
    """
    if not check.rigorous:
        raise InputError(f"the check {check.name!r} compares digits; only a ball or an exact case can exclude a print")
    return replace(check, where="outside", truth=truth)
