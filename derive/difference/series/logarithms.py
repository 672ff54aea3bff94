r"""Coefficients that are polynomials in the logarithm of the small variable.

A resonance turns a coefficient of :math:`w^j` into a polynomial in :math:`\Lambda = \log w`.  Series keep plain numbers
until that happens; from then on :class:`LogPolynomial` (over balls or rationals), or an element of a ring that has
:math:`\Lambda` among its generators, takes part in the same arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from derive.difference.series import powerseries as ps

__all__ = ["LogPolynomial", "Logarithms"]


class LogPolynomial:
    """sum_l c_l (log w)**l with numeric coefficients; immutable.  Results free of the logarithm are plain numbers."""

    __slots__ = ("coefficients",)

    def __init__(self, coefficients: Sequence[Any]) -> None:
        self.coefficients = tuple(coefficients)

    def __add__(self, other: Any) -> Any:
        a, b = self.coefficients, _coefficients(other)
        size = max(len(a), len(b))
        return _collapse(ps.add(a, b, size))

    __radd__ = __add__

    def __neg__(self) -> Any:
        return _collapse([-c for c in self.coefficients])

    def __sub__(self, other: Any) -> Any:
        return self + (-other)

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        a, b = self.coefficients, _coefficients(other)
        return _collapse(ps.mul_schoolbook(a, b, len(a) + len(b) - 1))

    __rmul__ = __mul__

    def __truediv__(self, number: Any) -> Any:
        return _collapse([ps.ratio(c, 1, number) if isinstance(number, int) else c / number for c in self.coefficients])

    def __eq__(self, other: Any) -> bool:
        return all(ps.is_zero(c) for c in _coefficients(self - other))

    def __hash__(self) -> int:
        return hash(self.coefficients)

    def __repr__(self) -> str:
        return f"LogPolynomial({list(self.coefficients)})"

    def derivative(self) -> Any:
        """d/d(log w)."""
        return _collapse(ps.derivative(self.coefficients) or [0])

    def integral(self) -> Any:
        """The antiderivative without constant."""
        return _collapse(ps.integral(self.coefficients))

    def value(self, log: Any) -> Any:
        """The value at log w."""
        return ps.evaluate(self.coefficients, log)


def _collapse(coefficients: Sequence[Any]) -> Any:
    size = len(coefficients)
    while size > 1 and ps.is_zero(coefficients[size - 1]):
        size -= 1
    return coefficients[0] if size == 1 else LogPolynomial(coefficients[:size])


def _coefficients(c: Any) -> tuple[Any, ...]:
    return c.coefficients if isinstance(c, LogPolynomial) else (c,)


class Logarithms:
    """How to differentiate and integrate coefficients in log w: numbers, and LogPolynomial where a log appeared."""

    def derivative(self, c: Any) -> Any:
        """d/d(log w); None where c is free of the logarithm."""
        return c.derivative() if isinstance(c, LogPolynomial) else None

    def integral(self, c: Any) -> Any:
        """The antiderivative in log w."""
        return LogPolynomial(_coefficients(c)).integral()

    def may_vanish(self, c: Any) -> bool:
        """Whether a leading factor that is not exactly zero contains zero."""
        return hasattr(c, "contains") and bool(c.contains(0))

    def tidy(self, c: Any) -> Any:
        """The coefficient in a shorter form, where its ring has one."""
        return c
