r"""All fixed points of the length map, isolated with a proof.

The map is :math:`Q(q) = A\,V(q) + B`.  Write :math:`s = \log q` and :math:`F(s) = Q - q`.  The Gaussian density of
variance q obeys, with :math:`y = x^2/q`,

.. math:: \partial_s \rho = \tfrac12 (y - 1)\,\rho, \qquad \partial_s^2 \rho = \tfrac14 (y^2 - 4y + 1)\,\rho ,

and :math:`|y^2-4y+1|\,e^{-y/4}` is largest at :math:`y = 6 + \sqrt{19}`.  Since
:math:`\rho_q(x) = \sqrt2\,e^{-y/4}\rho_{2q}(x)` and :math:`\varphi^2 \ge 0`,

.. math:: |V_{ss}(q)| \le K\,V(2q), \qquad K = \tfrac{\sqrt2}{4} \max_y |y^2-4y+1|\,e^{-y/4} ,

whatever the activation (no derivative of it is needed), and :math:`V(2q) \le \sqrt{b/a}\;V(2b)` on :math:`[a, b]` for
the same reason.  So a cell of length h in s has no root if :math:`\min|F(\text{ends})| > h^2 M/8` with equal signs,
and at most one if the secant slope exceeds :math:`h M/2`, where :math:`M = A K \sqrt{b/a}\,V(2b) + b`.  Other cells are
halved.  :mod:`derive.networks.feedforward.ends` treats the neighbourhoods of 0 and of infinity.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from flint import arb, ctx

from derive.errors import PrecisionError

__all__ = ["Bracket", "curvature_constant", "isolate", "remembered", "slope_constant"]

BITS = 80
_LEAST_CELL = 2.0**-34
_MOST_CELLS = 6000


@dataclass(frozen=True)
class Bracket:
    """An interval with exactly one root of F; ``falling`` where F changes from + to - (|Q'| may still exceed 1)."""

    low: Any
    high: Any
    falling: bool


@lru_cache(maxsize=1)
def curvature_constant() -> Any:
    """K of the module docstring, as a ball."""
    with ctx.workprec(BITS):
        y = 6 + arb(19).sqrt()
        other = 6 - arb(19).sqrt()
        peaks = [abs(t * t - 4 * t + 1) * (-t / 4).exp() for t in (arb(0), y, other)]
        largest = max(peaks, key=float)
        return arb(2).sqrt() / 4 * largest


@lru_cache(maxsize=1)
def slope_constant() -> Any:
    r"""The same for the first derivative: |f_s(q)| <= K_1 f(2q) for means f of something that is not negative."""
    with ctx.workprec(BITS):
        # |y - 1| e^{-y/4}/2 is largest at y = 5 (and 1/2 at y = 0)
        return arb(2).sqrt() * 2 * (-arb(5) / 4).exp()


def remembered(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function of exact points, its values kept."""
    known: dict[tuple[int, int], Any] = {}

    def value(q: Any) -> Any:
        mantissa, exponent = q.mid().man_exp()
        key = int(mantissa), int(exponent)
        if key not in known:
            known[key] = function(q)
        return known[key]

    return value


def isolate(value: Callable[[Any], Any], bend: Callable[[Any, Any], Any], low: Any, high: Any) -> list[Bracket]:
    """Brackets of all roots of ``value`` in [low, high], from left to right.

    ``value(q)`` is a ball of F at an exact point, ``bend(a, b)`` a bound of |F_ss| on [a, b].  Raises
    :class:`~derive.errors.PrecisionError` where two roots are too close to be told apart.
    """
    with ctx.workprec(BITS):
        value = remembered(value)
        points = _grid(arb(low.mid()), arb(high.mid()))
        brackets: list[Bracket] = []
        stack, done = list(pairwise(points))[::-1], 0
        while stack:
            a, b = stack.pop()
            done += 1
            if done > _MOST_CELLS:
                raise PrecisionError(
                    f"near q = {float(a.mid()):.10g} the two sides nearly agree over a wide range of q: more than "
                    f"{_MOST_CELLS} cells would be needed; move sigma_w2 or sigma_b2 a little"
                )
            verdict = _cell(value, bend, a, b)
            if verdict is None:
                if float((b / a).log().mid()) < _LEAST_CELL:
                    raise PrecisionError(
                        f"near q = {float(a.mid()):.10g} two solutions merge or nearly do (chi_q = 1 there, for fixed "
                        "points): they cannot be told apart; move sigma_w2 or sigma_b2 a little"
                    )
                # not the middle: a root that lies there would be met again and again
                middle = arb((a * (b / a) ** 0.4618).mid())
                stack += [(middle, b), (a, middle)]
            elif verdict:
                brackets.append(Bracket(a, b, bool(value(a) > 0)))
        return brackets


def _cell(value: Callable[[Any], Any], bend: Callable[[Any, Any], Any], a: Any, b: Any) -> bool | None:
    """Whether the cell holds one root (True), none (False), or is undecided (None)."""
    left, right = value(a), value(b)
    signs = [1 if f > 0 else -1 if f < 0 else 0 for f in (left, right)]
    if 0 in signs:
        return None
    h = (b / a).log()
    bound = bend(a, b)
    if signs[0] == signs[1]:
        nearest = min(abs(left).lower(), abs(right).lower())
        return False if nearest > h * h * bound / 8 else None
    return True if abs(right - left) / h > h * bound / 2 else None


def _grid(low: Any, high: Any) -> list[Any]:
    """Cells of about a factor 2; the ends are kept exactly."""
    n = max(1, int(float((high / low).log().mid()) / 0.7) + 1)
    step = ((high / low).log() / n).exp()
    points, at = [low], low
    for _ in range(n - 1):
        at = arb((at * step).mid())
        points.append(arb((at * 1.0073).mid()))  # off the round numbers at which roots like to lie
    return [*points, high]
