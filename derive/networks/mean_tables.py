r"""E phi, E phi^2 and E phi'^2 of a Gaussian as functions of its variance, tabulated for networks of many layers.

All three are analytic in :math:`t = \log q` for every activation (the Gaussian smooths kinks), so Chebyshev
interpolation on pieces of t converges like a power.  A piece is built when a layer asks for it; its degree grows until
the last coefficients and the error at a place between the nodes are below the last digit.  Derivatives in t come with
it, and with them, whatever the activation,

.. math:: \frac{E\varphi'h}q = \frac2q\frac{dM}{dt}, \qquad \frac{E\varphi\varphi'h}q = \frac1q\frac{dV}{dt}, \qquad
   \frac{E\varphi'^2h^2}q = S + 2\frac{dS}{dt}, \qquad h \sim N(0, q) .
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import mpmath

from derive.activations import Activation

__all__ = ["MeanTables", "mean_tables"]

_WIDTH = 2  # of a piece in log q
_FIRST, _LARGEST = 16, 72  # nodes of the first piece tried, and of the last
_GUARD = 4


@dataclass(frozen=True)
class _Piece:
    """A Chebyshev sum in fixed point: coefficients are integers over 2^bits, in units of the largest value."""

    coefficients: tuple[int, ...]
    bits: int
    scale: Any

    @classmethod
    def of(cls, coefficients: list[Any], scale: Any) -> _Piece:
        """Rounded with 30 bits more than the working precision: sums of 72 terms and their slopes lose less."""
        bits, unit = mpmath.mp.prec + 30, scale or mpmath.mpf(1)
        with mpmath.workprec(bits + 20):
            fixed = tuple(int(mpmath.nint(mpmath.ldexp(c / unit, bits))) for c in coefficients)
        return cls(fixed, bits, unit)

    def at(self, x: Any) -> tuple[Any, Any]:
        """The sum and its derivative at -1 <= x <= 1, by Clenshaw's recurrence in integers."""
        bits, point = self.bits, int(mpmath.ldexp(x, self.bits))
        one = two = d_one = d_two = 0
        for c in self.coefficients[:0:-1]:
            d_one, d_two = ((point * d_one) >> (bits - 1)) - d_two + 2 * one, d_one
            one, two = ((point * one) >> (bits - 1)) - two + c, one
        value = ((point * one) >> bits) - two + self.coefficients[0]
        slope = ((point * d_one) >> bits) - d_two + one
        return tuple(mpmath.ldexp(mpmath.mpf(v), -bits) * self.scale for v in (value, slope))


class MeanTables:
    """The three means at any q > 0, with about ``digits`` right digits relative to their largest value nearby."""

    def __init__(self, phi: Activation, digits: int) -> None:
        from derive.expectations.values import variance_value
        from derive.networks.scaled_residual import first_moment

        self.digits, inner, slope = digits, digits + _GUARD, phi.diff(1)
        self._pieces: dict[tuple[str, int], _Piece | None] = {}
        self._last: dict[str, tuple[Any, tuple[Any, Any]]] = {}
        self._size = _FIRST
        self._direct: dict[str, Callable[[Any], Any]] = {
            "M": lambda q: first_moment(phi, q, inner),
            "V": lambda q: variance_value(phi, q, inner),
            "S": lambda q: variance_value(slope, q, inner),
        }

    def value(self, name: str, q: Any) -> Any:
        """M, V or S at q."""
        return self._kept(name, q)[0]

    def slope(self, name: str, q: Any) -> Any:
        """The derivative of M, V or S in log q."""
        return self._kept(name, q)[1]

    def _kept(self, name: str, q: Any) -> tuple[Any, Any]:
        """Value and slope, of which a layer often asks for both."""
        known = self._last.get(name)
        if known is None or known[0] != q:
            known = self._last[name] = (q, self._read(name, q))
        return known[1]

    def _read(self, name: str, q: Any) -> tuple[Any, Any]:
        with mpmath.workdps(self.digits + _GUARD):
            t = mpmath.log(q)
            index = int(mpmath.floor(t / _WIDTH))
            if (name, index) not in self._pieces:
                self._pieces[name, index] = self._fitted(name, index)
            piece = self._pieces[name, index]
            if piece is None:  # not smooth enough for a table
                h = mpmath.mpf(10) ** (-(self.digits + _GUARD) // 3)
                direct = self._direct[name]
                return direct(q), (direct(q * mpmath.exp(h)) - direct(q * mpmath.exp(-h))) / (2 * h)
            value, slope = piece.at(2 * t / _WIDTH - 2 * index - 1)
            return value, slope * 2 / _WIDTH

    def _fitted(self, name: str, index: int) -> _Piece | None:
        """The interpolant on [index, index + 1] width, or None where 64 coefficients are not enough."""
        start, direct = mpmath.mpf(index * _WIDTH), self._direct[name]

        def at(x: Any) -> Any:
            return direct(mpmath.exp(start + _WIDTH * (x + 1) / 2))

        probe = mpmath.mpf("0.987654321")
        expected = at(probe)
        while True:
            found, scale = _interpolated(at, self._size)
            small = mpmath.mpf(10) ** -self.digits * scale
            last = max(abs(c) for c in found[-3:])
            piece = _Piece.of(found, scale)
            if last <= small / self._size and abs(piece.at(probe)[0] - expected) <= small:
                return piece
            if self._size == _LARGEST:
                return None
            self._size = min(_LARGEST, _enough(self._size, self.digits, last / scale))


def _interpolated(function: Callable[[Any], Any], size: int) -> tuple[list[Any], Any]:
    """Chebyshev coefficients from ``size`` nodes, and the largest value met."""
    angles = [mpmath.pi * (2 * j + 1) / (2 * size) for j in range(size)]
    values = [function(mpmath.cos(a)) for a in angles]
    cosines = [mpmath.cos(mpmath.pi * j / (2 * size)) for j in range(4 * size)]
    found = [
        2 * mpmath.fsum(v * cosines[k * (2 * j + 1) % (4 * size)] for j, v in enumerate(values)) / size
        for k in range(size)
    ]
    found[0] /= 2
    return found, max(abs(v) for v in values)


def _enough(size: int, digits: int, reached: Any) -> int:
    """How many nodes reach the digits at the rate at which the coefficients have fallen so far."""
    rate = max(-float(mpmath.log10(reached)), 1.0) / size if reached else float(digits)
    return size + max(3, int((digits + 2) / rate) + 2 - size)


@lru_cache(maxsize=32)
def _kept(phi: Activation, digits: int) -> MeanTables:
    return MeanTables(phi, digits)


def mean_tables(phi: Activation, digits: int) -> MeanTables:
    """Tables with at least ``digits`` digits, kept for the next run of the same activation."""
    return _kept(phi, -(-digits // 10) * 10)
