r"""A long multiplier under one name while a straightening series is solved.

The divisors of Schroeder's equation are :math:`\mu^n - \mu`.  Where :math:`\mu` is a sum, such as (pi + e)/9 or
(ab + 1)/(a**2 + b + 2), every coefficient would carry expanded powers of it.  Here :math:`\mu` is a generator of its
own, and so are the other coefficients of the map in units of :math:`\mu` where they are sums too; what they stand for
is put back at the end.  The solution is then a rational function of these names, exact as before, but written as a
person would write it.

Names that are related could hide a zero.  Each coefficient is therefore evaluated at a point, and where one of them
vanishes there the names are given up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.difference.series import powerseries as ps
from derive.difference.series.coefficients import Coefficients
from derive.difference.series.laurent import Element
from derive.errors import DeriveError

__all__ = ["Abbreviated", "abbreviate"]

_BITS = 320


@dataclass(frozen=True)
class Abbreviated:
    """The map with names for its long coefficients; ``meaning`` says what they stand for."""

    step: list[Any]
    table: Coefficients
    meaning: dict[sp.Symbol, sp.Expr]
    values: list[Any]

    def expr(self, c: Any) -> sp.Expr:
        """A coefficient with the names replaced."""
        return self.table.expr(c).xreplace(self.meaning)

    def hides_a_zero(self, coefficients: list[Any]) -> bool:
        """Whether one of them, not formally zero, vanishes at the point looked at."""
        from flint import ctx

        with ctx.workprec(_BITS):
            return any(
                isinstance(c, Element) and bool(self.table.number(c, self.values).contains(0)) for c in coefficients
            )


def abbreviate(step: list[Any], table: Coefficients) -> Abbreviated | None:
    """The map ``step`` = [0, ..., mu, ...] with names; None where mu is short, or its value is not known."""
    head = step[ps.valuation(step)]
    if not isinstance(head, Element) or head.reduced().is_monomial():
        return None
    own = Coefficients()
    meaning: dict[sp.Symbol, sp.Expr] = {}
    places: dict[sp.Expr, sp.Symbol] = {}

    def name(element: Any) -> sp.Expr:
        """An element as an expression, a name where it is a sum."""
        if not isinstance(element, Element) or element.reduced().is_monomial():
            return table.expr(element)
        written = table.expr(element)
        if written not in places:
            places[written] = sp.Dummy(f"m{len(places)}", real=True)
            meaning[places[written]] = written
        return places[written]

    mu = name(head)
    rows = [0 if ps.is_zero(c) else name(c / head) * mu for c in step]
    found = own.run(lambda: [0 if c == 0 else own.convert(sp.sympify(c, strict=True)) for c in rows])
    return _at_a_point(found, own, meaning)


def _at_a_point(step: list[Any], own: Coefficients, meaning: dict[sp.Symbol, sp.Expr]) -> Abbreviated | None:
    from flint import ctx

    from derive.numerics import compile_ball, to_arb

    free = sorted(set().union(*(e.free_symbols for e in [*meaning.values(), *_bases(own)])) - set(meaning), key=str)
    params = {s: sp.Rational(7 * i + 11, 5 * i + 17) for i, s in enumerate(free)}
    try:
        with ctx.workprec(_BITS):
            values = own.values({**params, **dict.fromkeys(meaning, sp.S.One)})
            for i, generator in enumerate(own.generators):
                if generator.base in meaning:
                    value = compile_ball(meaning[generator.base], free)(*(to_arb(params[s]) for s in free))
                    values[i] = value if generator.root == 1 else value.root(generator.root)
    except DeriveError:
        return None
    return Abbreviated(step, own, meaning, values) if all(v.is_finite() for v in values) else None


def _bases(table: Coefficients) -> list[sp.Expr]:
    return [generator.base for generator in table.generators]
