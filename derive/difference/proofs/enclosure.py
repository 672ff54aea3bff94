"""A ball with the list of what was shown to get it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import Any

from derive.errors import CertificationError
from derive.numerics import Ball

__all__ = ["Condition", "Enclosure", "Hopeless", "settled"]


class Hopeless(CertificationError):
    """A condition that more steps or more terms cannot mend: for those who retry; others see a CertificationError."""


def settled(function: Any) -> Any:
    """The function, with :class:`Hopeless` turned into the CertificationError that its callers know."""

    @wraps(function)
    def run(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except Hopeless as error:
            raise CertificationError(str(error)) from error.__cause__

    return run


@dataclass(frozen=True)
class Condition:
    """One side condition: what is asserted, and the ball evidence that shows it."""

    statement: str
    evidence: str

    def __str__(self) -> str:
        return f"{self.statement}: {self.evidence}"


class Enclosure(Ball):
    """A :class:`~derive.numerics.ball.Ball` that knows what it encloses and which side conditions were proved.

    ``quantity`` names the number, ``conditions`` are the facts that were checked in ball arithmetic; together with the
    theorem in :mod:`derive.difference.proofs.certified` they prove that the number lies in the ball.  Arithmetic gives
    plain balls.
    """

    __slots__ = ("conditions", "quantity")

    quantity: str
    conditions: tuple[Condition, ...]

    @classmethod
    def of(cls, quantity: str, ball: Any, conditions: tuple[Condition, ...]) -> Enclosure:
        """An enclosure from a python-flint ball."""
        new: Any = cls.from_arb(ball)
        object.__setattr__(new, "quantity", quantity)
        object.__setattr__(new, "conditions", conditions)
        return new

    @property
    def ball(self) -> Ball:
        """The ball alone."""
        return Ball.from_arb(self.arb)

    def report(self) -> str:
        """The quantity, the ball and every side condition, as text."""
        rows = [f"{self.quantity} = {self}"] + [f"  {i}. {c}" for i, c in enumerate(self.conditions, 1)]
        return "\n".join(rows)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self.ball, self.quantity, self.conditions)


def _rebuild(ball: Ball, quantity: str, conditions: tuple[Condition, ...]) -> Enclosure:
    return Enclosure.of(quantity, ball.arb, conditions)
