r"""A transseries along the orbit of a driver: the result of :func:`derive.difference.driven.triangular.triangular`.

.. math:: e_n = e_* + \sum_{i\ge0} C^i \mu^{in} e^{iS(n)} \sum_a P_{i,a}(\log n)\, n^{-(a+ib)/k} .

The free constant C is the amplitude of the start; c is the driver's constant.  Where the exponent :math:`b/k` is
symbolic the order of the terms is decided on a declared interval; if it changes inside, :class:`UnsupportedError` names
the points at which to split the interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sympy as sp

from derive.difference.arguments import checked_digits, exact_values, values_of_terms
from derive.difference.frame import with_error
from derive.errors import InputError, UnsupportedError

__all__ = ["ExponentRange", "Term", "Transseries", "next_candidates", "select_terms", "sum_with_estimate"]

_OMITTED = 4


@dataclass(frozen=True)
class Term:
    """One term: ``coefficient * C**power * decay**power * n**(-exponent)``; the coefficient may hold log n and c."""

    power: int
    step: int
    exponent: sp.Expr
    coefficient: sp.Expr
    log_degree: int = 0


@dataclass(frozen=True)
class ExponentRange:
    """The exponent delta of the homogeneous solution n**(-delta), and the open interval in which it lies.

    ``symbol`` and ``inverse`` translate a split value of delta back to the parameter (``None``: delta itself is shown).
    """

    value: sp.Expr
    low: sp.Expr
    high: sp.Expr

    @property
    def middle(self) -> sp.Expr:
        """A point inside."""
        return (self.low + self.high) / 2

    def size(self, candidate: tuple[int, sp.Rational]) -> sp.Expr:
        """offset + power*delta; equal for two candidates only if they are of the same size everywhere."""
        power, offset = candidate
        return sp.expand(offset + power * self.value)

    def crossing(self, first: tuple[int, sp.Rational], second: tuple[int, sp.Rational]) -> sp.Expr | None:
        """The value of delta strictly inside the interval at which two exponents coincide; None if there is none."""
        (i, s), (j, t) = first, second
        if i == j or self.low == self.high:
            return None
        at = sp.Rational(t - s) / (i - j)
        from derive.numerics import sign_of

        return at if sign_of(at - self.low) > 0 and sign_of(self.high - at) > 0 else None


def next_candidates(
    candidates: Sequence[tuple[int, sp.Rational]], span: ExponentRange, kept: Sequence[int], inside: set[int]
) -> list[int]:
    """The leading ones of the computed candidates that were not kept: they estimate the error."""
    rest = [m for m in range(len(candidates)) if m in inside and m not in set(kept)]
    return sorted(rest, key=lambda m: (_value(candidates[m], span), candidates[m][0]))[:_OMITTED]


def select_terms(
    candidates: Sequence[tuple[int, sp.Rational]], span: ExponentRange, wanted: int
) -> tuple[list[int], list[int]]:
    """Indices of the ``wanted`` leading candidates ``(power, offset)``, and of the leading ones among the rest.

    Raises UnsupportedError with the split points where the interval does not decide which terms lead.
    """
    order = sorted(range(len(candidates)), key=lambda m: (_value(candidates[m], span), candidates[m][0]))
    end = _end_of_groups([span.size(candidates[m]) for m in order], wanted)
    kept, rest = order[:end], order[end:]
    splits = {span.crossing(candidates[p], candidates[q]) for p in kept for q in rest} - {None}
    if splits:
        points = ", ".join(str(s) for s in sorted(splits, key=sp.N))
        raise UnsupportedError(
            f"the first {wanted} terms are not the same for all exponents in ({span.low}, {span.high}): their order "
            f"changes at {span.value} = {points}; declare a smaller interval, or ask for another number of terms"
        )
    first = rest[:1]
    first += [q for q in rest[1:] if span.crossing(candidates[q], candidates[rest[0]]) is not None] if rest else []
    return kept, first


def _end_of_groups(sizes: list[sp.Expr], wanted: int) -> int:
    """How many entries the first ``wanted`` groups of equal sizes have."""
    groups = 0
    for m, size in enumerate(sizes):
        if m == 0 or size != sizes[m - 1]:
            groups += 1
            if groups > wanted:
                return m
    return len(sizes)


def _value(candidate: tuple[int, sp.Rational], span: ExponentRange) -> float:
    return float(candidate[1] + candidate[0] * span.middle)


def sum_with_estimate(
    expr: sp.Expr, omitted: Sequence[sp.Expr], values: Mapping[sp.Symbol, Any], digits: int
) -> tuple[Any, Any]:
    """An expression in mpmath, and the largest of the terms that it leaves out."""
    import mpmath

    total, *sizes = values_of_terms([expr, *omitted], values, checked_digits(digits))
    return total, max(map(abs, sizes), default=mpmath.mpf(0))


@dataclass(frozen=True)
class Transseries:
    """The expansion of a driven state; made by :func:`~derive.difference.driven.triangular.triangular`.

    ``terms`` are sorted by size, ``error`` is the O-term, ``exponent`` is delta with e - E_0 ~ C n**(-delta), ``decay``
    the factor per power of C that is smaller than any power of n (1 in the ordinary case), ``conditions`` what must not
    vanish (the resonant parameter values, each as an expression that is zero there), ``logarithms`` the powers of the
    small variable at which a resonance put a logarithm.  ``blocks`` are E_0, E_1, ... in the driver's variable and
    ``homogeneous`` is h, as far as the terms asked for need them.
    """

    state: sp.Symbol
    n: sp.Symbol
    c: sp.Symbol
    C: sp.Symbol
    limit: sp.Expr
    exponent: sp.Expr
    decay: sp.Expr
    terms: tuple[Term, ...]
    error: sp.Expr
    conditions: tuple[sp.Expr, ...] = ()
    logarithms: tuple[int, ...] = ()
    blocks: tuple[sp.Expr, ...] = ()
    homogeneous: sp.Expr = sp.S.One
    further: Any = field(default=None, repr=False, compare=False)
    numbers: Any = field(default=None, repr=False, compare=False)

    def summand(self, term: Term) -> sp.Expr:
        """A term as an expression in n, c and C."""
        return term.coefficient * (self.C * self.decay) ** term.power * self.n ** (-term.exponent)

    @cached_property
    def omitted(self) -> tuple[Term, ...]:
        """The next terms, one full power of the small scale beyond the first omitted one; they estimate the error."""
        return () if self.further is None else tuple(self.further())

    @cached_property
    def expr(self) -> sp.Expr:
        """The limit and the terms asked for, in n and log n."""
        return sp.Add(self.limit, *(self.summand(t) for t in self.terms))

    def resonant_values(self, symbol: sp.Symbol) -> tuple[sp.Expr, ...]:
        """The values of one parameter at which a coefficient computed here has a pole (a logarithm appears there)."""
        found: set[sp.Expr] = set()
        for condition in self.conditions:
            if condition.has(symbol):
                found |= set(sp.roots(sp.Poly(condition, symbol)))
        return tuple(sorted(found, key=sp.default_sort_key))

    def amplitude(self, x0: Any, e0: Any, digits: int = 30, params: Mapping[Any, Any] | None = None) -> sp.Float:
        """The amplitude C for the start (x0, e0) at index 0, with ``digits`` digits by a calibrated estimate.

        Raises DomainError where the start is not attracted, PrecisionError where the digits are out of reach.
        """
        return self._numeric().amplitude(x0, e0, digits, params)

    def at(self, n: int, x0: Any, e0: Any, digits: int = 30, params: Mapping[Any, Any] | None = None) -> sp.Float:
        """The state after n steps from (x0, e0), n of any size, with ``digits`` digits by a calibrated estimate."""
        return self._numeric().at(n, x0, e0, digits, params)

    def evaluate(
        self, n: Any, c: Any, C: Any, digits: int = 15, params: Mapping[Any, Any] | None = None
    ) -> tuple[Any, Any]:
        """``(value, error estimate)`` of the terms asked for, for given constants, as mpmath numbers.

        The estimate is the largest of the next terms; it is an estimate, not a bound.
        """
        values = {self.n: n, self.c: c, self.C: C, **exact_values(params)}
        return sum_with_estimate(self.expr, [self.summand(t) for t in self.omitted], values, digits)

    def _numeric(self) -> Any:
        if self.numbers is None:
            raise InputError("this transseries was made without the map of the second state; give step=... for digits")
        return self.numbers

    def __repr__(self) -> str:
        return with_error(str(self.expr), self.error)

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {with_error(sp.latex(self.expr), self.error, sp.latex)}$"
