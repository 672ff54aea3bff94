"""Ring elements as SymPy expressions, and the generators as balls.

Printing is where time goes in long symbolic expansions, so products are put together from sorted factors directly
where SymPy's canonical form is known (distinct symbols, pi, at most one root of a number); everything else goes through
``Mul``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy.core.basic import _args_sortkey

from derive.difference.series.laurent import Element, as_fmpq
from derive.errors import InputError

if TYPE_CHECKING:
    from derive.difference.series.coefficients import Coefficients

__all__ = ["generator_balls", "to_sympy"]


def to_sympy(table: Coefficients, element: Any) -> sp.Expr:
    """The SymPy expression of an element."""
    if not isinstance(element, Element):
        number = as_fmpq(element)
        return sp.Rational(int(number.p), int(number.q))
    element = element.reduced()
    printer = _Printer(table)
    top = printer.sum(element)
    below = [printer.sum(Element(element.ring, element.ring.divisors[i])) ** (-e) for i, e in element.den]
    return sp.Mul(top, *below) if below else top


class _Printer:
    """Sums of monomials in the generators of one table."""

    def __init__(self, table: Coefficients) -> None:
        self.bases = [(table.label_value(g.base), g.root) for g in table.generators]
        # a base is plain if a power of it can stand in a product next to any other plain one
        self.plain = [b.is_Symbol or b.is_Add or b is sp.pi for b, _ in self.bases]
        self.numeric = [bool(b.is_Integer) for b, _ in self.bases]

    def sum(self, element: Element) -> sp.Expr:
        """The numerator of an element."""
        return sp.Add(*(self._term(c, exponents) for c, exponents in element.terms()))

    def _term(self, c: Any, exponents: tuple[int, ...]) -> sp.Expr:
        used = [i for i, e in enumerate(exponents) if e]
        number = sp.Rational(int(c.p), int(c.q))
        factors = [_factor(self.bases[i][0], exponents[i], self.bases[i][1]) for i in used]
        roots = [i for i in used if self.numeric[i]]
        if not used or len(roots) > 1 or not all(self.plain[i] or self.numeric[i] for i in used):
            return sp.Mul(number, *factors)
        if roots and not factors[used.index(roots[0])].is_Pow:
            return sp.Mul(number, *factors)
        if len(factors) == 1 and factors[0].is_Add:  # a number times a sum is multiplied out
            return sp.Mul(number, *factors)
        if len(factors) == 1 and number == 1:
            return factors[0]
        factors = sorted(factors, key=_rank_of)
        return sp.Mul._from_args([*([] if number == 1 else [number]), *factors])


@lru_cache(maxsize=4096)
def _factor(base: sp.Expr, p: int, q: int) -> sp.Expr:
    return base ** sp.Rational(p, q)


@lru_cache(maxsize=4096)
def _rank_of(factor: sp.Expr) -> Any:
    """SymPy's order of the factors of a product."""
    return _args_sortkey(factor)


def generator_balls(table: Coefficients, params: Mapping[sp.Symbol, Any]) -> list[Any]:
    """Balls of the generators at flint's current precision.

    The table's own variables (Y, log w) are not a number unless a value is given: whatever depends on them is then
    not finite, instead of silently wrong.
    """
    from flint import arb

    from derive.numerics import exact_number, to_arb

    given = {s: exact_number(v, str(s)) for s, v in params.items()}
    out = []
    for g in table.generators:
        base = table.label_value(g.base)
        unknown = base.free_symbols - set(given)
        if unknown and all(isinstance(s, sp.Dummy) for s in unknown):
            out.append(arb.nan())
            continue
        if unknown:
            names = ", ".join(sorted(map(str, unknown)))
            raise InputError(f"digits need a value for {names}; give params={{symbol: value}}")
        ball = to_arb(base.subs(given) if given else base)
        out.append(ball if g.root == 1 else ball.root(g.root))
    return out
