r"""Exact coefficients: Laurent polynomials over Q in independent generators, with a few localised denominators.

An element of a :class:`~derive.difference.series.ring.Ring` is :math:`P\,g^{s} / \prod_i D_i^{e_i}` with P a polynomial
over Q (flint's ``fmpq_mpoly``), :math:`g^{s}` a monomial whose exponents may be negative, and :math:`D_i` polynomials
that something has been divided by.  In a parabolic problem the only divisor is the leading coefficient :math:`M_k`, so
there is at most one D, and none when :math:`M_k` is a monomial: arithmetic is then polynomial arithmetic.  No greatest
common divisor is taken on the way; :meth:`Element.reduced` cancels at the end.

Zero tests are exact provided the generators are algebraically independent, except for *relations* that the ring
knows: a generator g may satisfy :math:`g^L = p(\text{later generators})` (a root of a prime number, or of a sum of
parameters).  Relations are applied to long products, by zero tests and by :meth:`Element.reduced`; elsewhere
arithmetic happens in the free ring, which is sound because reduction is a ring homomorphism.

A ring without generators is Q itself and its elements are plain flint ``fmpq``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy as sp
from flint import fmpq, fmpz

if TYPE_CHECKING:
    from derive.difference.series.ring import Ring

__all__ = ["Element", "as_fmpq"]

Shift = tuple[int, ...]
_LONG = 8  # products with more terms than this are reduced at once


def as_fmpq(value: Any) -> Any:
    """An exact rational number as a flint ``fmpq``; ``None`` for anything else."""
    if isinstance(value, fmpq):
        return value
    if isinstance(value, int | fmpz):
        return fmpq(value)
    if isinstance(value, Fraction):
        return fmpq(value.numerator, value.denominator)
    if isinstance(value, sp.Rational):
        return fmpq(int(value.p), int(value.q))
    return None


class Element:
    """An element of a :class:`~derive.difference.series.ring.Ring`; immutable.

    ``poly`` is the polynomial, ``shift`` the exponents of the extra monomial (``None`` for all zero), ``den`` pairs
    ``(number of the divisor, exponent)``.
    """

    __slots__ = ("den", "poly", "ring", "shift")

    def __init__(
        self, ring: Ring, poly: Any, shift: Shift | None = None, den: tuple[tuple[int, int], ...] = ()
    ) -> None:
        self.ring, self.poly, self.shift, self.den = ring, poly, shift, den

    # sums

    def __add__(self, other: Any) -> Any:
        if not isinstance(other, Element):
            number = other if isinstance(other, int) else as_fmpq(other)
            if number is None:
                return NotImplemented
            if not number:
                return self
            if self.shift is None and not self.den:
                return Element(self.ring, self.poly + number)
            other = self.ring.constant(number)
        if self.shift == other.shift and self.den == other.den:
            return Element(self.ring, self.poly + other.poly, self.shift, self.den)
        return _add_aligned(self, other)

    __radd__ = __add__

    def __neg__(self) -> Element:
        return Element(self.ring, -self.poly, self.shift, self.den)

    def __sub__(self, other: Any) -> Any:
        if isinstance(other, Element) and self.shift == other.shift and self.den == other.den:
            return Element(self.ring, self.poly - other.poly, self.shift, self.den)
        return self + (-other)

    def __rsub__(self, other: Any) -> Any:
        return (-self) + other

    # products

    def __mul__(self, other: Any) -> Any:
        if not isinstance(other, Element):
            number = other if isinstance(other, int) else as_fmpq(other)
            if number is None:
                return NotImplemented
            return Element(self.ring, self.poly * number, self.shift, self.den) if number else 0
        shift = self.shift
        if shift is None:
            shift = other.shift
        elif other.shift is not None:
            shift = tuple([a + b for a, b in zip(shift, other.shift, strict=True)])
        den = self.den or other.den
        if self.den and other.den:
            den = _merge(self.den, other.den, lambda a, b: a + b)
        poly = self.poly * other.poly
        if self.ring._relations and len(poly) > _LONG:
            poly = self.ring.reduce_polynomial(poly)
        return Element(self.ring, poly, shift, den)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        if isinstance(other, Element):
            return self * other.inverse()
        number = as_fmpq(other)
        return NotImplemented if number is None else Element(self.ring, self.poly / number, self.shift, self.den)

    def __rtruediv__(self, other: Any) -> Any:
        return self.inverse() * other

    def __pow__(self, n: int) -> Any:
        if not isinstance(n, int):
            return NotImplemented
        if n < 0:
            return self.inverse() ** (-n)
        shift = None if self.shift is None else tuple(e * n for e in self.shift)
        return Element(self.ring, self.poly**n, shift, tuple((i, e * n) for i, e in self.den) if n else ())

    def inverse(self) -> Element:
        """The reciprocal: a monomial is inverted as such, anything else becomes a registered divisor."""
        element = self.reduced() if self.ring.has_relations else self
        if not element.poly:
            raise ZeroDivisionError("division by a coefficient that is exactly zero")
        content, monomial, core = _split(element.ring, element.poly)
        shift = [-a for a in monomial]
        if element.shift:
            shift = [a - b for a, b in zip(shift, element.shift, strict=True)]
        poly = element.ring.context.constant(1 / content)
        for i, e in element.den:
            poly = poly * element.ring.divisors[i] ** e
        den = () if core is None else element.ring.divisors_of(core)
        return Element(element.ring, poly, tuple(shift) if any(shift) else None, den)

    # decisions

    def __bool__(self) -> bool:
        return not self.is_zero()

    def is_zero(self) -> bool:
        """Whether the element is zero, given the ring's relations."""
        if not self.poly:
            return True
        if not self.ring._relations or len(self.poly) == 1:
            return False
        return not self.ring.reduce_polynomial(self.poly)

    def __eq__(self, other: Any) -> bool:
        if isinstance(other, int) and other == 0:
            return self.is_zero()
        difference = self - other
        return difference is not NotImplemented and (
            difference.is_zero() if isinstance(difference, Element) else not difference
        )

    __hash__ = None  # type: ignore[assignment]

    def is_monomial(self) -> bool:
        """Whether the element is a rational number times a product of powers of generators."""
        return len(self.poly) == 1 and not self.den

    def monomial(self) -> tuple[Any, Shift]:
        """``(rational coefficient, exponents)`` of a monomial."""
        exponents, coefficient = next(iter(self.poly.terms()))
        shift = self.shift or self.ring.zero_shift
        return coefficient, tuple(int(a) + b for a, b in zip(exponents, shift, strict=True))

    def rational(self) -> Any:
        """The element as an ``fmpq`` when it is a rational number, else ``None``."""
        if self.is_zero():
            return fmpq(0)
        small = self.reduced()
        if small.is_monomial():
            coefficient, exponents = small.monomial()
            return coefficient if not any(exponents) else None
        return None

    def reduced(self) -> Element:
        """The same element with relations applied, monomial content in the shift and divisors cancelled."""
        poly, shift = self.ring.fold_shift(self.poly, self.shift)
        poly = self.ring.reduce_polynomial(poly)
        den = []
        for i, e in self.den:
            divisor = self.ring.divisors[i]
            while e and poly:
                quotient, rest = divmod(poly, divisor)
                if rest:
                    break
                poly, e = quotient, e - 1
            if e and poly:
                den.append((i, e))
        return Element(self.ring, poly, shift, tuple(den))

    def terms(self) -> list[tuple[Any, Shift]]:
        """``(coefficient, exponents)`` of the numerator's terms, the shift included."""
        shift = self.shift
        if shift is None:
            return [(c, tuple(map(int, m))) for m, c in self.poly.terms()]
        return [(c, tuple(int(a) + b for a, b in zip(m, shift, strict=True))) for m, c in self.poly.terms()]

    def evaluate(self, values: Sequence[Any], convert: Callable[[Any], Any] = lambda c: c) -> Any:
        """The value when the generators take ``values``; ``convert`` turns an ``fmpq`` into the values' kind."""
        cache: dict[tuple[int, int], Any] = {}
        total = _sum_terms(self.terms(), values, convert, cache)
        for i, e in self.den:
            divisor = Element(self.ring, self.ring.divisors[i])
            total = total / _sum_terms(divisor.terms(), values, convert, cache) ** e
        return total

    def collect(self, place: int) -> Mapping[int, Element]:
        """The coefficients of the powers of one generator that occurs in no divisor."""
        rows: dict[int, dict[Shift, Any]] = {}
        offset = self.shift[place] if self.shift else 0
        for m, c in self.poly.terms():
            key = int(m[place])
            rows.setdefault(key, {})[tuple(0 if i == place else int(e) for i, e in enumerate(m))] = c
        shift = None
        if self.shift:
            shift = tuple(0 if i == place else e for i, e in enumerate(self.shift))
        make = self.ring.context.from_dict
        return {e + offset: Element(self.ring, make(row), shift, self.den) for e, row in rows.items()}

    def __repr__(self) -> str:
        return f"<{self.poly} shift {self.shift} den {self.den}>"


def _sum_terms(terms: list[Any], values: Sequence[Any], convert: Callable[[Any], Any], cache: dict[Any, Any]) -> Any:
    total: Any = 0
    for c, exponents in terms:
        product = convert(c)
        for i, e in enumerate(exponents):
            if e:
                if (i, e) not in cache:
                    cache[i, e] = values[i] ** e
                product = product * cache[i, e]
        total = total + product
    return total


def _add_aligned(a: Element, b: Element) -> Element:
    """The sum of two elements with different shifts or denominators."""
    if not a.poly:
        return b
    if not b.poly:
        return a
    ring, p, q, shift, den = a.ring, a.poly, b.poly, a.shift, a.den
    if a.den != b.den:
        den = _merge(a.den, b.den, max)
        p, q = _times_divisors(ring, p, den, a.den), _times_divisors(ring, q, den, b.den)
    if a.shift != b.shift:
        s, t = a.shift or ring.zero_shift, b.shift or ring.zero_shift
        low = tuple([x if x < y else y for x, y in zip(s, t, strict=True)])
        if s != low:
            p = p * ring.monomial(tuple([x - y for x, y in zip(s, low, strict=True)]))
        if t != low:
            q = q * ring.monomial(tuple([x - y for x, y in zip(t, low, strict=True)]))
        shift = low if any(low) else None
    return Element(ring, p + q, shift, den)


def _merge(a: tuple[Any, ...], b: tuple[Any, ...], rule: Callable[[int, int], int]) -> tuple[Any, ...]:
    left, right = dict(a), dict(b)
    return tuple((i, rule(left.get(i, 0), right.get(i, 0))) for i in sorted(left | right))


def _times_divisors(ring: Ring, poly: Any, target: tuple[Any, ...], have: tuple[Any, ...]) -> Any:
    present = dict(have)
    for i, e in target:
        missing = e - present.get(i, 0)
        if missing:
            poly = poly * ring.divisors[i] ** missing
    return poly


def _split(ring: Ring, poly: Any) -> tuple[Any, Shift, Any]:
    """A nonzero polynomial as rational content, monomial content and a core (``None`` when that is 1)."""
    exponents = [tuple(map(int, m)) for m in poly.monoms()]
    low = tuple(min(column) for column in zip(*exponents, strict=True))
    if len(exponents) == 1:
        return poly.leading_coefficient(), low, None
    core = poly / ring.monomial(low) if any(low) else poly
    content = core.leading_coefficient()
    return content, low, core / content
