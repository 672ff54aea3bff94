r"""The amplitude C of one orbit of a driven state, and its value at any depth.

With the blocks of :mod:`derive.difference.fibre` as numbers, the state at small w is a polynomial in C,

.. math:: \eta = \sum_i T_i(w)\,C^i, \qquad T_i = E_i(w)\,h(w)^i .

Both states are iterated to some :math:`w_m`, where the equation is solved for C by Newton's method; at depth n the same
polynomial is evaluated at :math:`w_n`, which the driver knows without iteration.

*Errors.*  What the sums leave out is estimated in both directions: the larger of the next two terms of every block, and
the first omitted block.  These are estimates, calibrated in the tests against iteration to larger m, not bounds.
Rounding is bounded by ball arithmetic in the series; the iteration runs with guard digits.

*Planning.*  A first crude match gives C to a few digits.  With it the error is predicted at any w, so the number m of
steps is known before they are taken; where it is too large, more orders and powers are computed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from derive.difference import powerseries as ps
from derive.difference.chain import Chain
from derive.difference.fibre import Fibre, linearise
from derive.difference.logarithms import Logarithms, LogPolynomial
from derive.difference.magnitude import log10_upper
from derive.difference.numeric_map import NumericMap
from derive.errors import DomainError, PrecisionError

__all__ = ["Amplitude", "DrivenNumbers", "NumericFibre"]

_BITS_PER_DIGIT = math.log2(10)
_LARGEST_STEPS = 10**6


@dataclass(frozen=True)
class NumericFibre:
    """A fibre with coefficients in balls, ready to be evaluated; ``tail`` terms of each block serve the estimate."""

    fibre: Fibre
    tail: int
    bits: int

    def polynomial(self, w: Any, index: int) -> tuple[list[Any], list[Any], Any]:
        """The coefficients T_i of C**i at w, what each leaves out, and the relative error of h."""
        log = w.log()
        h, h_error = self._h(w, log, index)
        values, errors, power = [], [], w * 0 + 1
        for block in self.fibre.blocks:
            value, error = _partial_sum(block, w, log, self.tail)
            values.append(value * power)
            errors.append(error * abs(power))
            power = power * h
        return values, errors, h_error

    def _h(self, w: Any, log: Any, index: int) -> tuple[Any, Any]:
        fibre = self.fibre
        exponent, error = _partial_sum(fibre.g, w, log, self.tail)
        scale = w**fibre.start
        h = (exponent * scale + fibre.b * log).exp()
        if not ps.is_zero(fibre.mu - 1):
            h = h * fibre.mu**index
        return h, error * abs(scale)


def _partial_sum(row: Sequence[Any], w: Any, log: Any, tail: int) -> tuple[Any, Any]:
    """The sum without the last ``tail`` terms, and the largest of those."""
    row = [c.value(log) if isinstance(c, LogPolynomial) else c for c in row]
    keep = max(len(row) - tail, 0)
    error = w * 0
    for a in range(keep, len(row)):
        if not ps.is_zero(row[a]):
            error = error.max(abs(row[a] * w**a))
    return ps.evaluate(row[:keep], w) + w * 0, error


@dataclass(frozen=True)
class Matched:
    """The state as a function of C at one w: value, slope and error, all balls (the error an estimate)."""

    values: list[Any]
    errors: list[Any]
    h_error: Any

    def value(self, c: Any) -> Any:
        """The state; the last block is left out for the estimate."""
        return ps.evaluate(self.values[:-1] if len(self.values) > 2 else self.values, c) + c * 0

    def slope(self, c: Any) -> Any:
        """The derivative in C."""
        return ps.evaluate(ps.derivative(self.values), c) + c * 0

    def error(self, c: Any) -> Any:
        """The estimated absolute error of the value."""
        size = abs(c)
        total = ps.evaluate(self.errors, size) + abs(self.slope(c) * c * self.h_error)
        if len(self.values) > 2:
            total = total + abs(self.values[-1]) * size ** (len(self.values) - 1)
        return total

    def solve(self, eta: Any) -> Any:
        """C with value(C) = eta, by Newton's method from the linear guess; None where it does not settle."""
        c = ((eta - self.values[0]) / self.values[1]).mid()
        for _ in range(200):
            slope = self.slope(c)
            if slope.contains(0) or not slope.is_finite():
                return None
            step = ((self.value(c) - eta) / slope).mid()
            c = (c - step).mid()
            if not c.is_finite():
                return None
            if c == 0 or log10_upper(step) < log10_upper(c) - self._digits():
                return c
        return None

    def _digits(self) -> float:
        from flint import ctx

        return 0.9 * ctx.prec / _BITS_PER_DIGIT - 3


@dataclass(frozen=True)
class Amplitude:
    """The amplitude C of one orbit, the estimate of its error (log10, absolute), and where it was matched."""

    value: Any
    log10_error: float
    steps: int
    numbers: NumericFibre

    @property
    def digits(self) -> float:
        """Estimated right digits."""
        return log10_upper(self.value) - self.log10_error


@dataclass
class DrivenNumbers:
    """A driven state at exact parameter values.

    ``multiplier(order, bits)`` are the coefficients of M through w**order, ``coefficients(powers, order, bits)`` those
    of m_0, ..., m_powers (fewer where the equation is a polynomial in the state); ``step(x, eta, digits)`` iterates both
    states once in mpmath; ``to_w(x)`` maps a ball of x to w; ``resonant`` decides exact
    resonances; ``step_cost`` is about what one step takes in seconds, for planning.
    """

    name: str
    driver: NumericMap
    multiplier: Callable[[int, int], list[Any]]
    coefficients: Callable[[int, int, int], list[list[Any]]]
    step: Callable[[Any, Any, int], tuple[Any, Any]]
    to_w: Callable[[Any], Any]
    k: int
    stride: int = 1
    linear: bool = False
    step_cost: float = 1e-4
    resonant: Callable[[int, Any], bool] | None = None
    _fibres: dict[tuple[int, int, int], NumericFibre] = field(default_factory=dict, repr=False)
    _orbits: dict[Any, _Trajectory] = field(default_factory=dict, repr=False)

    def fibre(self, order: int, powers: int, bits: int) -> NumericFibre:
        """The blocks through about w**order and C**powers."""
        from flint import ctx

        key = (order, powers, bits)
        if key not in self._fibres:
            tail = 2 * self.stride
            powers = 1 if self.linear else powers
            sizes = [order + tail] + [max(round(order * (1 - i / (powers + 1))), 1) + tail for i in range(1, powers + 1)]
            top = sizes[0] + self.k
            with ctx.workprec(bits):
                chain = Chain(Logarithms(), self.multiplier(top, bits), top)
                m = self.coefficients(max(powers, order), top, bits)
                m = [ps.truncate(row, top) for row in m]
                self._fibres[key] = NumericFibre(linearise(chain, m, sizes, self.resonant), tail, bits)
        return self._fibres[key]

    def amplitude(self, x0: Any, eta0: Any, digits: int) -> Amplitude:
        """C for the start (x0, eta0), with ``digits`` estimated right digits."""
        extra = 0
        for _ in range(6):
            found = self._match(x0, eta0, digits + 3, extra)
            if found.digits >= digits:
                return found
            extra += 10 + max(0, int(digits - found.digits))
        raise PrecisionError(
            f"the amplitude of {self.name} came out with {found.digits:.0f} digits, not {digits}; ask for fewer digits"
        )

    def value(self, found: Amplitude, w: Any, index: int) -> tuple[Any, Any]:
        """The state at w (ball of rounding) and its estimated absolute error."""
        from flint import arb, ctx

        with ctx.workprec(found.numbers.bits):
            matched = Matched(*found.numbers.polynomial(w, index))
            c = found.value
            slip = arb(10) ** arb(found.log10_error)
            return matched.value(c), matched.error(c) + abs(matched.slope(c)) * slip

    def iterate(self, x0: Any, eta0: Any, n: int, digits: int) -> Any:
        """The state after n steps of plain iteration, as a ball around the rounded iterate."""
        return _Trajectory(self, x0, eta0, digits + 20).at(n)[1]

    # planning ------------------------------------------------------------------------------------------------------

    def _match(self, x0: Any, eta0: Any, digits: int, extra: int) -> Amplitude:
        bits = int((digits + extra + 20) * _BITS_PER_DIGIT) + 64
        orbit = self._orbits.setdefault((x0, eta0, digits + extra), _Trajectory(self, x0, eta0, digits + extra + 20))
        crude = self._crude(orbit)
        order, powers = int(0.7 * digits * self.stride) + 8, int(0.4 * digits) + 4
        best: tuple[int, NumericFibre] | None = None
        for _ in range(4):
            numbers = self.fibre(order, powers, bits)
            steps = self._needed(numbers, crude, digits)
            if best is None or steps < 0.7 * best[0]:
                best = (steps, numbers)
            elif steps >= best[0]:
                break
            order, powers = int(1.3 * order), int(1.3 * powers) + 1
            if best[0] * self.step_cost < 1.5e-7 * order * powers**3:  # the larger fibre would cost more than it saves
                break
        return self._settle(orbit, best[0], best[1], digits)

    def _crude(self, orbit: _Trajectory) -> tuple[Any, float]:
        """C to a few digits, and log10 of w**-k per step, from short sums at moderate depth."""
        from flint import ctx

        numbers = self.fibre(6 * self.stride, 4, 128)
        steps = 32
        with ctx.workprec(128):
            while True:
                w, eta = orbit.at(steps)
                if w.is_finite() and w < 1:
                    matched = Matched(*numbers.polynomial(w, steps))
                    c = matched.solve(eta)
                    if c is not None and 4 * matched.error(c) < abs(matched.slope(c) * c):
                        return c, -self.k * log10_upper(w) - math.log10(steps)
                    if c is not None and 2 * matched.error(c) < abs(matched.value(c)):
                        return abs(c) + matched.error(c) / abs(matched.slope(c)), -self.k * log10_upper(w) - math.log10(steps)
                steps *= 4
                if steps > _LARGEST_STEPS:
                    raise DomainError(
                        f"{self.name} does not come close to its limit from the start {orbit.start} within {steps // 4} "
                        "steps; choose another start"
                    )

    def _needed(self, numbers: NumericFibre, crude: tuple[Any, float], digits: int) -> int:
        """The number of steps after which the estimated relative error of C is 10**-digits."""
        from flint import arb, ctx

        c, rate = crude
        with ctx.workprec(64):
            for i in range(14, 140):
                steps = 10 ** (i / 12)
                w = arb(10) ** arb(-(rate + math.log10(steps)) / self.k)
                matched = Matched(*numbers.polynomial(w, round(steps)))
                linear = abs(matched.values[1] * c)
                if log10_upper(matched.error(c)) - log10_upper(linear) < -digits:
                    return int(steps) + 1
        return 10**12

    def _settle(self, orbit: _Trajectory, steps: int, numbers: NumericFibre, digits: int) -> Amplitude:
        from flint import ctx

        if steps > _LARGEST_STEPS:
            raise PrecisionError(
                f"{digits} digits of the amplitude of {self.name} need about {steps:.1g} steps; ask for fewer digits, or "
                "start closer to the limit"
            )
        with ctx.workprec(numbers.bits):
            w, eta = orbit.at(steps)
            matched = Matched(*numbers.polynomial(w, steps))
            c = matched.solve(eta)
            if c is None:
                raise DomainError(
                    f"the start {orbit.start} of {self.name} has no amplitude at step {steps}: the state is too far from "
                    "its limit for the transseries; choose another start"
                )
            total = matched.error(c) + (matched.value(c) - eta).rad() + abs(eta) * orbit.relative_rounding(steps)
            return Amplitude(c, log10_upper(total / matched.slope(c)), steps, numbers)


class _Trajectory:
    """The iterates of both states, kept at the last step reached."""

    def __init__(self, numbers: DrivenNumbers, x0: Any, eta0: Any, digits: int) -> None:
        from derive.numerics import to_mpf

        self.numbers, self.digits = numbers, digits
        self.start = (x0, eta0)
        import mpmath

        with mpmath.workdps(digits):
            self._begin = (0, *(v if isinstance(v, mpmath.mpf) else to_mpf(v) for v in (x0, eta0)))
        self._last = self._begin

    def relative_rounding(self, steps: int) -> Any:
        """A generous estimate of the accumulated rounding."""
        from flint import arb

        return arb(10) ** (6 - self.digits) * (steps + 1)

    def at(self, steps: int) -> tuple[Any, Any]:
        """Balls of w and of the state after ``steps`` steps (of the rounded iterates)."""
        m, x, eta = self.states(steps)
        from derive.numerics import to_arb

        return self.numbers.to_w(to_arb(x)), to_arb(eta)

    def states(self, steps: int) -> tuple[int, Any, Any]:
        """Both states as mpmath numbers."""
        import mpmath

        m, x, eta = self._last if self._last[0] <= steps else self._begin
        with mpmath.workdps(self.digits):
            edge = 10**40 * (1 + abs(eta))
            for i in range(m, steps):
                x, eta = self.numbers.step(x, eta, self.digits)
                if not isinstance(eta, mpmath.mpf) or not abs(eta) < edge:
                    raise DomainError(
                        f"{self.numbers.name} does not tend to its limit from the start {self.start}: the deviation is "
                        f"{mpmath.nstr(eta, 5)} after {i + 1} steps; choose another start"
                    )
        self._last = (steps, x, eta)
        return self._last
