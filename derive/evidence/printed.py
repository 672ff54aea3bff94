"""The printed form of a claim: confirmed, true under a condition, or refuted, as its own checks say."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from derive.evidence.check import Check
from derive.evidence.control import control
from derive.evidence.outcome import Outcome
from derive.evidence.proof import Proof

__all__ = ["PrintedFinding", "examine_printed"]


@dataclass(frozen=True)
class PrintedFinding:
    """The status of a printed form (``confirmed``, ``conditional``, ``refuted`` or ``failed``) and what showed it."""

    status: str
    checks: tuple[tuple[Check, Outcome], ...] = ()
    faults: tuple[str, ...] = ()


def _truth(proof: Proof, check: Check) -> sp.Basic:
    return proof.claim.statement if check.truth is None else check.truth


def _excluding(proof: Proof, pairs: list[tuple[Check, Outcome]]) -> list[str]:
    """Faults of the checks that exclude a print: each must do so for certain, and must accept the claim itself."""
    faults = []
    for check, outcome in pairs:
        if not (outcome.refuted and check.rigorous):
            faults.append(f"the printed form is not excluded by {check.name!r}")
        elif not check.judge(_truth(proof, check)).passed:
            faults.append(f"{check.name!r} excludes the printed form but does not accept what is true there either")
    return faults


def _supporting(statement: sp.Basic, pairs: list[tuple[Check, Outcome]]) -> list[str]:
    """Faults of the checks that support a print: each must pass and survive the negative control."""
    faults = [f"the printed form is not supported by {c.name!r}" for c, o in pairs if not o.passed]
    if not faults:
        faults += list(control([c for c, _ in pairs], statement).faults)
    return faults


def _status(proof: Proof, pairs: list[tuple[Check, Outcome]]) -> tuple[str, list[str]]:
    printed = proof.claim.printed
    assert printed is not None
    if printed.statement is None:
        return "failed", ["the printed sentence has to be put as a relation (a symbol and its value, say) to be judged"]
    if not pairs:
        return "failed", ["the printed form is judged by no check"]
    beyond = [p for p in pairs if p[0].where == "outside"]
    within = [p for p in pairs if p[0].where == "condition"]
    if bool(beyond and within) != bool(printed.condition):
        return "failed", ["a printed form with a condition needs checks under it and outside it, and only such a form"]
    if printed.condition:
        return "conditional", _supporting(printed.statement, within) + _excluding(proof, beyond)
    if any(o.refuted for _, o in pairs):
        return "refuted", _excluding(proof, pairs)
    return "confirmed", _supporting(printed.statement, pairs)


def examine_printed(proof: Proof) -> PrintedFinding | None:
    """Judge the printed form of a claim; ``None`` where the claim carries none.

    A refutation needs a ball or an exact case that is false for the print and true for the claim.  A confirmation needs
    checks that all pass and refuse small mistakes in the print.  A printed form with a condition needs both: support
    under the condition and exclusion outside it.
    """
    printed = proof.claim.printed
    if printed is None:
        return None
    try:
        checks = list(proof.printed_checks()) if proof.printed_checks else []
    except Exception as error:  # foreign code: a crash is a finding
        return PrintedFinding("failed", (), (f"listing the printed checks crashed: {type(error).__name__}: {error}",))
    pairs = [(c, c.judge(printed.statement)) for c in checks] if printed.statement is not None else []
    status, faults = _status(proof, pairs)
    crashes = [f"the check {c.name!r} crashed: {o.crash}" for c, o in pairs if o.crash]
    faults = crashes + faults
    return PrintedFinding("failed" if faults else status, tuple(pairs), tuple(faults))
