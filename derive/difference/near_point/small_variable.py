r"""The small variable w: :math:`x = s\,w^{-r}` at infinity, :math:`x = x_* + s\,w^{r}` at a finite fixed point."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from derive.numerics import to_arb

__all__ = ["SmallVariable"]


@dataclass(frozen=True)
class SmallVariable:
    """The chart in which a map reads w -> w M(w); w > 0 on the side looked at.

    >>> from flint import arb
    >>> SmallVariable(sp.oo, 1, 2).to_w(arb(4)).str(5)
    '0.50000'
    """

    point: sp.Expr
    side: int = 1
    root: int = 1

    def __str__(self) -> str:
        x = sp.Symbol("x")
        gap = self.side * (x if self.at_infinity else x - self.point)
        return f"w = {gap ** sp.Rational(1, self.power)}"

    @cached_property
    def at_infinity(self) -> bool:
        """Whether the fixed point is at infinity."""
        return self.point in (sp.oo, -sp.oo)

    @property
    def power(self) -> int:
        """The exponent of w in x - x_* (in x at infinity)."""
        return -self.root if self.at_infinity else self.root

    def expression(self, w: sp.Symbol) -> sp.Expr:
        """x as a SymPy expression in w."""
        return self.side * w**self.power + (0 if self.at_infinity else self.point)

    def to_w(self, x: Any) -> Any:
        """The ball of w for a real ball of x; not finite where x does not certainly lie on this side."""
        from flint import arb

        gap = self.gap(x)
        if not gap > 0:
            return arb.nan()
        if self.root > 1:
            gap = gap.root(self.root)
        return 1 / gap if self.at_infinity else gap

    def gap(self, x: Any) -> Any:
        """s (x - x_*), or s x at infinity: positive on this side."""
        gap = x if self.at_infinity else x - to_arb(self.point)
        return gap if self.side > 0 else -gap

    def gap_to_x(self, gap: Any) -> Any:
        """The ball of x for a gap, the inverse of :meth:`gap`."""
        signed = gap if self.side > 0 else -gap
        return signed if self.at_infinity else signed + to_arb(self.point)

    def to_x(self, w: Any) -> Any:
        """The ball of x for a ball of w (real and positive, or complex)."""
        gap = (w if self.power == 1 else w**self.power) * self.side  # w**1 is not finite where w touches 0
        return gap if self.at_infinity else gap + to_arb(self.point)
