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

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import lcm
from typing import Any, TypeVar

import sympy as sp
from flint import fmpq

from derive.difference.laurent import Element, Ring, as_fmpq
from derive.errors import InputError, Undecided, UnsupportedError

__all__ = ["LOG_W", "Coefficients", "Grow", "to_rational"]

T = TypeVar("T")
LOG_W = sp.Dummy("log_w", real=True)
"""Stands for log w where an expansion contains it; a generator like any other."""


class Grow(Exception):
    """The ring lacks ``base**(1/root)``; caught by :meth:`Coefficients.run`."""

    def __init__(self, base: sp.Expr, root: int = 1) -> None:
        super().__init__(f"{base} to the power 1/{root}")
        self.base, self.root = base, root


@dataclass
class _Generator:
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
        self._table: dict[sp.Expr, _Generator] = {}
        self._eliminated: dict[sp.Symbol, sp.Expr] = {}
        self._labels: dict[sp.Symbol, sp.Expr] = {}
        self._count = 0
        self._rebuild()

    def copy(self) -> Coefficients:
        """A table with the same generators that grows on its own."""
        other = Coefficients()
        other._table, other._count = dict(self._table), self._count
        other._eliminated, other._labels = dict(self._eliminated), dict(self._labels)
        other._rebuild()
        return other

    # the ring

    def _rebuild(self) -> None:
        """Make the ring of the present table: roots of sums first, then roots of primes, then everything else."""
        rank = {id(g): (_rank(g), -i) for i, g in enumerate(self._table.values())}
        self.generators = sorted(self._table.values(), key=lambda g: rank[id(g)])
        self._place = {g.base: i for i, g in enumerate(self.generators)}
        self._memo: dict[sp.Expr, Any] = {}
        self.ring = Ring([g.name for g in self.generators])
        for i, g in enumerate(self.generators):
            if g.base.is_Integer and g.root > 1:
                self.ring.add_relation(i, g.root, int(g.base))
            elif g.base.is_Add:
                self.ring.add_relation(i, g.root, self._convert_add(g.base))

    def grow(self, base: sp.Expr, root: int = 1) -> None:
        """Add a generator ``base**(1/root)``, or refine an existing one."""
        for symbol in sorted(base.free_symbols, key=str) if base.is_Add else ():
            if symbol not in self._table and symbol not in self._eliminated:
                self.grow(symbol)
        known = self._table.get(base)
        self._count += 1
        self._table[base] = _Generator(base, lcm(root, known.root if known else 1), f"g{self._count}")
        if base.is_Add and known is None:
            self._memo = {}
            parts = [a for a in base.args if not a.is_Rational]
            missing = [g for part in parts for g in self._missing(part)]
            del self._table[base]
            for b, r in missing:
                self.grow(b, r)
            self._table[base] = _Generator(base, root, f"g{self._count}")
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
        self._eliminated[symbol] = sp.expand((label - (composite - slope * symbol)) / slope)
        self._labels[label] = composite
        self._rebuild()

    def place(self, base: sp.Expr) -> int | None:
        """The index of the generator that is the base itself (not a root of it), or None."""
        found = self._place.get(base)
        return found if found is not None and self.generators[found].root == 1 else None

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

    # SymPy -> ring

    def convert(self, expr: sp.Expr) -> Any:
        """The ring element of a constant expression; raises :class:`Grow` where the ring lacks a generator."""
        if expr.is_Rational:
            return as_fmpq(expr)
        found = self._memo.get(expr)
        if found is None:
            found = self._memo[expr] = self._convert(expr)
        return found

    def _convert(self, expr: sp.Expr) -> Any:
        if expr in self._place:
            return self._generator(expr, 1, 1)
        if expr in self._eliminated:
            return self.convert(self._eliminated[expr])
        if expr.is_Symbol:
            raise Grow(expr)
        if expr.is_Add:
            return self._convert_add(expr)
        if expr.is_Mul:
            product: Any = fmpq(1)
            for a in expr.args:
                product = product * self.convert(a)
            return product
        if expr.is_Pow or isinstance(expr, sp.exp):
            base, exponent = expr.as_base_exp() if not isinstance(expr, sp.exp) else (sp.E, expr.args[0])
            return self._convert_power(base, exponent)
        rewritten = _canonical_constant(expr)
        if rewritten != expr:
            return self.convert(rewritten)
        raise Grow(expr)

    def _convert_add(self, expr: sp.Expr) -> Any:
        total: Any = fmpq(0)
        for a in expr.args:
            total = total + self.convert(a)
        return total

    def _convert_power(self, base: sp.Expr, exponent: sp.Expr) -> Any:
        if exponent.is_Rational:
            if (base.is_Symbol and base not in self._eliminated) or base in (sp.E, sp.pi):
                return self._generator(base, int(exponent.p), int(exponent.q))
            return self.power(self.convert(base), exponent)
        product: Any = fmpq(1)
        for term in sp.Add.make_args(sp.expand(exponent)):
            number, rest = term.as_coeff_Mul()
            if rest == 1:
                product = product * self._convert_power(base, number)
            else:
                product = product * self._generator(base**rest, int(number.p), int(number.q))
        return product

    def _generator(self, base: sp.Expr, p: int, q: int) -> Any:
        """``base**(p/q)``."""
        p, q = sp.Rational(p, q).as_numer_denom()
        p, q = int(p), int(q)
        place = self._place.get(base)
        if place is None:
            raise Grow(base, q)
        root = self.generators[place].root
        if root % q:
            raise Grow(base, q)
        return self.ring.generator(place) ** (p * root // q)

    def power(self, element: Any, exponent: sp.Rational) -> Any:
        """A rational power of an element; the root of what may be negative raises."""
        p, q = int(exponent.p), int(exponent.q)
        number = as_fmpq(element) if not isinstance(element, Element) else element.rational()
        if number is not None:
            return self._rational_power(number, p, q)
        if q == 1:
            return element**p
        element = element.reduced()
        if not element.is_monomial():
            return self._power_of_sum(element, p, q)
        coefficient, exponents = element.monomial()
        out = self._rational_power(coefficient, p, q)
        for place, e in enumerate(exponents):
            if e:
                out = out * self._root_of_generator(place, e, p, q)
        return out

    def _root_of_generator(self, place: int, e: int, p: int, q: int) -> Any:
        """``(g**e)**(p/q)`` for a generator g, which must not be negative unless both powers are even."""
        g = self.generators[place]
        whole, rest = divmod(e * p, q)
        if (e % 2 or whole % 2 or rest) and g.root == 1 and not self.label_value(g.base).is_nonnegative:
            raise Undecided(
                f"a root of {self.label_value(g.base)} is needed and its sign is not known; declare it positive"
            )
        if not rest:
            return self.ring.generator(place) ** whole
        return self._generator(g.base, e * p, q * g.root)

    def _power_of_sum(self, element: Element, p: int, q: int) -> Any:
        """A root of a sum: each irreducible factor that is not a perfect power becomes a generator."""
        if element.den:
            raise UnsupportedError(f"the root of {self.expr(element)} needs a root of a fraction; substitute numbers")
        content, factors = element.poly.factor()
        number, out = as_fmpq(content), fmpq(1)
        for poly, multiplicity in factors:
            factor = Element(self.ring, poly)
            whole, rest = divmod(multiplicity * p, q)
            if (multiplicity % 2 or whole % 2 or rest) and self.sign(factor) < 0:
                factor, number = -factor, number * (-1) ** multiplicity
            if not rest:
                out = out * factor**whole
            elif factor.is_monomial():
                out = out * self.power(factor, sp.Rational(multiplicity * p, q))
            else:
                out = out * self._generator(sp.expand(self.expr(factor)), multiplicity * p, q)
        if element.shift:
            out = out * self.power(Element(self.ring, self.ring.context.constant(1), element.shift), sp.Rational(p, q))
        return self._rational_power(number, p, q) * out

    def _rational_power(self, number: Any, p: int, q: int) -> Any:
        if q == 1:
            return number**p
        if number < 0:
            raise UnsupportedError(f"the power {p}/{q} of the negative number {number} is not real; check the side")
        out: Any = fmpq(1)
        for value, sign in ((int(number.p), 1), (int(number.q), -1)):
            for prime, multiplicity in sp.factorint(value).items():
                whole, rest = divmod(sign * multiplicity * p, q)
                out = out * fmpq(prime) ** whole
                if rest:
                    part = sp.Rational(rest, q)
                    out = out * self._generator(sp.Integer(prime), int(part.p), int(part.q))
        return out

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
        from flint import ctx

        symbols = sorted(self._free_symbols(), key=str)
        params = {s: sp.Rational(7 * i + 11, 5 * i + 17) for i, s in enumerate(symbols)}
        for bits in (128, 512, 2048):
            with ctx.workprec(bits):
                if not self.number(element, self.values(params)).contains(0):
                    return
        raise Undecided(
            f"the coefficient {self.expr(element)} vanishes to 600 digits but is not known to be zero; "
            "simplify the map so that the cancellation is explicit"
        )

    def _has_opaque(self) -> bool:
        plain = (g.base.is_Symbol or g.base.is_Integer or g.base.is_Add for g in self.generators)
        return sum(not p for p in plain) > 1 or any(g.base.is_Function for g in self.generators)

    def _free_symbols(self) -> set[sp.Symbol]:
        return set().union(*(self.label_value(g.base).free_symbols for g in self.generators))

    def degree_in_log(self, element: Any) -> int:
        """The degree in log w (negative powers count by their absolute value)."""
        place = self._place.get(LOG_W)
        if place is None or not isinstance(element, Element):
            return 0
        return max((abs(exponents[place]) for _, exponents in element.terms()), default=0)

    def split_log(self, element: Element) -> tuple[sp.Rational | None, Any]:
        """``(q, rest)`` with element = q log w + rest, q rational; ``(None, rest)`` where q is not rational."""
        parts = element.collect(self._place[LOG_W])
        slope = parts[1].rational() if set(parts) <= {0, 1} else None
        number = None if slope is None else sp.Rational(int(slope.p), int(slope.q))
        return number, parts.get(0, fmpq(0))

    # ring -> SymPy and numbers

    def label_value(self, base: sp.Expr) -> sp.Expr:
        """What a generator's base stands for (a label of :meth:`substitute` stands for its sum)."""
        return self._labels.get(base, base)

    def expr(self, element: Any) -> sp.Expr:
        """The SymPy expression of an element."""
        if not isinstance(element, Element):
            number = as_fmpq(element)
            return sp.Rational(int(number.p), int(number.q))
        element = element.reduced()
        bases = [(self.label_value(g.base), g.root) for g in self.generators]
        top = sp.Add(*(_term(c, exponents, bases) for c, exponents in element.terms()))
        if not element.den:
            return top
        below = []
        for i, e in element.den:
            divisor = Element(self.ring, self.ring.divisors[i])
            below.append(sp.Add(*(_term(c, x, bases) for c, x in divisor.terms())) ** (-e))
        return sp.Mul(top, *below)

    def values(self, params: Mapping[sp.Symbol, Any] | None = None) -> list[Any]:
        """Balls of the generators at flint's current precision."""
        from derive.numerics import exact_number, to_arb

        given = {s: exact_number(v, str(s)) for s, v in (params or {}).items()}
        out = []
        for g in self.generators:
            base = self.label_value(g.base)
            unknown = base.free_symbols - set(given)
            if unknown:
                names = ", ".join(sorted(map(str, unknown)))
                raise InputError(f"digits need a value for {names}; give params={{symbol: value}}")
            ball = to_arb(base.subs(given) if given else base)
            out.append(ball if g.root == 1 else ball.root(g.root))
        return out

    def number(self, element: Any, values: list[Any]) -> Any:
        """The ball of an element for the generators' ``values``."""
        from flint import arb

        if isinstance(element, Element):
            return element.evaluate(values, arb)
        return arb(as_fmpq(element))


@lru_cache(maxsize=4096)
def _factor(base: sp.Expr, p: int, q: int) -> sp.Expr:
    return base ** sp.Rational(p, q)


def _term(c: Any, exponents: tuple[int, ...], bases: list[tuple[sp.Expr, int]]) -> sp.Expr:
    factors = [_factor(b, e, root) for e, (b, root) in zip(exponents, bases, strict=True) if e]
    return sp.Mul(sp.Rational(int(c.p), int(c.q)), *factors)


def _rank(generator: _Generator) -> int:
    if generator.base.is_Add:
        return 0
    return 1 if generator.base.is_Integer else 2


def _canonical_constant(expr: sp.Expr) -> sp.Expr:
    """A constant rewritten where SymPy's form hides a relation; refuses what is not a finite real number."""
    if expr.has(sp.I, sp.nan, sp.zoo, sp.oo, -sp.oo):
        raise UnsupportedError(f"the coefficient {expr} is not a finite real number; only real maps are treated")
    if isinstance(expr, sp.Float):
        from derive.numerics import exact_number

        return exact_number(expr)
    if isinstance(expr, sp.log):
        return _split_log(expr)
    if expr is sp.GoldenRatio:
        return (1 + sp.sqrt(5)) / 2
    if isinstance(expr, (sp.cosh, sp.sinh, sp.tanh, sp.coth, sp.sech, sp.csch)):
        return expr.rewrite(sp.exp)
    if isinstance(expr, (sp.tan, sp.cot, sp.sec, sp.csc)):
        sine, cosine = sp.sin(expr.args[0]), sp.cos(expr.args[0])
        return {sp.tan: sine / cosine, sp.cot: cosine / sine, sp.sec: 1 / cosine, sp.csc: 1 / sine}[expr.func]
    return expr


def _split_log(expr: sp.Expr) -> sp.Expr:
    argument = expr.args[0]
    if argument.is_Rational:
        rows = [(int(argument.p), 1), (int(argument.q), -1)]
        pieces = [s * m * sp.log(prime, evaluate=False) for v, s in rows for prime, m in sp.factorint(v).items()]
        return expr if argument.is_prime else sp.Add(*pieces)
    return sp.expand_log(expr)


def to_rational(expr: Any) -> Any:
    """A SymPy rational as ``fmpq``."""
    return as_fmpq(expr)


def collect_symbols(exprs: Iterable[sp.Expr]) -> set[sp.Symbol]:
    """The free symbols of several expressions."""
    return set().union(*(e.free_symbols for e in exprs))
