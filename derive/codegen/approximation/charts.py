r"""Coordinates of (q, q - |lam|) in which tables are smooth, as operations of generated code.

:class:`Rectangle` has :math:`y=(q+k)^{-1/2}` and :math:`w = y\,\sqrt{v+k}`, for parts that are smooth at 0 and start
like x or x^2, so that nothing special happens at q = 0; beside w stands :math:`y_b=(v+k)^{-1/2}`, or, ``rooted``,
:math:`b=\sqrt{v/k}` below 1 and 1/b above, in which the roots of v that kinks make are smooth too.

:class:`Pentagon` serves every other part.  There the domain has five sides: q = 0 with c anywhere (a kink at 0, or
x^3), v = 0, q = infinity with v anywhere, v = q = infinity, and lam = 0.  With :math:`a=\sqrt{q/q_0}` and
:math:`b=\sqrt{v/q_0}` three rectangles cover it,

.. math:: (a, b/a)\ \text{for}\ a<1,\qquad (b, 1/a)\ \text{for}\ b<1\le a,\qquad (1/b, b/a)\ \text{for}\ b\ge1,

each with every side on a side of its own, so that tiles graded towards a side meet powers and logarithms there (slow
tails).  One table holds all rectangles, side by side on its first axis.
"""

from __future__ import annotations

from dataclasses import dataclass

from derive.codegen.approximation.tiles import Tiles
from derive.codegen.graph import Graph

__all__ = ["INSIDE", "MIDDLE", "Chart", "Pentagon", "Rectangle", "Shape"]

_TINY = 1e-280
INSIDE, MIDDLE = 4.0, 3.0  # a + 4 for a < 1, 3 - b for b < 1 <= a, and 1/b on the first axis


@dataclass(frozen=True)
class Shape:
    """The exponents of one part: the first power, those of growth, and how V - W behaves for q much larger than v."""

    parity: int
    order: int
    tail: int  # the a of T
    variance_power: int  # of y in A, -2g
    mean_power: int  # of y in M

    @property
    def power(self) -> int:
        """The m of T."""
        return 1 if self.parity < 0 else 2


@dataclass(frozen=True)
class Rectangle:
    """One rectangle in y and w, or two beside each other."""

    k: float
    rooted: bool = False

    def variance(self, g: Graph, q: int, tiles: Tiles, name: str, shape: Shape) -> int:
        return self._scaled(g, q, tiles, name, shape.order, shape.variance_power)

    def mean(self, g: Graph, q: int, tiles: Tiles, shape: Shape) -> int:
        return self._scaled(g, q, tiles, "M", (shape.order + 1) // 2, shape.mean_power)

    def slope(self, g: Graph, q: int, tiles: Tiles, powers: tuple[int, int]) -> int:
        return self._scaled(g, q, tiles, "S", *powers)

    def weights(self, g: Graph, q: int, size: int, v: int, tiles: Tiles, name: str, shape: Shape) -> tuple[int, int]:
        """(X, Z): the covariance is the share X/(X+Z) of the variance."""
        y, b = self._y(g, q), g.add("add", v, g.const(self.k))
        yb = g.add("rsqrt", b)
        w = g.add("mul", g.add("mul", b, yb), y)
        first = _rooted(g, g.add("mul", v, g.const(1 / self.k)))[0] if self.rooted else yb
        t = g.table(g.group((first, w), tiles), name)
        x = g.add("mul", g.power(g.add("mul", size, g.power(y, 2)), shape.power), t)
        z = g.add("mul", g.add("mul", v, g.power(yb, 2)), g.power(w, shape.tail))
        return x, g.add("mul", z, g.power(g.add("mul", g.add("add", q, size), g.power(y, 2)), shape.order - 1))

    def _scaled(self, g: Graph, q: int, tiles: Tiles, name: str, order: int, power: int) -> int:
        """(q y^2)^order y^power times a table in y."""
        y = self._y(g, q)
        table = g.table(g.group((y,), tiles), name)
        front = g.power(g.add("mul", q, g.power(y, 2)), order)
        growth = g.power(y, power) if power >= 0 else self._inverse_power(g, q, y, -power)
        return g.add("mul", g.add("mul", front, growth), table)

    def _inverse_power(self, g: Graph, q: int, y: int, power: int) -> int:
        """y**-power without a division."""
        whole = g.power(g.add("add", q, g.const(self.k)), (power + 1) // 2)
        return g.add("mul", whole, y) if power % 2 else whole

    def _y(self, g: Graph, q: int) -> int:
        return g.add("rsqrt", g.add("add", q, g.const(self.k)))


@dataclass(frozen=True)
class Pentagon:
    """Three rectangles around q = v = ``cut``; below a = ``least`` the tables count for nothing and end."""

    cut: float
    least: float = 0.0

    def variance(self, g: Graph, q: int, tiles: Tiles, name: str, shape: Shape) -> int:
        return self._scaled(g, q, tiles, name, 2 * shape.order, shape.variance_power)

    def mean(self, g: Graph, q: int, tiles: Tiles, shape: Shape) -> int:
        return self._scaled(g, q, tiles, "M", shape.order, shape.mean_power)

    def slope(self, g: Graph, q: int, tiles: Tiles, powers: tuple[int, int]) -> int:
        return self._scaled(g, q, tiles, "S", 2 * powers[0], powers[1])

    def weights(self, g: Graph, q: int, size: int, v: int, tiles: Tiles, name: str, shape: Shape) -> tuple[int, int]:
        """(X, Z): the covariance is the share X/(X+Z) of the variance."""
        one = g.const(1.0)
        a, a_inverse = self._root(g, q)
        share = g.add("mul", v, g.const(1 / self.cut))
        outer, b = _rooted(g, share)
        ratio = g.add("mul", b, a_inverse)
        first = g.add("below", a, one, g.add("add", g.const(INSIDE), self._kept(g, a)), outer)
        second = g.add("below", a, one, ratio, g.add("below", b, one, a_inverse, ratio))
        t = g.table(g.group((first, second), tiles), name)
        c = g.add("div", size, g.add("max", q, g.const(_TINY)))
        x = g.add("mul", g.power(c, shape.power), t)
        small = g.add("mul", share, g.power(a_inverse, 2))
        middle = g.add("mul", share, g.power(a_inverse, shape.tail))
        large = g.power(ratio, shape.tail)
        return x, g.add("below", a, one, small, g.add("below", b, one, middle, large))

    def _root(self, g: Graph, q: int) -> tuple[int, int]:
        """a and 1/a."""
        a = g.add("sqrt", g.add("max", g.add("mul", q, g.const(1 / self.cut)), g.const(_TINY)))
        return a, g.add("div", g.const(1.0), a)

    def _kept(self, g: Graph, a: int) -> int:
        return g.add("max", a, g.const(self.least)) if self.least else a

    def _scaled(self, g: Graph, q: int, tiles: Tiles, name: str, low: int, power: int) -> int:
        """a^low below a = 1 and a^-power above, times a table."""
        one = g.const(1.0)
        a, inverse = self._root(g, q)
        where = g.add("below", a, one, g.add("sub", g.const(MIDDLE), self._kept(g, a)), inverse)
        table = g.table(g.group((where,), tiles), name)
        share = g.add("mul", q, g.const(1 / self.cut))
        inner = g.add("mul", g.power(share, low // 2), a) if low % 2 else g.power(share, low // 2)
        outer = g.power(inverse, power) if power >= 0 else self._grown(g, share, a, -power)
        return g.add("mul", g.add("below", a, one, inner, outer), table)

    def _grown(self, g: Graph, share: int, a: int, power: int) -> int:
        whole = g.power(share, power // 2)
        return g.add("mul", whole, a) if power % 2 else whole


def _rooted(g: Graph, share: int) -> tuple[int, int]:
    """(3 - b below b = 1 and 1/b above, b) for b the root of ``share``."""
    one = g.const(1.0)
    b = g.add("sqrt", g.add("max", share, g.const(_TINY)))
    inverse = g.add("div", one, g.add("max", b, one))
    return g.add("below", b, one, g.add("sub", g.const(MIDDLE), b), inverse), b


Chart = Rectangle | Pentagon
