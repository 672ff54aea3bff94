r"""From SymPy coefficients to exact ring elements and back.

A :class:`Coefficients` object is a table of *generators*: parameters, transcendental constants, roots of primes, and
any other part of a coefficient that is not a polynomial in these (``sin(a)``, ``zeta(3)``, ``a**alpha``), which then
counts as a generator of its own.  A generator may be a root of such a base: with ``sqrt(a)`` present, the generator is
:math:`g = a^{1/2}` and the parameter is :math:`a = g^2`.  The table grows: an expression that needs something new
raises :class:`Grow` inside, the table is extended, and the work is done again in the larger ring
(:meth:`Coefficients.run`).

**Independence.**  Exact zero tests need algebraically independent generators.  What is done for that: rational numbers
under roots are factored into primes and :math:`p^{1/L}` carries its relation; powers with the same base share one
generator; logarithms of rationals are split into logarithms of primes; a root of a sum of parameters carries its
relation, or, where the sum is linear in a parameter that nothing else needs inverted, replaces that parameter
(:meth:`Coefficients.substitute`).  Unknown relations between opaque constants can still exist.  A coefficient found to
be zero is zero in any case; one found to be nonzero is confirmed by its value (:meth:`Coefficients.confirm_nonzero`)
wherever a leading term is decided.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import lcm
from typing import Any, TypeVar

import sympy as sp
from flint import fmpq

from derive.difference.series.from_ring import generator_balls, to_sympy
from derive.difference.series.laurent import Element, as_fmpq
from derive.difference.series.ring import Ring
from derive.difference.series.to_ring import Grow, ToRing
from derive.errors import InputError, Undecided, UnsupportedError

__all__ = ["LOG_W", "Coefficients", "Generator", "Grow"]

T = TypeVar("T")
LOG_W = sp.Dummy("log_w", real=True)
"""Stands for log w where an expansion contains it; a generator like any other."""


@dataclass
class Generator:
    """The generator ``base**(1/root)``; ``name`` is its name in flint's ring."""

    base: sp.Expr
    root: int
    name: str


class Coefficients:
    """A growing table of generators and the ring they make.

    >>> a, b = sp.symbols("a b", positive=True)
    >>> table = Coefficients()
    >>> element = table.run(lambda: table.convert(sp.sqrt(a / 2) + b) ** 2)
    >>> sp.expand(table.expr(element))
    sqrt(2)*sqrt(a)*b + a/2 + b**2
    """

    def __init__(self) -> None:
        self._table: dict[sp.Expr, Generator] = {}
        self.eliminated: dict[sp.Symbol, sp.Expr] = {}
        self._labels: dict[sp.Symbol, sp.Expr] = {}
        self._count = 0
        self._rebuild()

    def copy(self) -> Coefficients:
        """A table with the same generators that grows on its own."""
        other = Coefficients()
        other._table, other._count = dict(self._table), self._count
        other.eliminated, other._labels = dict(self.eliminated), dict(self._labels)
        other._rebuild()
        return other

    # the ring

    def _rebuild(self) -> None:
        """Make the ring of the present table: roots of sums first, then roots of primes, then everything else."""
        rank = {id(g): (_rank(g), -i) for i, g in enumerate(self._table.values())}
        self.generators = sorted(self._table.values(), key=lambda g: rank[id(g)])
        self.places = {g.base: i for i, g in enumerate(self.generators)}
        self._to_ring = ToRing(self)
        self.ring = Ring([g.name for g in self.generators])
        for i, g in enumerate(self.generators):
            if g.base.is_Integer and g.root > 1:
                self.ring.add_relation(i, g.root, int(g.base))
            elif g.base.is_Add:
                self.ring.add_relation(i, g.root, self._to_ring.sum(g.base))

    def grow(self, base: sp.Expr, root: int = 1) -> None:
        """Add a generator ``base**(1/root)``, or refine an existing one."""
        for symbol in sorted(base.free_symbols, key=str) if base.is_Add else ():
            if symbol not in self._table and symbol not in self.eliminated:
                self.grow(symbol)
        known = self._table.get(base)
        self._count += 1
        self._table[base] = Generator(base, lcm(root, known.root if known else 1), f"g{self._count}")
        if base.is_Add and known is None:
            parts = [a for a in base.args if not a.is_Rational]
            missing = [g for part in parts for g in self._missing(part)]
            del self._table[base]
            for b, r in missing:
                self.grow(b, r)
            self._table[base] = Generator(base, root, f"g{self._count}")
        self._rebuild()

    def _missing(self, part: sp.Expr) -> list[tuple[sp.Expr, int]]:
        try:
            self.convert(part)
        except Grow as need:
            return [(need.base, need.root)]
        return []

    def substitute(self, symbol: sp.Symbol, composite: sp.Expr) -> None:
        """Use ``composite`` (linear in ``symbol`` with rational coefficient) as a generator in place of ``symbol``."""
        slope = composite.coeff(symbol, 1)
        if not (slope.is_Rational and slope != 0):
            raise InputError(f"{composite} is not linear in {symbol} with a rational coefficient")
        label = sp.Dummy(f"sum_{symbol}", real=True, positive=composite.is_positive)
        self._table.pop(symbol, None)
        self.eliminated[symbol] = sp.expand((label - (composite - slope * symbol)) / slope)
        self._labels[label] = composite
        self._rebuild()

    def place(self, base: sp.Expr) -> int | None:
        """The index of the generator that is the base itself (not a root of it), or None."""
        found = self.places.get(base)
        return found if found is not None and self.generators[found].root == 1 else None

    def generator_place(self, base: sp.Expr) -> int:
        """The index of a generator that is there."""
        found = self.place(base)
        if found is None:
            raise InputError(f"{base} is no generator of this table; convert it first")
        return found

    def used_elsewhere(self, symbol: sp.Symbol) -> bool:
        """Whether a symbol occurs inside another generator."""
        return any(g.base != symbol and symbol in g.base.free_symbols for g in self.generators)

    def run(self, work: Callable[[], T]) -> T:
        """Do ``work``, which converts coefficients, as often as the table has to grow for it."""
        for _ in range(200):
            try:
                return work()
            except Grow as need:
                self.grow(need.base, need.root)
        raise UnsupportedError("the coefficients need more than 200 independent constants; simplify the map first")

    # SymPy -> ring -> SymPy and numbers

    def convert(self, expr: sp.Expr) -> Any:
        """The ring element of a constant expression; raises :class:`Grow` where the ring lacks a generator."""
        return self._to_ring.convert(expr)

    def power(self, element: Any, exponent: sp.Rational) -> Any:
        """A rational power of an element; Undecided where a root of something of unknown sign is needed."""
        return self._to_ring.power(element, exponent)

    def label_value(self, base: sp.Expr) -> sp.Expr:
        """What a generator's base stands for (a label of :meth:`substitute` stands for its sum)."""
        return self._labels.get(base, base)

    def expr(self, element: Any) -> sp.Expr:
        """The SymPy expression of an element."""
        return to_sympy(self, element)

    def values(self, params: Mapping[sp.Symbol, Any] | None = None) -> list[Any]:
        """Balls of the generators at flint's current precision, for given values of the parameters."""
        return generator_balls(self, params or {})

    def number(self, element: Any, values: list[Any]) -> Any:
        """The ball of an element for the generators' ``values``."""
        from flint import arb

        if isinstance(element, Element):
            return element.evaluate(values, arb)
        return arb(as_fmpq(element))

    # decisions

    def sign(self, element: Any) -> int:
        """The sign of a nonzero element from the symbols' assumptions; Undecided where they do not settle it."""
        if not isinstance(element, Element):
            number = as_fmpq(element)
            return (number > 0) - (number < 0)
        expr = self.expr(element)
        for form in (expr, sp.factor_terms(expr), sp.factor(expr)):
            if form.is_positive or form.is_negative:
                return 1 if form.is_positive else -1
        if not expr.free_symbols:
            from derive.numerics import sign_of

            return sign_of(expr)
        raise Undecided(f"the sign of {expr} decides; declare the symbols positive, or substitute numbers")

    def confirm_nonzero(self, element: Any) -> None:
        """Confirm by its value that an element that is not formally zero is not zero.

        Formal zeros are zeros; the converse can fail only where opaque constants are related in a way the table does
        not know.  The value is taken at rational points of the parameters.
        """
        if not isinstance(element, Element) or element.is_monomial() or not self._has_opaque():
            return
        symbols = sorted(self._free_symbols(), key=str)
        params = {s: sp.Rational(7 * i + 11, 5 * i + 17) for i, s in enumerate(symbols)}
        if any(self._differs_from_zero(element, params, bits) for bits in (128, 512, 2048)):
            return
        raise Undecided(
            f"the coefficient {self.expr(element)} vanishes to 600 digits but is not known to be zero; "
            "simplify the map so that the cancellation is explicit"
        )

    def _differs_from_zero(self, element: Element, params: Mapping[sp.Symbol, Any], bits: int) -> bool:
        from flint import ctx

        try:
            with ctx.workprec(bits):
                return not self.number(element, self.values(params)).contains(0)
        except UnsupportedError:  # a function without an evaluation in balls
            digits = bits * 3 // 10
            return bool(abs(sp.N(self.expr(element).subs(params), digits)) > sp.Float(10) ** (5 - digits))

    def _has_opaque(self) -> bool:
        """Whether some generators could be related in a way that the ring does not know."""
        opaque = sum(not (g.base.is_Symbol or g.base.is_Integer) for g in self.generators)
        return opaque > 1 or any(g.base.is_Function for g in self.generators)

    def _free_symbols(self) -> set[sp.Symbol]:
        return set().union(*(self.label_value(g.base).free_symbols for g in self.generators))

    def degree_in_log(self, element: Any) -> int:
        """The degree in log w (negative powers count by their absolute value)."""
        place = self.places.get(LOG_W)
        if place is None or not isinstance(element, Element):
            return 0
        return max((abs(exponents[place]) for _, exponents in element.terms()), default=0)

    def split_log(self, element: Element) -> tuple[sp.Rational | None, Any]:
        """``(q, rest)`` with element = q log w + rest, q rational; ``(None, rest)`` where q is not rational."""
        parts = element.collect(self.places[LOG_W])
        slope = parts[1].rational() if set(parts) <= {0, 1} else None
        number = None if slope is None else sp.Rational(int(slope.p), int(slope.q))
        return number, parts.get(0, fmpq(0))


def _rank(generator: Generator) -> int:
    if generator.base.is_Add:
        return 0
    return 1 if generator.base.is_Integer else 2
