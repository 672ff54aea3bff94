r"""Expansions in the geometric and the doubly geometric class, and their numbers.

Both Schroeder's and Boettcher's function straighten the map: in the coordinate t the orbit is :math:`t_n = t_0\mu^n` or
:math:`t_n = t_0^{\,d^n}` exactly, and the state is a convergent series in t.  What is left to do for a given start is
the same: iterate until the series converges fast, read off the constant, and evaluate the series at any depth.

:class:`Conjugacy` is the result, with the interface of :class:`~derive.difference.expansion.Expansion`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sympy as sp

from derive.difference.arguments import checked_digits, checked_terms, start_value, values_of_terms
from derive.difference.classes.exponent_size import demand_exponent
from derive.difference.frame import with_error
from derive.difference.recurrence import Recurrence

__all__ = ["Conjugacy", "Straightened"]


@dataclass(frozen=True)
class Straightened:
    """The terms of the state in z, one more than asked where there is one, and the straightening function on demand."""

    summands: tuple[sp.Expr, ...]
    coordinate: Callable[[], sp.Expr]


@dataclass(frozen=True)
class Conjugacy:
    r"""The expansion :math:`x_n = x_* + s\,z \sum_k \beta_k z^{\pm k/r}` in a variable z that is known for every n.

    Geometric class: ``z = c * multiplier**n``.  Doubly geometric class: ``z = factor * c**(degree**n)``, with
    :math:`c = \lim |x_n - x_*|^{d^{-n}}`.  ``terms`` are the summands in n; ``error`` is the O-term; ``coordinate`` is
    the straightening function of the state to the same order (Schroeder's function :math:`\sigma` with
    :math:`\sigma(F) = \mu\sigma`, or :math:`\beta` with :math:`\beta(F) = \beta^d`), and c its value at the start.
    The series is solved when a term is first asked for; digits come from balls and do not need it.
    """

    recurrence: Recurrence
    kind: str
    n: sp.Symbol
    c: sp.Symbol
    z: sp.Symbol
    z_value: sp.Expr
    offset: sp.Expr
    asked: int
    straighten: Callable[[], Straightened] = field(repr=False, compare=False)
    conditions: tuple[sp.Basic, ...] = ()

    @property
    def shifted(self) -> sp.Expr:
        """The expansion in z."""
        return sp.Add(self.offset, *self.shifted_terms)

    @cached_property
    def _straightened(self) -> Straightened:
        return self.straighten()

    @property
    def shifted_terms(self) -> tuple[sp.Expr, ...]:
        """The terms asked for, in z."""
        return self._straightened.summands[: self.asked]

    @property
    def omitted(self) -> sp.Expr:
        """The next nonzero term in z; 0 where the series has ended."""
        return sp.Add(*self._straightened.summands[self.asked : self.asked + 1])

    @cached_property
    def coordinate(self) -> sp.Expr:
        """The straightening function of the state."""
        return self._straightened.coordinate()

    @cached_property
    def terms(self) -> list[sp.Expr]:
        """The terms asked for, in n."""
        return [self._in_n(t) for t in self.shifted_terms]

    @cached_property
    def expr(self) -> sp.Expr:
        """The expansion in n and c."""
        return sp.Add(self.offset, *self.terms)

    @cached_property
    def error(self) -> sp.Expr:
        """The O-term, of the first omitted nonzero term; 0 where the series has ended."""
        if self.omitted == 0:
            return sp.S.Zero
        size = self.omitted.as_independent(self.z, as_Add=False)[1]
        value = sp.Abs(self.z_value) if not self.z_value.free_symbols - {self.n, self.c} else self.z_value
        return sp.Order(self._in_n(size, value.subs(sp.Abs(self.c), self.c)), (self.n, sp.oo), evaluate=False)

    def _in_n(self, term: sp.Expr, value: sp.Expr | None = None) -> sp.Expr:
        """A power of z with its powers multiplied out."""
        front, power = term.as_independent(self.z, as_Add=False)
        exponent = power.as_base_exp()[1] if power != 1 else sp.S.Zero
        factors = [
            sp.Pow(b, sp.expand(e * exponent))
            for b, e in (f.as_base_exp() for f in sp.Mul.make_args(self.z_value if value is None else value))
        ]
        return front * sp.Mul(*factors)

    def constant_value(
        self, x0: Any, digits: int = 50, certified: bool = False, params: Mapping[Any, Any] | None = None
    ) -> Any:
        """The constant c of the orbit that starts at ``x0`` (index 0).

        A SymPy Float with ``digits`` right digits (truncation by estimate, rounding bounded), or an
        :class:`~derive.difference.proofs.enclosure.Enclosure` with ``certified=True``.  Raises DomainError where the
        orbit does not tend to the fixed point.
        """
        return self._numeric(params).constant_value(x0, digits, certified)

    def at(
        self, n: int, x0: Any, digits: int = 30, certified: bool = False, params: Mapping[Any, Any] | None = None
    ) -> Any:
        """x_n for the orbit that starts at ``x0`` (index 0), at any depth; an enclosure with ``certified=True``."""
        return self._numeric(params).at(n, x0, digits, certified)

    def evaluate(self, n: Any, c: Any, digits: int = 15, params: Mapping[Any, Any] | None = None) -> tuple[Any, Any]:
        """``(value, error estimate)`` of the terms asked for at index n for a given constant c, as mpmath numbers."""
        index = start_value(n, "n")
        values = {**self.recurrence.values(params), self.n: index, self.c: c}
        if self.kind == "superattracting":
            demand_exponent(int(self.recurrence.classify().order), int(index), self.recurrence.chart.at_infinity)
        total, rest = values_of_terms([self.expr, self._in_n(self.omitted)], values, checked_digits(digits))
        return total, abs(rest)

    def sum(self, g: Any, terms: int | None = None) -> Any:
        """The sum of g(x_i) over i = 0 .. n-1, with its own constant; see :mod:`.conjugacy_sums`."""
        from derive.difference.classes.conjugacy_sums import orbit_sum

        return orbit_sum(self, g, self.asked if terms is None else checked_terms(terms))

    def product(self, g: Any, terms: int | None = None) -> Any:
        """The product of g(x_i) over i = 0 .. n-1; see :mod:`.conjugacy_sums`."""
        from derive.difference.classes.conjugacy_sums import orbit_product

        return orbit_product(self, g, self.asked if terms is None else checked_terms(terms))

    def _numeric(self, params: Mapping[Any, Any] | None) -> Any:
        from derive.difference.classes.conjugacy_numbers import ConjugacyNumbers

        return ConjugacyNumbers.of(self.recurrence, params)

    def __repr__(self) -> str:
        return with_error(str(self.expr), self.error)

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {with_error(sp.latex(self.expr), self.error, sp.latex)}$"
