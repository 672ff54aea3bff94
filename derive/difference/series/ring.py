r"""The ring of a table of generators: names, relations, registered divisors.

Its elements are :class:`derive.difference.series.laurent.Element`.  A generator g may satisfy
:math:`g^L = p(\text{later generators})`; polynomials are reduced to normal form by dividing by these relations, in the
lexicographic order in which every relation leads with its own generator.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flint import Ordering, fmpq_mpoly_ctx

from derive.difference.series.laurent import Element, Shift, as_fmpq
from derive.errors import InputError, UnsupportedError

__all__ = ["Ring"]


class Ring:
    """Q[generators and their inverses], with room for further denominators.

    ``names`` are the generators' names (relations must lead from earlier to later ones); ``relations`` maps the index
    of a generator to ``(L, polynomial)``, meaning that its L-th power equals the polynomial (an :class:`Element`
    without denominators, or a rational number).
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.context = fmpq_mpoly_ctx.get(self.names, Ordering.lex)
        self.zero_shift = (0,) * len(self.names)
        self.divisors: list[Any] = []
        self._factored: list[Any] = []
        self._relations: list[Any] = []

    def generator(self, i: int) -> Element:
        """The i-th generator."""
        return Element(self, self.context.gen(i))

    def constant(self, value: Any) -> Element:
        """A rational number as an element of the ring."""
        return Element(self, self.context.constant(as_fmpq(value)))

    def add_relation(self, i: int, power: int, value: Any) -> None:
        """Declare that the i-th generator to the given power equals ``value``."""
        poly = value.poly if isinstance(value, Element) else self.context.constant(as_fmpq(value))
        if isinstance(value, Element) and (value.shift or value.den):
            raise InputError("a relation must be polynomial")
        self._relations.append((i, power, poly, self.context.gen(i) ** power - poly))

    @property
    def has_relations(self) -> bool:
        """Whether some generators are algebraic over the others."""
        return bool(self._relations)

    def reduce_polynomial(self, poly: Any) -> Any:
        """The normal form of a polynomial under the relations."""
        for *_, relation in self._relations:
            poly = poly % relation
        return poly

    def fold_shift(self, poly: Any, shift: Shift | None) -> tuple[Any, Shift | None]:
        """Move the powers of generators with relations from the shift into the polynomial, where that is possible."""
        if shift is None or not self._relations:
            return poly, shift
        rest = list(shift)
        for i, power, value, _ in self._relations:
            turns = max(0, -(rest[i] // power))  # g^-e = g^(turns power - e) / value^turns
            if turns and not value.is_constant():
                continue
            gain = rest[i] + turns * power
            if turns:
                poly = poly / value.leading_coefficient() ** turns
            poly, rest[i] = poly * self.context.gen(i) ** gain, 0
        return poly, tuple(rest) if any(rest) else None

    def monomial(self, exponents: Shift) -> Any:
        """A monomial with nonnegative exponents as a polynomial."""
        return self.context.from_dict({exponents: 1})

    def divisors_of(self, core: Any) -> tuple[tuple[int, int], ...]:
        """A polynomial with leading coefficient 1 as a product of registered irreducible divisors."""
        for known, pairs in self._factored:
            if known == core:
                return pairs
        try:
            _, factors = core.factor()
        except RuntimeError as error:
            raise UnsupportedError(f"a polynomial of {len(core)} terms could not be factored; simplify F") from error
        pairs = tuple(sorted((self.divisor(f / f.leading_coefficient()), int(e)) for f, e in factors))
        self._factored.append((core, pairs))
        return pairs

    def divisor(self, poly: Any) -> int:
        """The number of a divisor, registering it if it is new."""
        for i, known in enumerate(self.divisors):
            if known == poly:
                return i
        self.divisors.append(poly)
        return len(self.divisors) - 1
