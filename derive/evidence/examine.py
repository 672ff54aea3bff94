"""One claim examined: its derivation compared, its checks run and controlled, its status computed from what ran."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from derive.errors import UnknownNameError
from derive.evidence.bibliography import paper
from derive.evidence.check import Check
from derive.evidence.control import Control, control
from derive.evidence.exact_checks import symbolic
from derive.evidence.outcome import Outcome
from derive.evidence.printed import PrintedFinding, examine_printed
from derive.evidence.proof import Proof

__all__ = ["STATUSES", "Examination", "examine"]

#: From strongest to weakest.
STATUSES = ("proved", "enclosed", "checked", "quoted", "open", "failed")


@dataclass(frozen=True)
class Examination:
    """What was found for one claim.  ``faults`` is empty unless the status is ``failed``."""

    proof: Proof
    status: str
    checks: tuple[tuple[Check, Outcome], ...] = ()
    control: Control | None = None
    printed: PrintedFinding | None = None
    faults: tuple[str, ...] = ()


def _listed(source: Callable[[], Iterable[Check]] | None) -> tuple[list[Check], str]:
    """The checks of a proof file, and what went wrong in listing them."""
    if source is None:
        return [], ""
    try:
        return list(source()), ""
    except Exception as error:  # a proof file is foreign code: a crash is a finding
        return [], f"listing the checks crashed: {type(error).__name__}: {error}"


def _derivation(proof: Proof) -> list[Check]:
    if proof.derive is None:
        return []
    return [symbolic("derivation", proof.derive, method="the derivation gives the right-hand side symbolically")]


def _source_fault(proof: Proof) -> list[str]:
    try:
        paper(proof.claim.source.paper)
    except UnknownNameError as error:
        return [str(error)]
    return []


def _fault(check: Check, outcome: Outcome) -> str:
    """Why a check does not pass, in words."""
    if outcome.crash:
        return f"the check {check.name!r} crashed: {outcome.crash}"
    if not outcome.points:
        return f"the check {check.name!r} looked at no point that satisfies the assumptions"
    counts = f"{outcome.true} true, {outcome.false} false, {outcome.unknown} unknown"
    where = f", first at {outcome.worst}" if outcome.worst else ""
    why = f" ({outcome.reasons[0]})" if outcome.reasons else ""
    return f"the check {check.name!r} fails: {counts}{where}{why}"


def _own_status(proof: Proof, checks: list[Check]) -> str:
    """The status when everything passed."""
    if proof.derive is not None:
        return "proved"
    if any(c.kind == "symbolic" for c in checks):
        return "proved"
    if any(c.covers for c in checks):
        return "enclosed"
    if checks:
        return "checked"
    return "quoted" if proof.quoted else "open"


def examine(proof: Proof) -> Examination:
    """Run everything a proof file offers and compute the status of its claim.

    ``proved``: a derivation gives the statement symbolically, and every check passes.  ``enclosed``: balls cover the
    stated set.  ``checked``: digits or points.  ``quoted`` and ``open``: nothing was run.  ``failed``: something was
    false, unknown, vacuous, empty or crashed.
    """
    statement = proof.claim.statement
    listed, trouble = _listed(proof.checks)
    checks = _derivation(proof) + listed
    outcomes = [c.judge(statement) for c in checks]
    faults = [trouble] if trouble else []
    faults += [_fault(c, o) for c, o in zip(checks, outcomes, strict=True) if not o.passed]
    faults += _source_fault(proof)
    controlled = control(checks, statement) if checks and not faults else None
    faults += list(controlled.faults) if controlled else []
    if len(checks) == 1 and checks[0].kind == "symbolic":
        faults.append(f"the {checks[0].name} is the only route; add a check that shares nothing with it")
    printed = examine_printed(proof)
    faults += list(printed.faults) if printed else []
    status = "failed" if faults else _own_status(proof, checks)
    return Examination(proof, status, tuple(zip(checks, outcomes, strict=True)), controlled, printed, tuple(faults))
