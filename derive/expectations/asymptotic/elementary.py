r"""Sums of c^n r^k asin(c)^e with r = sqrt(1 - c^2): the functions of the correlation c in covariance expansions.

k is 0 or odd, e is 0 or 1, and k = 0 where e = 1.  The class is closed under integration from 0 to c, by

.. math::

    \int_0^c x^n \arcsin x\,dx &= \tfrac{1}{n+1}\Bigl(c^{n+1}\arcsin c - \int_0^c x^{n+1} r^{-1} dx\Bigr),\qquad
    x^2 = 1 - r^2, \qquad \int_0^c x\,r^k dx = \tfrac{1 - r^{k+2}}{k+2}, \\
    \int_0^c r^{-1}dx &= \arcsin c, \qquad
    (k+2)\int_0^c r^k dx = (k+3)\int_0^c r^{k+2}dx - c\,r^{k+2} \quad (k \le -3), \\
    (k+1)\int_0^c r^k dx &= k \int_0^c r^{k-2}dx + c\,r^k \quad (k \ge 1).

Coefficients are anything with arithmetic: exact expressions or balls.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp

__all__ = ["Elementary"]

Key = tuple[int, int, int]  # (n, k, e)


class Elementary:
    """A finite sum of coefficient * c^n r^k asin(c)^e; immutable by convention."""

    def __init__(self, terms: dict[Key, Any]) -> None:
        self.terms = terms

    def integrated(self, number: Callable[[Fraction], Any]) -> Elementary:
        """The integral from 0 to c; ``number`` turns a fraction into a coefficient."""
        total: dict[Key, Any] = {}
        for key, c in self.terms.items():
            for other, weight in _integral(key):
                value = c * number(weight)
                total[other] = total[other] + value if other in total else value
        return Elementary(total)

    def symbolic(self, c: sp.Expr) -> sp.Expr:
        """The sum as an expression in ``c``; exact coefficients only."""
        r2 = 1 - c**2
        return sp.Add(
            *(w * c**n * r2 ** sp.Rational(k, 2) * (sp.asin(c) if e else 1) for (n, k, e), w in self.terms.items())
        )

    def at(self, c: Any, r: Any, asin: Any) -> Any:
        """The value for balls c, r = sqrt(1 - c^2) and asin c."""
        total = c * 0
        inverse = 1 / r
        for (n, k, e), w in self.terms.items():
            term = w * c**n * (r**k if k >= 0 else inverse ** (-k))
            total += term * asin if e else term
        return total


@lru_cache(maxsize=65536)
def _integral(key: Key) -> tuple[tuple[Key, Fraction], ...]:
    n, k, e = key
    if e:
        return _sum((((n + 1, 0, 1), Fraction(1, n + 1)),), _scaled((n + 1, -1, 0), Fraction(-1, n + 1)))
    if k == 0:
        return (((n + 1, 0, 0), Fraction(1, n + 1)),)
    if n >= 2:
        return _sum(_integral((n - 2, k, 0)), _scaled((n - 2, k + 2, 0), Fraction(-1)))
    if n == 1:
        return (((0, 0, 0), Fraction(1, k + 2)), ((0, k + 2, 0), Fraction(-1, k + 2)))
    if k == -1:
        return (((0, 0, 1), Fraction(1)),)
    if k < 0:
        return _sum((((1, k + 2, 0), Fraction(-1, k + 2)),), _scaled((0, k + 2, 0), Fraction(k + 3, k + 2)))
    return _sum((((1, k, 0), Fraction(1, k + 1)),), _scaled((0, k - 2, 0), Fraction(k, k + 1)))


def _scaled(key: Key, factor: Fraction) -> tuple[tuple[Key, Fraction], ...]:
    """Return factor times the integral of one term."""
    return tuple((other, factor * weight) for other, weight in _integral(key)) if factor else ()


def _sum(*parts: tuple[tuple[Key, Fraction], ...]) -> tuple[tuple[Key, Fraction], ...]:
    total: dict[Key, Fraction] = {}
    for part in parts:
        for key, weight in part:
            total[key] = total.get(key, Fraction(0)) + weight
    return tuple((key, weight) for key, weight in total.items() if weight)
