"""What a check found: one verdict for each point it looked at, and their tally.

A verdict is true, false or unknown.  Unknown is not false and it is never a pass; a tally of no verdicts at all is a
failure, not a pass.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from derive.errors import CertificationError, PrecisionError, Undecided

__all__ = ["Outcome", "Verdict", "tally"]


@dataclass(frozen=True)
class Verdict:
    """The answer at one point: ``value`` is ``True``, ``False`` or ``None`` for unknown.

    ``point`` is the point in exact text; ``digits`` the digits on which two routes agree there, rounded down;
    ``ball`` an outward-rounded decimal enclosure; ``reason`` says how the answer was reached or why it was not.
    """

    value: bool | None
    point: str = ""
    digits: int | None = None
    ball: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Outcome:
    """The tally of a check: how many points were true, false and unknown, and what is worth recording of them."""

    true: int = 0
    false: int = 0
    unknown: int = 0
    digits: int | None = None
    worst: str = ""
    balls: tuple[tuple[str, str], ...] = ()
    reasons: tuple[str, ...] = ()
    crash: str = ""

    @property
    def points(self) -> int:
        """How many points had an answer of any kind."""
        return self.true + self.false + self.unknown

    @property
    def passed(self) -> bool:
        """Every point true, at least one point, nothing unknown, no crash."""
        return self.true > 0 and not self.false and not self.unknown and not self.crash

    @property
    def refuted(self) -> bool:
        """At least one point is certainly false, and the check did not crash."""
        return self.false > 0 and not self.crash


def _worst(verdicts: list[Verdict]) -> str:
    """The first point that is not true; otherwise nothing (a passing check has no worst point worth a record)."""
    bad = [v for v in verdicts if v.value is False] or [v for v in verdicts if v.value is None]
    return bad[0].point if bad else ""


def _summary(verdicts: list[Verdict], crash: str) -> Outcome:
    digits = [v.digits for v in verdicts if v.digits is not None]
    reasons = dict.fromkeys(v.reason for v in verdicts if v.reason)
    return Outcome(
        true=sum(v.value is True for v in verdicts),
        false=sum(v.value is False for v in verdicts),
        unknown=sum(v.value is None for v in verdicts),
        digits=min(digits) if digits else None,
        worst=_worst(verdicts),
        balls=tuple((v.point, v.ball) for v in verdicts if v.ball is not None),
        reasons=tuple(reasons),
        crash=crash,
    )


def tally(verdicts: Iterable[Verdict], *, stop_when_false: bool = False) -> Outcome:
    """Draw the verdicts one by one and count them.

    An answer that cannot be decided (overlapping balls, precision that runs out, a side condition of an enclosure that
    cannot be shown) counts as one unknown point and ends the count.  Any other exception is recorded as a crash: the
    outcome then neither passes nor refutes.  With ``stop_when_false`` the count ends at the first false verdict.
    """
    seen: list[Verdict] = []
    crash = ""
    try:
        for verdict in verdicts:
            seen.append(verdict)
            if stop_when_false and verdict.value is False:
                break
    except (Undecided, PrecisionError, CertificationError) as error:
        seen.append(Verdict(None, reason=f"{type(error).__name__}: {error}"))
    except Exception as error:  # a check is foreign code: whatever it raises is a finding, and the run goes on
        crash = f"{type(error).__name__}: {error}"
    return _summary(seen, crash)
