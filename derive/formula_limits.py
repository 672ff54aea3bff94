"""How large a formula from outside may grow, and the measures of it.

SymPy evaluates powers of rational numbers as it builds.  That is where short text hides huge numbers: ``9**9**9``, but
also ``135**0.790001``, for which SymPy 1.14 computes 3**790001 times 5**790001 on its way to the same expression.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import lcm
from typing import Any

import sympy as sp

from derive.vocabulary import ROUGH

__all__ = [
    "MAX_BITS",
    "MAX_CHOICES",
    "MAX_EXPONENT",
    "MAX_PIECES",
    "MAX_TOWER",
    "cancel",
    "largest_bits",
    "largest_exponent",
    "root_cost",
]

MAX_EXPONENT = 1_000  # of a power, and of ten in a decimal number
MAX_BITS = 14_000  # of any exact number formed on the way; Python prints no more than 4300 digits
MAX_TOWER = 2  # exponentials inside exponentials
MAX_CHOICES = 48  # arguments of Max and Min together
MAX_PIECES = 20  # branches of one Piecewise
TOO_CLOSE = ROUGH.mpf(10) ** -45  # closed numbers that agree so far are not told apart


def cancel(roughs: list[Any]) -> bool:
    """Whether closed numbers add up to what cannot be told from zero."""
    return bool(roughs) and abs(sum(roughs)) < TOO_CLOSE * sum(abs(r) for r in roughs)


def largest_bits(expr: sp.Expr) -> int:
    """The largest number of bits in a rational number inside."""
    return max((int(max(abs(a.p), a.q)).bit_length() for a in expr.atoms(sp.Rational)), default=0)


def largest_exponent(expr: sp.Expr) -> int:
    """The largest exponent inside, at least 1, rounded up."""
    found = [abs(p.exp) for p in expr.atoms(sp.Pow) if p.exp.is_Rational]
    return int(sp.ceiling(max([sp.S.One, *found])))


def root_cost(bases: Iterable[sp.Expr], denominator: int = 1) -> int:
    """The bits SymPy may need for a product of ``bases`` under a root of the given degree.

    Roots of rational numbers are merged: their degrees multiply up to the least common multiple, and SymPy raises the
    prime factors to powers below that degree.
    """
    bits, degree = 1, 1
    for base in bases:
        for root in base.atoms(sp.Pow):
            if root.base.is_Rational and root.exp.is_Rational:
                degree = lcm(degree, int(root.exp.q))
                bits = max(bits, largest_bits(root.base))
        if denominator > 1:
            bits = max(bits, largest_bits(base))
    return bits * degree * denominator if bits > 1 else 1
