r"""Rational functions whose denominators are products of a few known factors.

The triangular solves of this room divide only by leading factors such as :math:`j M_k - m_k`: with parameters these are
polynomials, one for each order j, and their zeros are the resonant parameter values.  An element is therefore kept as
:math:`N / \prod_i D_i^{e_i}` with N a polynomial over Q and the :math:`D_i` irreducible polynomials collected as they
come.  No greatest common divisors are taken; each factor that divides N exactly is cancelled, so the form is unique, a
zero test is a test of N, and :attr:`LocalRing.factors` lists what was divided by.

The polynomials are python-flint's ``fmpq_mpoly``.  Generators must be algebraically independent: SymPy constants such
as pi are turned into generators by :meth:`LocalRing.from_expr` only where the ring was made with them.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import sympy as sp

from derive.errors import InputError, UnsupportedError

__all__ = ["LocalElement", "LocalRing"]


class LocalRing:
    """Q[generators] with inverses of the polynomials that have been divided by so far.

    >>> a, b = sp.symbols("a b")
    >>> R = LocalRing([a, b])
    >>> x = R.from_expr(a * b + 1) / R.from_expr(2 * a - 1)
    >>> (x - x).is_zero(), x.as_expr()
    (True, (a*b + 1)/(2*a - 1))
    """

    def __init__(self, generators: Iterable[sp.Symbol]) -> None:
        from flint import Ordering, fmpq_mpoly_ctx

        self.symbols = tuple(generators)
        self.context = fmpq_mpoly_ctx.get(tuple(f"g{i}" for i in range(len(self.symbols))), Ordering.lex)
        self._gens = dict(zip(self.symbols, self.context.gens(), strict=True))
        self._factors: list[Any] = []
        self._names: list[sp.Expr] = []
        self.zero = LocalElement(self, self.context.constant(0), ())
        self.one = LocalElement(self, self.context.constant(1), ())

    @property
    def factors(self) -> tuple[sp.Expr, ...]:
        """The irreducible polynomials divided by so far."""
        return tuple(self._names)

    def rational(self, value: Any) -> LocalElement:
        """A rational number as an element."""
        return LocalElement(self, self.context.constant(_fmpq(value)), ())

    def generator(self, symbol: sp.Symbol) -> LocalElement:
        """A generator as an element."""
        return LocalElement(self, self._gens[symbol], ())

    def from_expr(self, expr: Any) -> LocalElement:
        """A rational function of the generators; anything else raises InputError naming what is foreign."""
        expr = sp.sympify(expr) if not isinstance(expr, str) else _refuse(expr)
        if expr.is_Rational:
            return self.rational(expr)
        if expr in self._gens:
            return self.generator(expr)
        if expr.is_Add or expr.is_Mul:
            parts = [self.from_expr(a) for a in expr.args]
            total = parts[0]
            for part in parts[1:]:
                total = total + part if expr.is_Add else total * part
            return total
        if expr.is_Pow and expr.exp.is_Integer:
            base = self.from_expr(expr.base)
            return base ** int(expr.exp)
        raise InputError(
            f"{expr} is not a rational function of {', '.join(map(str, self.symbols)) or 'no symbols'}; "
            "give each independent constant a symbol of its own"
        )

    def poly_expr(self, poly: Any) -> sp.Expr:
        """A numerator as a SymPy expression."""
        rows = []
        for powers, c in poly.to_dict().items():
            rows.append(sp.Mul(_rational(c), *(s ** int(e) for s, e in zip(self.symbols, powers, strict=True) if e)))
        return sp.Add(*rows)

    def register(self, poly: Any) -> tuple[Any, dict[int, int]]:
        """Split a polynomial into its content and exponents of registered factors, registering new ones."""
        content, pairs = poly.factor()
        exponents: dict[int, int] = {}
        for factor, power in pairs:
            lead = factor.leading_coefficient()
            content, factor = content * lead**power, factor / lead
            scale = _denominator(factor)
            content, factor = content / _fmpq(scale) ** power, factor * scale
            if factor not in self._factors:
                self._factors.append(factor)
                self._names.append(self.poly_expr(factor))
            exponents[self._factors.index(factor)] = int(power)
        return content, exponents


class LocalElement:
    """One element; immutable.  ``num`` is a flint polynomial, ``den`` exponents of the ring's factors."""

    __slots__ = ("den", "num", "ring")

    def __init__(self, ring: LocalRing, num: Any, den: tuple[int, ...]) -> None:
        self.ring, self.num, self.den = ring, num, den

    def is_zero(self) -> bool:
        """Exact."""
        return bool(self.num == 0)

    def as_expr(self) -> sp.Expr:
        """The SymPy expression numerator / product of factors."""
        below = sp.Mul(*(self.ring._names[i] ** e for i, e in enumerate(self.den) if e))
        return self.ring.poly_expr(self.num) / below

    def derivative(self, symbol: sp.Symbol) -> LocalElement:
        """The derivative in a generator that occurs in no denominator (used for the logarithm)."""
        name = f"g{self.ring.symbols.index(symbol)}"
        return _reduced(self.ring, self.num.derivative(name), self.den)

    def integral(self, symbol: sp.Symbol) -> LocalElement:
        """The antiderivative in a generator that occurs in no denominator, without constant."""
        name = f"g{self.ring.symbols.index(symbol)}"
        return LocalElement(self.ring, self.num.integral(name), self.den)

    def coefficients_in(self, symbol: sp.Symbol) -> dict[int, LocalElement]:
        """The coefficients of the powers of one generator of the numerator."""
        place = self.ring.symbols.index(symbol)
        rows: dict[int, dict[tuple[int, ...], Any]] = {}
        for powers, c in self.num.to_dict().items():
            rest = tuple(0 if i == place else e for i, e in enumerate(powers))
            rows.setdefault(int(powers[place]), {})[rest] = c
        make = self.ring.context.from_dict
        return {e: _reduced(self.ring, make(row), self.den) for e, row in sorted(rows.items())}

    def _coerce(self, other: Any) -> LocalElement | None:
        if isinstance(other, LocalElement):
            return other
        if isinstance(other, int | Fraction | sp.Rational):
            return self.ring.rational(other)
        return None

    def __add__(self, other: Any) -> LocalElement:
        other = self._coerce(other)
        if other is None:
            return NotImplemented
        if self.den == other.den:
            return _reduced(self.ring, self.num + other.num, self.den)
        size = max(len(self.den), len(other.den))
        a, b = _pad(self.den, size), _pad(other.den, size)
        top = tuple(map(max, a, b))
        left = self.num * _product(self.ring, top, a)
        right = other.num * _product(self.ring, top, b)
        return _reduced(self.ring, left + right, top)

    __radd__ = __add__

    def __neg__(self) -> LocalElement:
        return LocalElement(self.ring, -self.num, self.den)

    def __sub__(self, other: Any) -> LocalElement:
        other = self._coerce(other)
        return NotImplemented if other is None else self + (-other)

    def __rsub__(self, other: Any) -> LocalElement:
        return -self + other

    def __mul__(self, other: Any) -> LocalElement:
        other = self._coerce(other)
        if other is None:
            return NotImplemented
        if not self.den and not other.den:
            return LocalElement(self.ring, self.num * other.num, ())
        size = max(len(self.den), len(other.den))
        den = tuple(x + y for x, y in zip(_pad(self.den, size), _pad(other.den, size), strict=True))
        return _reduced(self.ring, self.num * other.num, den)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> LocalElement:
        other = self._coerce(other)
        if other is None:
            return NotImplemented
        if other.is_zero():
            raise ZeroDivisionError("division by an element that is exactly zero")
        content, exponents = self.ring.register(other.num)
        size = max(len(self.den), len(other.den), max(exponents, default=-1) + 1)
        up, den = _pad(other.den, size), list(_pad(self.den, size))
        for i, e in exponents.items():
            den[i] += e
        num = self.num * _product(self.ring, up, (0,) * size) / content
        return _reduced(self.ring, num, tuple(den))

    def __rtruediv__(self, other: Any) -> LocalElement:
        return self.ring.rational(other) / self

    def __pow__(self, n: int) -> LocalElement:
        if n < 0:
            return self.ring.one / self ** (-n)
        return LocalElement(self.ring, self.num**n, tuple(e * n for e in self.den))

    def __eq__(self, other: Any) -> bool:
        other = self._coerce(other)
        return other is not None and (self - other).is_zero()

    def __hash__(self) -> int:
        return hash((str(self.num), self.den))

    def __repr__(self) -> str:
        return f"<{self.as_expr()}>"


def _pad(den: tuple[int, ...], size: int) -> tuple[int, ...]:
    return den + (0,) * (size - len(den))


def _product(ring: LocalRing, top: tuple[int, ...], have: tuple[int, ...]) -> Any:
    out = ring.context.constant(1)
    for factor, a, b in zip(ring._factors, top, have, strict=False):
        if a > b:
            out = out * factor ** (a - b)
    return out


def _reduced(ring: LocalRing, num: Any, den: tuple[int, ...]) -> LocalElement:
    if num == 0:
        return ring.zero
    left = list(den)
    for i, e in enumerate(den):
        while left[i] and e:
            quotient, rest = divmod(num, ring._factors[i])
            if rest != 0:
                break
            num, left[i] = quotient, left[i] - 1
    while left and left[-1] == 0:
        left.pop()
    return LocalElement(ring, num, tuple(left))


def _denominator(poly: Any) -> int:
    from math import lcm

    return lcm(*(int(c.q) for c in poly.to_dict().values()))


def _fmpq(value: Any) -> Any:
    from flint import fmpq

    if isinstance(value, fmpq):
        return value
    if isinstance(value, sp.Rational):
        return fmpq(int(value.p), int(value.q))
    if isinstance(value, Fraction):
        return fmpq(value.numerator, value.denominator)
    return fmpq(value)


def _rational(c: Any) -> sp.Rational:
    return sp.Rational(int(c.p), int(c.q))


def _refuse(text: str) -> Any:
    raise UnsupportedError(f"the text {text[:40]!r} must go through derive.parsing.parse first")
