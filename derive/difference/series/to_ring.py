r"""SymPy constants as ring elements: parameters, roots, transcendental constants, anything else.

:class:`ToRing` walks a constant expression.  What the ring lacks raises :class:`Grow`; the table of
:mod:`derive.difference.series.coefficients` then adds a generator and the work is done again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy as sp
from flint import fmpq

from derive.difference.series.laurent import Element, as_fmpq
from derive.difference.series.outside import OutsideClass
from derive.errors import Undecided, UnsupportedError

if TYPE_CHECKING:
    from derive.difference.series.coefficients import Coefficients

__all__ = ["Grow", "ToRing"]

_FACTORED_BITS = 128
_TRIAL = 10_000

_HIGHEST = 100_000  # power of a generator; FLINT ends the process where a polynomial does not fit into the memory


class Grow(Exception):
    """The ring lacks ``base**(1/root)``; caught by :meth:`derive.difference.series.coefficients.Coefficients.run`."""

    def __init__(self, base: sp.Expr, root: int = 1) -> None:
        super().__init__(f"{base} to the power 1/{root}")
        self.base, self.root = base, root


class ToRing:
    """Conversion into the present ring of a table, remembered by expression."""

    def __init__(self, table: Coefficients) -> None:
        self.table = table
        self._memo: dict[sp.Expr, Any] = {}

    def convert(self, expr: sp.Expr) -> Any:
        """The ring element of a constant expression; raises :class:`Grow` where the ring lacks a generator."""
        if expr.is_Rational:
            return as_fmpq(expr)
        found = self._memo.get(expr)
        if found is None:
            found = self._memo[expr] = self._convert(expr)
        return found

    def _convert(self, expr: sp.Expr) -> Any:
        if expr in self.table.places:
            return self._generator(expr, 1, 1)
        if expr in self.table.eliminated:
            return self.convert(self.table.eliminated[expr])
        if expr.is_Symbol:
            raise Grow(expr)
        if expr.is_Add:
            return self.sum(expr)
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
        raise _grow(expr)

    def sum(self, expr: sp.Expr) -> Any:
        """A sum, without looking the sum itself up among the generators."""
        total: Any = fmpq(0)
        for a in expr.args:
            total = total + self.convert(a)
        return total

    def _convert_power(self, base: sp.Expr, exponent: sp.Expr) -> Any:
        if exponent.is_Rational:
            if (base.is_Symbol and base not in self.table.eliminated) or base in (sp.E, sp.pi):
                return self._generator(base, int(exponent.p), int(exponent.q))
            return self.power(self.convert(base), exponent)
        product: Any = fmpq(1)
        for term in sp.Add.make_args(sp.expand(sp.radsimp(exponent) if exponent.is_number else exponent)):
            number, rest = term.as_coeff_Mul()
            if rest == 1:
                product = product * self._convert_power(base, number)
            else:
                if rest.has(sp.I):
                    raise UnsupportedError(f"the coefficient {base**exponent} is not real; only real maps are treated")
                product = product * self._generator(base**rest, int(number.p), int(number.q))
        return product

    def _generator(self, base: sp.Expr, p: int, q: int) -> Any:
        """``base**(p/q)``."""
        p, q = sp.Rational(p, q).as_numer_denom()
        p, q = int(p), int(q)
        place = self.table.places.get(base)
        if place is None:
            raise _grow(base, q)
        root = self.table.generators[place].root
        if root % q:
            raise Grow(base, q)
        if abs(p) * root // q > _HIGHEST:
            raise UnsupportedError(
                f"the power {base}**({p}/{q}) needs polynomials of degree {abs(p) * root // q}; at most {_HIGHEST} is "
                "possible (give '1/10' as text where a float 0.1 was meant)"
            )
        return self.table.ring.generator(place) ** (p * root // q)

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
        g = self.table.generators[place]
        whole, rest = divmod(e * p, q)
        if (e % 2 or whole % 2 or rest) and g.root == 1 and not self.table.label_value(g.base).is_nonnegative:
            raise Undecided(
                f"a root of {self.table.label_value(g.base)} is needed and its sign is not known; declare it positive"
            )
        if not rest:
            return self.table.ring.generator(place) ** whole
        return self._generator(g.base, e * p, q * g.root)

    def _power_of_sum(self, element: Element, p: int, q: int) -> Any:
        """A root of a sum: each irreducible factor that is not a perfect power becomes a generator."""
        if element.den:
            raise UnsupportedError(
                f"the root of {self.table.expr(element)} needs a root of a fraction; substitute numbers"
            )
        plain = _denested(self.table.expr(element)) if q == 2 else None
        if plain is not None:
            return self.convert(plain) ** p
        content, factors = element.poly.factor()
        number, out = as_fmpq(content), fmpq(1)
        if all(multiplicity == 1 for _, multiplicity in factors):  # the sign of the whole is easier than of its factors
            factors = [(element.poly / content, 1)]
        for poly, multiplicity in factors:
            factor = Element(self.table.ring, poly)
            whole, rest = divmod(multiplicity * p, q)
            if (multiplicity % 2 or whole % 2 or rest) and self.table.sign(factor) < 0:
                factor, number = -factor, number * (-1) ** multiplicity
            if not rest:
                out = out * factor**whole
            elif factor.is_monomial():
                out = out * self.power(factor, sp.Rational(multiplicity * p, q))
            else:
                out = out * self._generator(sp.expand(self.table.expr(factor)), multiplicity * p, q)
        if element.shift:
            out = out * self.power(
                Element(self.table.ring, self.table.ring.context.constant(1), element.shift), sp.Rational(p, q)
            )
        return self._rational_power(number, p, q) * out

    def _rational_power(self, number: Any, p: int, q: int) -> Any:
        if q == 1:
            return number**p
        if number < 0:
            raise UnsupportedError(f"the power {p}/{q} of the negative number {number} is not real; check the side")
        out: Any = fmpq(1)
        for value, sign in ((int(number.p), 1), (int(number.q), -1)):
            for prime, multiplicity in _factors(value):
                whole, rest = divmod(sign * multiplicity * p, q)
                out = out * fmpq(prime) ** whole
                if rest:
                    part = sp.Rational(rest, q)
                    out = out * self._generator(sp.Integer(prime), int(part.p), int(part.q))
        return out


def _denested(value: sp.Expr) -> sp.Expr | None:
    """The square root of an algebraic number as a sum of square roots of rationals, where it is one."""
    if value.free_symbols or not value.is_algebraic:
        return None
    root = sp.sqrtdenest(sp.sqrt(value))
    nested = any(a.base.is_Add and not a.exp.is_Integer for a in root.atoms(sp.Pow))
    return None if nested else sp.expand(root)


def _grow(base: sp.Expr, root: int = 1) -> Exception:
    """What to raise for a missing generator: functions of log w are no constants."""
    if base.is_Symbol or not any(isinstance(s, sp.Dummy) for s in base.free_symbols):
        return Grow(base, root)
    return OutsideClass(
        "logarithmic",
        f"a function of log x appears ({base.func.__name__}); maps on a logarithmic scale are outside the classes here",
    )


def _canonical_constant(expr: sp.Expr) -> sp.Expr:
    """A constant rewritten where SymPy's form hides a relation; refuses what is not a finite real number."""
    if expr.has(sp.I, sp.nan, sp.zoo, sp.oo, -sp.oo, sp.AccumBounds):
        raise UnsupportedError(f"the coefficient {expr} is not a finite real number; only real maps are treated")
    if expr.is_real is False:
        raise UnsupportedError(f"the coefficient {expr} is not real; only real maps are treated")
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
        pieces = [s * m * sp.log(prime, evaluate=False) for v, s in rows for prime, m in _factors(v)]
        return expr if argument.is_prime else sp.Add(*pieces)
    return sp.expand_log(expr)


def _factors(value: int) -> list[tuple[int, int]]:
    """The prime factors with their multiplicities; of a huge number what is left after the small ones counts as one."""
    if value.bit_length() <= _FACTORED_BITS:
        return list(sp.factorint(value).items())
    found = []
    for prime in sp.primerange(_TRIAL):
        multiplicity = 0
        while value % prime == 0:
            value, multiplicity = value // prime, multiplicity + 1
        if multiplicity:
            found.append((prime, multiplicity))
    return [*found, (value, 1)] if value != 1 else found
