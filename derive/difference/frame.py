r"""The variables in which orbits are written: n, theta, Y, and the symbols that print them.

.. math:: \theta = (n/a)^{-1/k}, \qquad Y = c - b \log\theta = c + \tfrac{b}{k} \log (n/a),

with k the order of contact in the small variable, a and b the leading and the logarithmic coefficient of the Abel
function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

import sympy as sp

__all__ = ["Frame", "Framed", "frame_symbols", "fresh_symbol", "polynomial", "with_error"]


@dataclass(frozen=True)
class Frame:
    """Symbols and constants of one orbit's expansion; see the module docstring."""

    n: sp.Symbol
    c: sp.Symbol
    Y: sp.Symbol
    k: int
    scale: sp.Expr
    log_coefficient: sp.Expr

    @property
    def theta(self) -> sp.Expr:
        """The small scale, (n/a)^(-1/k)."""
        return (self.scale / self.n) ** sp.Rational(1, self.k)

    @property
    def log_theta(self) -> sp.Expr:
        """log theta with the logarithm of n split off."""
        return -(sp.log(self.n) + sp.log(1 / self.scale)) / self.k

    @property
    def Y_value(self) -> sp.Expr:
        """What Y stands for: c + (b/k) log(n/a)."""
        return self.c - self.log_coefficient * self.log_theta

    def power(self, exponent: sp.Expr | int) -> sp.Expr:
        """theta**exponent."""
        e = sp.sympify(exponent, strict=True) / self.k
        return self.scale**e * self.n ** (-e)

    def classical(self, exponent: sp.Expr | int, coefficients: Sequence[sp.Expr]) -> sp.Expr:
        """theta**exponent times a polynomial in Y, as a sum of n^a (log n)^b."""
        scaled, power = self._scaled(exponent, coefficients)
        beta = self.log_coefficient / self.k
        constant = self.c + beta * sp.log(1 / self.scale)
        if beta == 0:
            return sp.Add(*(power * t for t in sp.Add.make_args(polynomial(scaled, constant))))
        log, parts = sp.log(self.n), []
        for i in range(len(scaled)):
            inner = [p * comb(j, i) * constant ** (j - i) for j, p in enumerate(scaled[i:], start=i) if p != 0]
            parts.append(power * log**i * beta**i * sp.Add(*inner))
        return sp.Add(*parts)

    def shifted(self, exponent: sp.Expr | int, coefficients: Sequence[sp.Expr]) -> sp.Expr:
        """theta**exponent times a polynomial in Y, in n and Y."""
        scaled, power = self._scaled(exponent, coefficients)
        return power * polynomial(scaled, self.Y)

    def _scaled(self, exponent: sp.Expr | int, coefficients: Sequence[sp.Expr]) -> tuple[list[sp.Expr], sp.Expr]:
        """The coefficients times a**(e/k), and the power of n."""
        e = sp.sympify(exponent, strict=True) / self.k
        front = self.scale**e
        return [sp.Add(*(front * t for t in sp.Add.make_args(p))) for p in coefficients], self.n ** (-e)

    def order(self, exponent: sp.Expr | int, log_degree: int) -> sp.Expr:
        """O(theta**exponent log(n)**log_degree)."""
        e = sp.sympify(exponent, strict=True) / self.k
        return sp.Order(self.n ** (-e) * sp.log(self.n) ** log_degree, (self.n, sp.oo))


class Framed:
    """What is written in a frame shows the frame's symbols as its own."""

    frame: Frame

    @property
    def n(self) -> sp.Symbol:
        """The symbol of the index."""
        return self.frame.n

    @property
    def c(self) -> sp.Symbol:
        """The symbol of the orbit's constant, c = A(x_0)."""
        return self.frame.c


def frame_symbols(used: set[sp.Symbol]) -> tuple[sp.Symbol, sp.Symbol, sp.Symbol]:
    """Symbols for n, c and Y that nothing in ``used`` is named like."""
    return (
        fresh_symbol("n", used, positive=True),
        fresh_symbol("c", used, real=True),
        fresh_symbol("Y", used, real=True),
    )


def with_error(text: str, error: Any, show: Callable[[Any], str] = str) -> str:
    """An expansion with its O-term; without one where the series has ended."""
    return text if error == 0 else f"{text} + {show(error)}"


def fresh_symbol(name: str, used: set[sp.Symbol], **assumptions: bool) -> sp.Symbol:
    """A symbol called ``name``, or ``name_0``, ``name_00``, ... where that name is taken."""
    taken = {s.name for s in used}
    while name in taken:
        name += "0" if "_" in name else "_0"
    return sp.Symbol(name, **assumptions)


def polynomial(coefficients: Sequence[sp.Expr], y: sp.Expr) -> sp.Expr:
    """sum_j p_j y**j."""
    return sp.Add(*(p * y**j for j, p in enumerate(coefficients) if p != 0))
