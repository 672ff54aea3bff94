r"""Branch and bound: where on [q_lo, q_hi] can D = E phi'^2 be largest among the critical variances F >= 0?

A box is dropped when F < 0 on all of it (not critical), or when D stays below a value that is attained at a point with
F > 0 (not the largest).  What is left is joined into clusters and cut until it is as narrow as asked.  Every box comes
from the same list, so the boxes that were dropped and the clusters cover the interval.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from flint import arb, ctx

from derive.errors import CertificationError
from derive.networks.critical.means import Moments, middle

__all__ = ["Search", "search"]

_BITS = 64
_MOST_BOXES = 4000


@dataclass
class Search:
    """What branch and bound found: the attained value ``best`` with its q, the clusters left, and counts."""

    best: Any
    best_q: Any
    clusters: list[tuple[Any, Any]] = field(default_factory=list)
    infeasible: int = 0
    worse: int = 0

    def improve(self, moments: Moments, q: Any) -> None:
        """Take q as the best point so far if it is certainly critical and certainly better."""
        if moments.value("F", 0, q, _BITS) > 0:
            low = moments.value("D", 0, q, _BITS).lower()
            if self.best is None or low > self.best:
                self.best, self.best_q = low, q


def search(moments: Moments, ends: tuple[Any, Any], best: Any, best_q: Any, width: float) -> Search:
    """Drop what cannot hold the maximum; clusters narrower than about ``width`` in log q remain.

    ``best`` is a certain lower bound of the maximum, attained at ``best_q`` (None where none is known yet).
    """
    found = Search(best, best_q)
    boxes, kept, seen = deque(_octaves(*ends)), [], 0
    while boxes:
        box, seen = boxes.popleft(), seen + 1
        if seen > _MOST_BOXES:
            raise CertificationError(
                f"the weight variance of {moments.phi} is undecided after {_MOST_BOXES} boxes of q, near "
                f"q = {float(box[0].mid()):.6g}; there chi_1 = 1 may touch sigma_b2 = 0 or be flat"
            )
        with ctx.workprec(_BITS):
            verdict = _verdict(moments, box, found)
            if verdict is not None:
                continue
            m = middle(*box)
            found.improve(moments, m)
            if (box[1] / box[0]).log() < width:
                kept.append(box)
            else:
                boxes += [(box[0], m), (m, box[1])]
    left = [box for box in kept if _verdict(moments, box, found) is None]
    found.clusters = _joined(left)
    return found


def _octaves(low: Any, high: Any) -> list[tuple[Any, Any]]:
    boxes, a = [], low
    while a < high:
        b = 2 * a if 2 * a < high else high
        boxes.append((a, b))
        a = b
    return boxes


def _verdict(moments: Moments, box: tuple[Any, Any], found: Search) -> str | None:
    if moments.enclose("F", 0, box, _BITS) < 0:
        found.infeasible += 1
        return "infeasible"
    if found.best is not None and moments.enclose("D", 0, box, _BITS) < found.best:
        found.worse += 1
        return "worse"
    return None


def _joined(boxes: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Boxes that touch, as one interval."""
    clusters: list[tuple[Any, Any]] = []
    for a, b in sorted(boxes, key=lambda box: float(box[0].mid())):
        if clusters and not a > clusters[-1][1]:
            clusters[-1] = (clusters[-1][0], b)
        else:
            clusters.append((a, b))
    return clusters


def start_value(moments: Moments) -> tuple[Any, Any]:
    """The best value on a coarse grid of points that are certainly critical (None, None where there is none)."""
    found = Search(None, None)
    for j in range(-12, 33):
        with ctx.workprec(_BITS):
            found.improve(moments, arb(2) ** (j // 2) * (arb(3) / 2 if j % 2 else 1))
    return found.best, found.best_q
