r"""Series in :math:`x^{-t}`, :math:`t = p + q\alpha` with a symbolic :math:`\alpha`: sparse sums ordered by size.

A :class:`Sparse` series is a dictionary from exponents ``(p, q)`` (rationals) to coefficients.  What counts as small is
decided at one value of :math:`\alpha`, in the middle of the interval declared for it; everything from x**(-reach) on is
cut off.  Coefficients are elements of a ring that contains :math:`\alpha`, or balls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from derive.difference.series import powerseries as ps
from derive.errors import UnsupportedError

__all__ = ["Exponent", "Scale", "Sparse"]

Exponent = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Scale:
    """The value of alpha at which sizes are compared, how far series go, and alpha itself as a coefficient."""

    middle: Fraction
    reach: Fraction
    alpha: Any
    rational: Callable[[Fraction], Any]

    def size(self, t: Exponent) -> Fraction:
        """p + q alpha in the middle of the interval."""
        return t[0] + t[1] * self.middle

    def element(self, t: Exponent) -> Any:
        """p + q alpha as a coefficient."""
        p, q = self.rational(t[0]), self.rational(t[1])
        return p if t[1] == 0 else p + self.alpha * q


class Sparse:
    """A sum of c x**(-t); immutable by convention."""

    __slots__ = ("rows", "scale")

    def __init__(self, scale: Scale, rows: Mapping[Exponent, Any]) -> None:
        self.scale = scale
        self.rows = {t: c for t, c in rows.items() if not ps.is_zero(c) and scale.size(t) < scale.reach}

    def __add__(self, other: Sparse) -> Sparse:
        rows = dict(self.rows)
        for t, c in other.rows.items():
            rows[t] = rows[t] + c if t in rows else c
        return Sparse(self.scale, rows)

    def __mul__(self, other: Sparse) -> Sparse:
        rows: dict[Exponent, Any] = {}
        for (p, q), c in self.rows.items():
            for (r, s), d in other.rows.items():
                t = (p + r, q + s)
                if self.scale.size(t) < self.scale.reach:
                    rows[t] = rows[t] + c * d if t in rows else c * d
        return Sparse(self.scale, rows)

    def times(self, factor: Any, shift: Exponent = (Fraction(0), Fraction(0))) -> Sparse:
        """``factor * x**(-shift)`` times the series."""
        return Sparse(self.scale, {(p + shift[0], q + shift[1]): c * factor for (p, q), c in self.rows.items()})

    def lead(self) -> tuple[Exponent, Any] | None:
        """The exponent and coefficient of the largest term; None for zero."""
        if not self.rows:
            return None
        t = min(self.rows, key=lambda t: (self.scale.size(t), t))
        return t, self.rows[t]

    def largest(self) -> tuple[Exponent, Any]:
        """The exponent and coefficient of the largest term of a series that is not zero."""
        found = self.lead()
        if found is None:
            raise UnsupportedError("a series vanishes to the order kept; simplify the map, or ask for fewer terms")
        return found

    def without(self, t: Exponent) -> Sparse:
        """The series without one term."""
        return Sparse(self.scale, {s: c for s, c in self.rows.items() if s != t})

    def powers(self) -> list[Sparse]:
        """1, h, h^2, ... for a small series h, as many as are not cut off."""
        one = Sparse(self.scale, {(Fraction(0), Fraction(0)): self.scale.rational(Fraction(1))})
        out = [one]
        while self.rows and out[-1].rows:
            out.append(out[-1] * self)
        return [p for p in out if p.rows]


def binomial(powers: list[Sparse], e: Any, skip: int = 0) -> Sparse:
    """The terms of (1 + h)**e from h**skip on, given the powers of h; ``e`` is a coefficient."""
    scale = powers[0].scale
    total, factor = Sparse(scale, {}), scale.rational(Fraction(1))
    for k, power in enumerate(powers):
        if k:
            factor = ps.ratio(factor * (e - (k - 1)), 1, k)
        if k >= skip and not ps.is_zero(factor):
            total = total + power.times(factor)
    return total


def logarithm(powers: list[Sparse], skip: int = 1) -> Sparse:
    """The terms of log(1 + h) from h**skip on."""
    scale = powers[0].scale
    total = Sparse(scale, {})
    for k, power in enumerate(powers):
        if k >= skip:
            total = total + power.times(scale.rational(Fraction((-1) ** (k + 1), k)))
    return total
