r"""A disc on which a map of the geometric or doubly geometric class is proved analytic and contracting.

In the chart :math:`x = x_* + s\,w^{p}` (p = r, or -r at infinity) write :math:`s\,(F - x_*) = G\,w^{dp} u(w)` with
:math:`u(0) = 1`; then :math:`w' = a w^d u(w)^{1/p}` with :math:`a^p = G`.  :func:`find_disc` looks for a radius
:math:`\rho` with

.. math:: \delta = \sup_{|w|=\rho} |u(w) - 1| < 1, \qquad |a|\rho^{d-1}\,\Delta < 1,
          \qquad \Delta = \max(1+\delta, 1/(1-\delta))^{1/|p|} .

:class:`~derive.difference.near_point.germ.Germ` proves on the way that u is analytic inside, and the maximum
principle carries :math:`|u - 1| \le \delta` there: u has no zero, its root is analytic, and w' lies in the disc of
radius :math:`S = |a|\rho^d\Delta < \rho`.  By Schwarz's lemma :math:`|w'| \le \kappa |w|` with :math:`\kappa = S/\rho`.
In the geometric class at a finite point (r = 1) the bound :math:`S = \sup |w'|` itself is used where it is enough.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from derive.difference.near_point.germ import Germ, Inconclusive
from derive.difference.proofs.disc import _cover, _Failed
from derive.difference.proofs.enclosure import Condition, Hopeless
from derive.difference.series import powerseries as ps
from derive.difference.series.magnitude import log10_upper
from derive.errors import CertificationError, UnsupportedError

if TYPE_CHECKING:
    from derive.difference.classes.straight_map import StraightMap

__all__ = ["ContractingDisc", "find_disc"]

_BITS = 96
_LARGEST_DELTA = 0.6
_UP, _DOWN = 3, 60


@dataclass(frozen=True)
class ContractingDisc:
    """``radius`` rho, ``image`` S, ``log_unit`` an upper bound of |log u**(1/p)| (doubly geometric class only)."""

    radius: Any
    image: Any
    log_unit: Any
    condition: Condition

    @property
    def kappa(self) -> Any:
        """|w'| <= kappa |w|."""
        return (self.image / self.radius).upper()


def find_disc(what: StraightMap) -> ContractingDisc:
    """The largest disc found; Hopeless where there is none."""
    from flint import ctx

    F, chart = what.recurrence.F, what.chart
    germ = Germ(F if chart.at_infinity else F - chart.point, what.recurrence.x, chart)
    with ctx.workprec(_BITS):
        for radius in _radii(what):
            found = _try_image(what, germ, radius) if what.degree == chart.power == 1 else None
            found = found or _try_unit(what, germ, radius)
            if found is not None:
                return found
    raise Hopeless(f"no disc about the point was found in which {what.recurrence} is proved to be a contraction")


def _radii(what: StraightMap) -> list[Any]:
    from flint import arb

    series = what.straight(16, 128).forward
    scale = min((-log10_upper(c) / (j - 1) for j, c in enumerate(series) if j > 1 and not ps.is_zero(c)), default=0.0)
    start = round(scale * math.log2(10))
    return [arb(2) ** i for i in range(start + _UP, start - _DOWN, -1)]


def _circle_sup(germ: Germ, radius: Any, size_of: Callable[[Any, Any], Any], wanted: Any) -> Any:
    """The supremum of ``size_of(value, z)`` over the circle if it is proved to be below ``wanted``, else None."""
    from flint import acb

    try:
        (sample,) = germ.on_circle([acb(radius)])
        if not size_of(sample, acb(radius)) < wanted:
            return None
        return _cover(germ, radius, size_of, wanted)[0]
    except (_Failed, Inconclusive, CertificationError, UnsupportedError):
        return None


def _try_image(what: StraightMap, germ: Germ, radius: Any) -> ContractingDisc | None:
    """|w'| on the circle, halfway between the multiplier and 1."""
    goal = (1 + abs(what.multiplier()).upper()) / 2
    image = _circle_sup(germ, radius, lambda v, z: abs(v), (goal * radius).lower())
    return None if image is None else _disc(what, radius, image.upper(), None)


def _try_unit(what: StraightMap, germ: Germ, radius: Any) -> ContractingDisc | None:
    """|u - 1| on the circle."""
    chart, d = what.chart, what.degree
    a = what.multiplier()
    lead, order = a**chart.power * chart.side, d * chart.power
    goal = radius if d > 1 else radius * (1 + abs(a).upper()) / 2
    wanted = (1 - (abs(a) * radius**d / goal) ** abs(chart.power)).lower().min(_LARGEST_DELTA)
    if not wanted > 0:
        return None
    delta = _circle_sup(germ, radius, lambda v, z: abs(v * z ** (-order) / lead - 1), wanted)
    if delta is None:
        return None
    log_unit = (-(1 - delta).log() / abs(chart.power)).upper()
    image = (abs(a) * radius**d * log_unit.exp()).upper()
    return _disc(what, radius, image, log_unit) if image < radius else None


def _disc(what: StraightMap, radius: Any, image: Any, log_unit: Any) -> ContractingDisc:
    kappa = (image / radius).upper()
    said = Condition(
        f"the map in {what.chart} is analytic for |w| <= {radius.str(5, radius=False)}, and |w'| <= kappa |w|",
        f"kappa <= {kappa.str(8, radius=False)}",
    )
    return ContractingDisc(radius, image, log_unit, said)
