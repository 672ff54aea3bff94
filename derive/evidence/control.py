"""The negative control of a set of checks: every check has to refuse the statements that are wrong by one mistake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from derive.evidence.check import Check
from derive.evidence.outcome import Outcome
from derive.evidence.perturb import Perturbation, perturbations

__all__ = ["Control", "control"]


@dataclass(frozen=True)
class Control:
    """What the control found.

    ``mistakes`` wrong statements were tried (``identical`` candidates changed nothing and were left away);
    ``refused[i]`` of the ``in_sight[i]`` that concern the i-th check were refused by it; ``faults`` lists every
    way in which the control failed, in words.
    """

    mistakes: int
    identical: int
    in_sight: tuple[int, ...]
    refused: tuple[int, ...]
    faults: tuple[str, ...]


def _sight(check: Check, statement: sp.Basic, mistake: Perturbation) -> bool:
    try:
        return check.in_sight(statement, mistake.statement)
    except Exception:  # a check that cannot say what it sees has to see everything
        return True


def _vacuous(check: Check, mistake: Perturbation, outcome: Outcome) -> str:
    """In words: a check did not refuse a mistake, and what it answered instead."""
    passed = "it passes" if outcome.passed else "it finds no answer"
    answer = f"it crashes with {outcome.crash}" if outcome.crash else passed
    return f"vacuous check {check.name!r}: {answer} for the statement with {mistake.what}"


def control(checks: Sequence[Check], statement: sp.Basic) -> Control:
    """Hand every check the wrong statements made from a right one.

    A check is vacuous when it fails to refuse a mistake within its sight, or when nothing is within its sight.  Every
    mistake has to be refused by at least one check.  Refusing means a false verdict: an unknown one or a crash is not
    enough.
    """
    mistakes, identical = perturbations(statement)
    sight = [[_sight(c, statement, m) for m in mistakes] for c in checks]
    answers = [
        [c.judge(m.statement, stop_when_false=True) if seen else None for m, seen in zip(mistakes, row, strict=True)]
        for c, row in zip(checks, sight, strict=True)
    ]
    refused = [[answer is not None and answer.refuted for answer in row] for row in answers]
    faults = []
    for c, row in zip(checks, answers, strict=True):
        accepted = [(m, o) for m, o in zip(mistakes, row, strict=True) if o is not None and not o.refuted]
        if accepted:
            faults.append(_vacuous(c, *accepted[0]))
        elif not any(row):
            faults.append(f"vacuous check {c.name!r}: no mistake in the statement concerns it")
    for k, m in enumerate(mistakes):
        if not any(row[k] for row in refused):
            faults.append(f"no check refuses the statement with {m.what}")
    if not mistakes:
        faults.append("no mistake could be made in the statement, so the checks are not controlled")
    return Control(
        len(mistakes),
        identical,
        tuple(sum(row) for row in sight),
        tuple(sum(row) for row in refused),
        tuple(faults),
    )
