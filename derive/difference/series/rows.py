"""Truncated power series with operators: flint's ``arb_series`` for balls, lists for everything else.

The fibre's equations multiply tens of thousands of short series.  Balls stay inside flint between the products; exact
coefficients, and balls with logarithms, go through :mod:`derive.difference.series.powerseries`.  A product or sum is as
long as the shorter of its arguments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from derive.difference.series import powerseries as ps

__all__ = ["Row", "pack", "room", "shifted_product", "unpack"]


class Row:
    """A truncated series as a list of coefficients."""

    __slots__ = ("items",)

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def __add__(self, other: Any) -> Any:
        mate = self._as_balls(other)
        if mate is not None:
            return mate + other
        right = unpack(other)
        return Row(ps.add(self.items, right, min(len(self.items), len(right))))

    __radd__ = __add__

    def __mul__(self, other: Any) -> Any:
        mate = self._as_balls(other)
        if mate is not None:
            return mate * other
        right = unpack(other)
        return Row(ps.mul(self.items, right, min(len(self.items), len(right))))

    __rmul__ = __mul__

    def _as_balls(self, other: Any) -> Any:
        """This row as an ``arb_series`` when it consists of integers and the other one is an ``arb_series``."""
        from flint import arb_series

        if isinstance(other, arb_series) and all(isinstance(c, int) for c in self.items):
            return arb_series(self.items, prec=len(self.items))
        return None


def pack(coefficients: Sequence[Any], size: int) -> Any:
    """The series with ``size`` coefficients (missing ones are zero)."""
    from flint import arb, arb_series

    kinds = {type(c) for c in coefficients[:size]}
    if arb in kinds and kinds <= {arb, int}:
        return arb_series(list(coefficients[:size]), prec=size)
    return Row(ps.truncate(coefficients, size))


def unpack(series: Any) -> list[Any]:
    """The coefficients, all of them; exact zeros are the int 0."""
    if isinstance(series, Row):
        return series.items
    return ps.truncate([0 if ps.is_zero(c) else c for c in series.coeffs()], series.prec)


def shifted_product(a: Any, b: Any, order: int) -> Any:
    """``a b`` where a starts at w**order, so that b may be ``order`` coefficients shorter than the product."""
    right = unpack(b)
    return a * pack(right, len(right) + order)


@contextmanager
def room(size: int) -> Iterator[None]:
    """flint's cap on the length of series, lifted to ``size`` inside."""
    from flint import ctx

    cap = ctx.cap
    ctx.cap = max(cap, size)
    try:
        yield
    finally:
        ctx.cap = cap
