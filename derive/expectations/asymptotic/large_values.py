r"""Digits and balls of E f(\sqrt q z) from its large-variance series, where the proved remainder is small enough.

The moments are kept as balls, once per precision, already divided by what the series needs; a value then costs one
multiplication per term.  The number of terms is chosen so that the remainder bound of
:mod:`derive.expectations.asymptotic.large` is below the target; where no number of terms achieves that the functions
return None and another method has to be used.  Functions outside the class of that module give None too.
"""

from __future__ import annotations

from functools import lru_cache
from math import log
from typing import Any

import mpmath

from derive.errors import UnsupportedError
from derive.expectations.asymptotic.large import half_line_power
from derive.expectations.asymptotic.numeric_tail import NumericTail
from derive.expectations.asymptotic.pieces import RealFunction, real_function
from derive.expectations.asymptotic.tails import decompose_even
from derive.numerics.compile import arb_to_mpf, to_arb

__all__ = ["expectation_large_ball", "expectation_large_value", "variance_large_ball", "variance_large_value"]

_MAX_TERMS = 2000
_PATIENCE = 3  # bounds may wiggle for this many terms before the series counts as past its smallest term


class _Series:
    """Coefficients of one function at one working precision, extended on demand."""

    def __init__(self, f: RealFunction, bits: int) -> None:
        self._parts = decompose_even(f)
        self._squares = {s: s.squared() for s in self._parts.segments if s.sign is None}
        self.bits = bits
        costly = [s.tail for s in (*self._parts.segments, *self._squares.values()) if _is_costly(s.tail)]
        self.rates = [tail.decay.rate for tail in costly]  # raises where the far part has no bound
        self.powers = [(e / 2, to_arb(c * half_line_power(e))) for e, c in self._parts.right]
        self.terms: list[Any] = []  # (-1)^i m_2i / (sqrt(2 pi) i! 2^i)
        self.bounds: list[Any] = []  # upper bounds of the integral of |x^2i g| / (sqrt(2 pi) i! 2^i)

    def is_hopeless(self, q: Any, bits: int) -> bool:
        """Whether moments that each cost an integration cannot pay: terms fall to about e^(-rate^2 q/2)."""
        return any(2 * float(rate) ** 2 * float(q.mid()) < bits * log(2) for rate in self.rates)

    def extend(self, count: int) -> None:
        from flint import arb

        for i in range(len(self.bounds), count):
            scale = 1 / ((2 * arb.pi()).sqrt() * arb(i + 1).gamma() * arb(2) ** i)
            moments = [s.moment_ball(2 * i) for s in self._parts.segments]
            self.terms.append((-1) ** i * scale * sum(moments, arb(0)))
            absolute = sum(
                (self._absolute(s, m, 2 * i) for s, m in zip(self._parts.segments, moments, strict=True)), arb(0)
            )
            self.bounds.append((scale * absolute).abs_upper())

    def _absolute(self, segment: Any, moment: Any, k: int) -> Any:
        if segment.sign is not None:
            return abs(moment)
        squared = self._squares[segment]
        high, low = squared.moment_ball(2 * k + 2), squared.moment_ball(2 * k)
        return type(high).pi().sqrt() * (high * low).sqrt().sqrt()  # the best L of the module's bound


def _is_costly(tail: Any) -> bool:
    return isinstance(tail, NumericTail) and not tail.length.is_finite


@lru_cache(maxsize=64)
def _series(f: RealFunction, bits: int) -> _Series | None:
    from flint import ctx

    try:
        with ctx.workprec(bits):
            return _Series(f, bits)
    except UnsupportedError:
        return None


def expectation_large_ball(f: Any, q: Any, bits: int) -> Any | None:
    r"""Return a ball that contains E f(\sqrt q z) for every q in the ball ``q`` > 0, or None.

    The truncation error is below 2^-bits times the value (the radius of ``q`` adds to the result's); None means that
    no partial sum achieves this, or that the tails of ``f`` are not of the class.
    """
    from flint import arb, ctx

    series = _series(real_function(f), 64 * ((bits + 40) // 64 + 1))
    if series is None or not q > 0 or series.is_hopeless(q, bits):
        return None
    with ctx.workprec(series.bits):
        q = arb(q)
        w = 1 / q
        root = w.sqrt()
        lowest = w.abs_upper()
        value = sum((c * _power(q, e) for e, c in series.powers), arb(0))
        power, best, since = root, None, 0
        for i in range(_MAX_TERMS):
            series.extend(i + 1)
            bound = series.bounds[i] * lowest**i * root.abs_upper()
            if _small(bound, value, bits):
                return value + arb(0, bound.abs_upper())
            since = 0 if best is None or bound < best else since + 1
            best = bound if since == 0 else best
            if since > _PATIENCE:
                return None
            value += series.terms[i] * power
            power *= w
    return None


def _power(q: Any, exponent: Any) -> Any:
    return q ** int(exponent) if exponent.is_Integer else q ** to_arb(exponent)


def _small(bound: Any, value: Any, bits: int) -> bool:
    if bound.is_zero():
        return True
    size = abs(value.mid())
    return bool(bound < size * type(bound)(2) ** (-bits))


def expectation_large_value(f: Any, q: Any, digits: int) -> mpmath.mpf | None:
    r"""Return E f(\sqrt q z) to ``digits`` right digits, or None where the series cannot give them."""
    from flint import ctx

    bits = int(digits * 3.3219280948873626) + 8
    with ctx.workprec(bits + 40):
        ball = expectation_large_ball(f, to_arb(q), bits)
    if ball is None or ball.rel_accuracy_bits() < bits - 4:
        return None
    with mpmath.mp.workprec(bits + 10):
        return arb_to_mpf(ball)


def variance_large_ball(phi: Any, q: Any, bits: int) -> Any | None:
    r"""Return a ball around V\phi(q) for every q in the ball ``q``, or None; see :func:`expectation_large_ball`."""
    return expectation_large_ball(_squared(phi), q, bits)


def variance_large_value(phi: Any, q: Any, digits: int) -> mpmath.mpf | None:
    r"""Return V\phi(q) = E \phi(\sqrt q z)^2 to ``digits`` right digits, or None; see :func:`expectation_large_value`.

    >>> from derive.activations import activation
    >>> print(mpmath.nstr(variance_large_value(activation("tanh"), 10**8, 30), 30))
    0.999920211544247830335447642128
    """
    return expectation_large_value(_squared(phi), q, digits)


@lru_cache(maxsize=256)
def _squared(phi: Any) -> RealFunction:
    return real_function(phi).squared()
