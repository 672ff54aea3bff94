r"""A disc on which the map is proved analytic and close to the identity.

For the map :math:`w' = w M(w)` in the chart x = s w^(+-r) the function :math:`M^{\pm r}` is F divided by its leading
monomial, which needs no root.  :func:`find_disc` looks for a radius :math:`\rho` with

.. math:: S = \sup_{|z| = \rho} |M(z)^{\pm r} - 1| < 1,

by complex balls that cover the circle, cut where they are too wide; :class:`~derive.difference.near_point.germ.Germ`
proves on the way that :math:`M^{\pm r}` is analytic inside.  As :math:`M^{\pm r} - 1` vanishes to order k at 0, the
maximum principle gives

.. math:: |M(z)^{\pm r} - 1| \le S\,(|z|/\rho)^k, \qquad
          |\log M(z)| \le -\tfrac1r \log\bigl(1 - S (|z|/\rho)^k\bigr) \qquad (|z| \le \rho),

the only facts about the map that the bounds of :mod:`derive.difference.proofs.certified` use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from derive.difference.near_point.germ import Germ, Inconclusive
from derive.difference.near_point.small_variable import SmallVariable
from derive.difference.proofs.enclosure import Hopeless
from derive.errors import CertificationError, UnsupportedError

__all__ = ["Disc", "circle_bound", "find_disc"]

_BITS = 96
_WANTED = 0.6  # the largest S that is accepted
_ARCS = 16
_MOST_ARCS = 1500


@dataclass(frozen=True)
class Disc:
    """Radius and bound S, exact balls rounded to the safe side; ``arcs`` is how many balls covered the half circle."""

    radius: Any
    bound: Any
    k: int
    root: int
    arcs: int

    def log_bound(self, w: Any) -> Any:
        """An upper bound of |log M| on |z| <= w, for a ball w <= radius."""
        return (-(1 - self.bound * (w / self.radius) ** self.k).log() / self.root).upper()


def find_disc(germ: Germ, k: int, scale: float) -> Disc:
    """The largest disc found, of radius 2**i times ``scale``; CertificationError naming what failed if there is none.

    ``germ`` is that of F, ``k`` the exact order of contact.
    """
    from flint import ctx

    failure = ""
    with ctx.workprec(_BITS):
        powers = _powers(germ)
        for i in range(2, -60, -1):
            radius = _power_of_two_near(scale, i)
            try:
                bound, arcs = _bound_on_circle(germ, radius) if powers is None else (_sum_bound(powers, radius), 0)
            except (_Failed, CertificationError) as error:
                failure = str(error)
                continue
            return Disc(radius, bound, k, germ.chart.root, arcs)
    raise Hopeless(f"no disc about the fixed point was found on which the map is analytic: {failure}")


def _powers(germ: Germ) -> list[tuple[int, Any]] | None:
    """Exponents and coefficients (up to signs) of M**(+-r) - 1 in w, if F is a finite sum of powers of x."""
    import sympy as sp

    from derive.numerics import to_arb

    chart = germ.chart
    if not (chart.at_infinity or chart.point == 0):
        return None
    rows: dict[int, Any] = {}
    for term in sp.Add.make_args(germ.expr):
        coefficient, power = term.as_independent(germ.symbol, as_Add=False)
        base, exponent = power.as_base_exp() if power != 1 else (germ.symbol, sp.S.Zero)
        place = (exponent - 1) * chart.power
        if base != germ.symbol or not place.is_Integer:
            return None
        if chart.side < 0 and not exponent.is_Integer:
            return None
        rows[int(place)] = rows.get(int(place), 0) + to_arb(coefficient)
    rows[0] = rows.get(0, 0) - 1
    if min(rows) < 0 or not abs(rows[0]) < 1e-20:
        return None
    return [(i, c) for i, c in rows.items() if i > 0]


def _sum_bound(powers: list[tuple[int, Any]], radius: Any) -> Any:
    """sup |M**(+-r) - 1| by the triangle inequality."""
    total = sum((abs(c) * radius**i for i, c in powers), radius * 0)
    if not total.upper() < _WANTED:
        raise _Failed(f"|M - 1| is too large on the circle of radius {radius.str(3)}")
    return total.upper()


def _power_of_two_near(scale: float, i: int) -> Any:
    import math

    from flint import arb

    return arb(2) ** (round(math.log2(scale)) + i)


class _Failed(Exception):
    pass


def _bound_on_circle(germ: Germ, radius: Any) -> tuple[Any, int]:
    """sup |M**(+-r) - 1| over the circle, rounded up, and the number of arcs used."""
    _look_at_points(germ, radius)
    return _cover(germ, radius, lambda v, z: _distance(germ.chart, v, z), _WANTED)


def circle_bound(germ: Germ, radius: Any, order: int) -> Any:
    """sup |g| over the circle of that radius, None where g is not proved analytic inside up to a pole at 0.

    ``order`` is the order of g at 0; the arcs are cut until the bound is within a factor 4 of a value that g takes.
    """
    from flint import acb

    try:
        (sample,) = germ.on_circle([acb(radius)])
        size = abs(sample).upper()
        enough = 4 * size if size > 0 else size + 1
        return _cover(germ, radius, lambda v, z: abs(v), enough)[0]
    except (_Failed, Inconclusive, CertificationError, UnsupportedError):
        return None


def _cover(germ: Germ, radius: Any, size_of: Callable[[Any, Any], Any], wanted: Any) -> tuple[Any, int]:
    """The largest size over the upper half of the circle, below ``wanted``, and the number of arcs used."""
    pieces = [(i, _ARCS) for i in range(_ARCS)]
    best: Any = None
    used = 0
    while pieces:
        if used + len(pieces) > _MOST_ARCS:
            raise _Failed(f"more than {_MOST_ARCS} arcs of the circle of radius {radius.str(3)} are needed")
        arcs = [_arc(radius, *piece) for piece in pieces]
        try:
            sizes = [size_of(v, z) for v, z in zip(germ.on_circle(arcs), arcs, strict=True)]
        except Inconclusive as error:
            if any(pieces[i][1] > 1024 for i in error.arcs):
                raise _Failed(f"it was not seen that {error.what} (radius {radius.str(3)})") from None
            cut = set(error.arcs)
            pieces = [q for i, p in enumerate(pieces) for q in (_halves(p) if i in cut else [p])]
            continue
        again = []
        for piece, size in zip(pieces, sizes, strict=True):
            if size.is_finite() and size.upper() < wanted:
                best = size.upper() if best is None else best.max(size.upper())
                used += 1
            elif (size.is_finite() and size.lower() > wanted) or piece[1] > 1024:
                raise _Failed(f"a bound fails on the circle of radius {radius.str(3)}")
            else:
                again += _halves(piece)
        pieces = again
    return best.upper(), used


def _look_at_points(germ: Germ, radius: Any) -> None:
    """Reject a radius cheaply, by a few points of the circle."""
    from flint import acb, arb

    points = [acb((arb(i) / 8).cos_pi(), (arb(i) / 8).sin_pi()) * radius for i in range(9)]
    try:
        values = germ.on_circle(points)
    except Inconclusive as error:
        raise _Failed(f"it was not seen that {error.what} (radius {radius.str(3)})") from None
    if any(not _distance(germ.chart, v, z) < _WANTED for v, z in zip(values, points, strict=True)):
        raise _Failed(f"|M - 1| is too large on the circle of radius {radius.str(3)}")


def _arc(radius: Any, i: int, n: int) -> Any:
    """A complex ball around the arc of angles pi [i, i + 1]/n."""
    from flint import acb, arb

    angle = arb(2 * i + 1, 1) / (2 * n)
    return acb(angle.cos_pi(), angle.sin_pi()) * radius


def _halves(piece: tuple[int, int]) -> list[tuple[int, int]]:
    i, n = piece
    return [(2 * i, 2 * n), (2 * i + 1, 2 * n)]


def _distance(chart: SmallVariable, image: Any, z: Any) -> Any:
    """|M**(+-r) - 1| at z, given F."""
    from derive.numerics import to_arb

    gap = image if chart.at_infinity else image - to_arb(chart.point)
    return abs(gap * z ** (-chart.power) * chart.side - 1)
