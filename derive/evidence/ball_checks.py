"""Checks in ball arithmetic: an enclosure of the quantity, and an inequality shown on a whole set.

Balls decide for certain or not at all.  An enclosure may be right and useless, so every check states how narrow its
balls have to be, and a ball that is wider leaves the point unknown.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp

from derive.errors import InputError
from derive.evidence.check import Check
from derive.evidence.exact_checks import Sight
from derive.evidence.outcome import Verdict
from derive.evidence.points import Point, effective_points, exact_point, point_text

__all__ = ["covering", "enclosure"]

BallRoute = Callable[[Point, int], Any]
Box = dict[sp.Symbol, tuple[Fraction, Fraction]]


def _arb(value: Any) -> Any:
    return getattr(value, "arb", value)


def _rhs_ball(statement: sp.Basic, point: Point, bits: int) -> Any:
    """The right-hand side as a ball; the point's exact numbers are put in as balls."""
    from derive.numerics.compile import compile_ball, to_arb

    symbols = sorted(statement.rhs.free_symbols, key=lambda s: s.name)  # type: ignore[attr-defined]
    missing = [s.name for s in symbols if s not in point]
    if missing:
        raise InputError(f"the point {point_text(point)} leaves {', '.join(missing)} without a value")
    return compile_ball(statement.rhs, symbols)(*(to_arb(point[s]) for s in symbols))  # type: ignore[attr-defined]


def _is_narrow(ball: Any, radius: Fraction) -> bool:
    """Whether a ball's radius is at most ``radius`` times its smallest absolute value (or absolutely, around zero)."""
    from derive.numerics import Ball

    low, high = Ball.from_arb(ball).bounds()
    scale = min(abs(low), abs(high)) if low * high > 0 else Fraction(1)
    return (high - low) / 2 <= radius * scale


def _agrees(quantity: Any, formula: Any, within: Fraction) -> bool | None:
    """Is the formula's ball inside the quantity's ball (or certainly within the tolerance), disjoint, or neither?"""
    from derive.numerics.compile import to_arb

    if within == 0:
        if quantity.contains(formula):
            return True
        return None if quantity.overlaps(formula) else False
    gap, tolerance = abs(quantity - formula), to_arb(sp.Rational(within.numerator, within.denominator))
    if gap <= tolerance:
        return True
    return False if gap > tolerance else None


def _significant(radius: Fraction) -> int:
    """How many decimal digits a relative radius stands for."""
    digits = 0
    while radius * 10 ** (digits + 1) <= 1:
        digits += 1
    return max(digits, 1)


def enclosure(
    name: str,
    ball: BallRoute,
    points: Iterable[Mapping[sp.Symbol, Any]] = ({},),
    *,
    radius: Fraction | sp.Rational,
    bits: int = 128,
    method: str,
    within: Fraction | sp.Rational | int = 0,
    formula: Callable[[sp.Basic, Point, int], Any] = _rhs_ball,
    sees: Sight | None = None,
) -> Check:
    """A proven ball around the quantity contains the statement's right-hand side, and is narrow.

    ``ball(point, bits)`` encloses the left-hand side by a rigorous route; ``radius`` is the largest relative radius
    that counts.  ``formula(statement, point, bits)`` encloses the right-hand side; by default it is compiled to
    balls, at 64 bits more.  True where the quantity's ball contains the formula's; false where they are disjoint;
    otherwise unknown. With ``within`` the statement is one of rounded numbers: true where the two are certainly no
    further apart.

    A statement about one number (no free symbols on the right, one point) is covered completely; elsewhere the balls
    stand at points.
    """
    places = effective_points(points)
    limit, tolerance = _fraction(radius), _fraction(within)

    def verdicts(statement: sp.Basic) -> Iterator[Verdict]:
        from flint import ctx

        from derive.numerics import Ball

        for point in places:
            with ctx.workprec(bits):
                found = _arb(ball(point, bits))
            if not found.is_finite() or not _is_narrow(found, limit):
                yield Verdict(None, point_text(point), reason="the enclosure is wider than the stated radius")
                continue
            with ctx.workprec(bits + 64):
                stated = _arb(formula(statement, point, bits + 64))
                value = _agrees(found, stated, tolerance) if stated.is_finite() else False
            places_known = _significant(limit)
            text = Ball.from_arb(found).to_decimal(places_known)
            yield Verdict(value, point_text(point), places_known if value else 0, text)

    covers = "the number itself" if places == [{}] else ""
    return Check(name, "enclosure", method, verdicts, sees=sees, covers=covers)


def _fraction(value: Any) -> Fraction:
    number = exact_point({sp.Symbol("tolerance"): value})[sp.Symbol("tolerance")]
    if not number.is_Rational:
        raise InputError(f"the radius or tolerance {value} is not rational; give a Fraction or a Rational")
    return Fraction(int(number.p), int(number.q))


def _box_balls(box: Box) -> dict[sp.Symbol, Any]:
    """Balls that contain the intervals of a box, at flint's current precision."""
    from derive.numerics.compile import to_arb

    def interval(low: Fraction, high: Fraction) -> Any:
        a, b = (to_arb(sp.Rational(x.numerator, x.denominator)) for x in (low, high))
        return a.union(b)

    return {s: interval(*ends) for s, ends in box.items()}


def _halves(box: Box, whole: Box) -> list[Box]:
    """The box cut across the side that is longest relative to the whole."""

    def length(s: sp.Symbol) -> Fraction:
        return (box[s][1] - box[s][0]) / (whole[s][1] - whole[s][0])

    widest = max(box, key=lambda s: (length(s), s.name))
    low, high = box[widest]
    middle = (low + high) / 2
    return [{**box, widest: (low, middle)}, {**box, widest: (middle, high)}]


def _box_text(box: Mapping[sp.Symbol, tuple[Fraction, Fraction]]) -> str:
    return ", ".join(f"{low} <= {s.name} <= {high}" for s, (low, high) in sorted(box.items(), key=lambda i: i[0].name))


def covering(
    name: str,
    test: Callable[[sp.Basic, Mapping[sp.Symbol, Any]], bool | None],
    domain: Mapping[sp.Symbol, tuple[Any, Any]],
    *,
    method: str,
    bits: int = 128,
    most_boxes: int = 20_000,
    covers: bool = True,
    sees: Sight | None = None,
) -> Check:
    """A statement shown on a whole bounded set, by cutting the set into boxes until each box is decided.

    ``test(statement, balls)`` gets one ball per symbol, which contains the box, and answers ``True`` when the statement
    certainly holds on all of it, ``False`` when it certainly fails somewhere in it, and ``None`` otherwise; then the
    box is halved.  The boxes cover the set by construction.  More than ``most_boxes`` boxes leave the answer unknown.
     An unbounded set has to be mapped to a bounded one first (x = t/(1 - t), say).  ``covers=False`` says that the
     set is
    only a part of the claim's domain.
    """
    whole: Box = {s: (_fraction(low), _fraction(high)) for s, (low, high) in domain.items()}
    if not whole or any(low >= high for low, high in whole.values()):
        raise InputError(f"the set {_box_text(whole)} is empty; give each symbol an interval (low, high)")

    def verdicts(statement: sp.Basic) -> Iterator[Verdict]:
        from flint import ctx

        left, seen = deque([whole]), 0  # large boxes first: one that fails is then found before the hard ones
        while left:
            box, seen = left.popleft(), seen + 1
            if seen > most_boxes:
                yield Verdict(None, _box_text(box), reason=f"undecided after {most_boxes} boxes")
                return
            with ctx.workprec(bits):
                answer = test(statement, _box_balls(box))
            if answer is False:
                yield Verdict(False, _box_text(box))
                return
            if answer is None:
                left += _halves(box, whole)
        yield Verdict(True, _box_text(whole))

    return Check(name, "enclosure", method, verdicts, sees=sees, covers=_box_text(whole) if covers else "")
