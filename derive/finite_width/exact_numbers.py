"""Exact arithmetic for moments: fractions where every input is rational, else polynomials in the irrational inputs.

A truncated initialiser brings in one irrational number per layer; sums of products of it would grow without end as
SymPy expressions.  Every irrational input is therefore written as a rational multiple of a generator, the moments are
polynomials over the rationals in the generators, and the expressions are put in at the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import sympy as sp

__all__ = ["ExactNumbers"]


class ExactNumbers:
    """Turns exact SymPy numbers into fractions or ring elements, and results back into SymPy."""

    def __init__(self, inputs: Iterable[sp.Expr]) -> None:
        parts = (sp.sympify(x, strict=True).as_coeff_Mul(rational=True)[1] for x in inputs)
        self.irrational = list(dict.fromkeys(part for part in parts if part != 1 and not part.is_Rational))
        if self.irrational:
            from sympy.polys.rings import ring

            names = [f"g{i}" for i in range(len(self.irrational))]
            self.ring, *generators = ring(names, sp.QQ)
            self.generator = dict(zip(self.irrational, generators, strict=True))

    def __call__(self, x: Any) -> Any:
        """The number as an element that can be added and multiplied exactly."""
        x = sp.sympify(x, strict=True)
        if not self.irrational:
            return Fraction(int(x.p), int(x.q))
        coefficient, rest = x.as_coeff_Mul(rational=True)
        if rest in self.generator:
            return self.generator[rest] * self.ring.domain.from_sympy(coefficient)
        return self.ring.ground_new(self.ring.domain.from_sympy(x))

    def result(self, x: Any) -> sp.Expr:
        """The element as a SymPy number."""
        if isinstance(x, (int, Fraction)):
            return sp.Rational(x.numerator, x.denominator)
        if self.irrational and hasattr(x, "as_expr"):
            return x.as_expr(*self.irrational)
        return sp.QQ.to_sympy(sp.QQ.convert(x))
