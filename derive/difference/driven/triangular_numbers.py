r"""Digits for a driven state: from the coefficients of its equation to :mod:`derive.difference.driven.matching`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy as sp

from derive.difference.arguments import checked_digits, checked_index, exact_values, start_value
from derive.difference.driven.at_values import AtValues
from derive.difference.driven.formal_fibre import Function
from derive.difference.driven.matching import Amplitude
from derive.difference.recurrence import Recurrence
from derive.difference.series.magnitude import log10_upper
from derive.errors import PrecisionError, UnsupportedError

__all__ = ["Rescaled", "TriangularNumbers"]

_SHALLOW = 64
_AT_ONCE = 0.05  # seconds of iteration that need no thought
_PATIENCE = 0.5  # seconds of iteration that are preferred to a series


class TriangularNumbers:
    """The numerical side of one transseries; remembers what it computed for each set of parameter values."""

    def __init__(
        self,
        driver: Recurrence,
        coefficient: Callable[[int], Function | None],
        step: Callable[..., tuple[Any, Any]],
        numbers: Callable[..., Sequence[Mapping[Any, Any]]] | None,
        limit: sp.Expr,
        linear: bool,
        step_cost: float,
        also: Function | None = None,
    ) -> None:
        self.also = also
        self.driver, self.coefficient, self.step = driver, coefficient, step
        self.numbers, self.limit, self.linear, self.step_cost = numbers, limit, linear, step_cost
        self._made: dict[Any, AtValues] = {}
        self._found: dict[Any, Amplitude] = {}

    def amplitude(self, x0: Any, e0: Any, digits: int, params: Mapping[Any, Any] | None) -> sp.Float:
        """C to the given digits."""
        from derive.numerics import arb_to_sympy

        here, start = self._at_values(params), (start_value(x0), start_value(e0))
        if here.beyond_all_orders:
            raise UnsupportedError(
                "the homogeneous part is smaller than any power of n while the forced part is a divergent series of "
                "powers: the amplitude is defined only beyond all orders of that series; values at depth do not need it"
            )
        found = self._match(here, start, checked_digits(digits))
        return sp.S.Zero if log10_upper(found.value) < found.log10_error else arb_to_sympy(found.value, digits)

    def at(self, n: int, x0: Any, e0: Any, digits: int, params: Mapping[Any, Any] | None) -> sp.Float:
        """The state at depth n to the given digits (relative)."""
        from derive.numerics import arb_to_sympy

        n, digits = checked_index(n), checked_digits(digits)
        here, start = self._at_values(params), (start_value(x0), start_value(e0))
        if n <= _SHALLOW or n < _AT_ONCE / self.step_cost:
            return arb_to_sympy(here.iterated(n, start, digits), digits)
        if here.beyond_all_orders:
            cheap = n < _PATIENCE / self.step_cost
            return arb_to_sympy((here.iterated if cheap else here.forced)(n, start, digits), digits)
        needed = here.digits_of_amplitude(n, start, digits)
        for _ in range(5):
            found = self._match(here, start, needed)
            if n <= found.steps:
                return arb_to_sympy(here.iterated(n, start, digits), digits)
            value, error = here.at(n, start[0], found, digits)
            lost = log10_upper(error) - log10_upper(value)
            if lost < -digits:
                return arb_to_sympy(value, digits)
            needed += 3 + max(0, int(lost + digits))
        raise PrecisionError(f"the state at n = {n} came out with relative error 1e{lost:.0f}; ask for fewer digits")

    def _at_values(self, params: Mapping[Any, Any] | None) -> AtValues:
        values = _values(self, params)
        key = tuple(sorted(values.items(), key=str))
        if key not in self._made:
            self._made[key] = AtValues(self, values)
        return self._made[key]

    def _match(self, here: AtValues, start: tuple[sp.Expr, sp.Expr], digits: int) -> Amplitude:
        best = self._found.get((id(here), start))
        if best is None or best.digits < digits:
            best = here.driven.amplitude(start[0], here.deviation(start[1]), digits)
            self._found[id(here), start] = best
        return best


class Rescaled:
    """Digits of ``e = base + front(x)*y`` from those of y."""

    def __init__(self, inner: TriangularNumbers, front: sp.Expr, base: sp.Expr) -> None:
        self.inner, self.front, self.base = inner, front, base

    def amplitude(self, x0: Any, e0: Any, digits: int, params: Mapping[Any, Any] | None) -> sp.Float:
        """C to the given digits."""
        return self.inner.amplitude(x0, self._scaled(x0, e0, params), digits, params)

    def at(self, n: int, x0: Any, e0: Any, digits: int, params: Mapping[Any, Any] | None) -> sp.Float:
        """The state at depth n to the given digits."""
        from derive.difference.digits.depth import value_at

        values = _values(self.inner, params)
        y = self.inner.at(n, x0, self._scaled(x0, e0, params), digits + 4, params)
        x = value_at(self.inner.driver, n, x0, digits=digits + 6, params=params)
        front = sp.N(self.front.subs(values).subs(self.inner.driver.x, x), digits + 6)
        return sp.N(self.base.subs(values) + front * y, digits)

    def _scaled(self, x0: Any, e0: Any, params: Mapping[Any, Any] | None) -> sp.Expr:
        values = _values(self.inner, params)
        front = self.front.subs(values).subs(self.inner.driver.x, start_value(x0))
        return (start_value(e0) - self.base.subs(values)) / front


def _values(engine: TriangularNumbers, params: Mapping[Any, Any] | None) -> dict[sp.Symbol, sp.Expr]:
    return {**engine.driver.params, **exact_values(params)}
