r"""The amplitude C of one orbit of a driven state, and its value at any depth.

At small w the state is a function of C: the normal form (:mod:`derive.difference.driven.normal_form`) or the blocks
(:mod:`derive.difference.driven.numeric_fibre`).  Both states are iterated to some :math:`w_m`, where the equation is
solved for C by Newton's method; at depth n the same function is evaluated at :math:`w_n`, which the driver knows
without iteration.

*Errors.*  What the sums leave out is estimated by the next terms in every direction: an estimate, calibrated in the
tests against iteration to larger m, not a bound.  Rounding is bounded by ball arithmetic in the series; the iteration
runs with guard digits.

*Planning.*  A first crude match gives C to a digit or so.  With it the error is predicted at any w, so the number m of
steps is known before they are taken; while the steps cost more than a longer series would, the series is made longer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from derive.difference.driven.chain import Chain
from derive.difference.driven.driven_orbit import DrivenOrbit
from derive.difference.driven.fibre import linearise
from derive.difference.driven.normal_form import normal_form
from derive.difference.driven.normal_state import NormalForm, weights
from derive.difference.driven.numeric_fibre import NumericFibre
from derive.difference.series import powerseries as ps
from derive.difference.series.logarithms import Logarithms
from derive.difference.series.magnitude import log10_upper
from derive.errors import DomainError, PrecisionError

__all__ = ["Amplitude", "DrivenNumbers"]

_BITS_PER_DIGIT = math.log2(10)
_LARGEST_STEPS = 10**6
_NEVER = 10**12
_SERIES_COST = 8e-6  # seconds, times size**3
_SCOUT = 16
_CRUDE_SIZES = ((8, 0), (16, 500), (32, 2000))  # orders, and the steps from which they are tried

Numbers = NumericFibre | NormalForm


@dataclass(frozen=True)
class Amplitude:
    """The amplitude of one orbit as the ``numbers`` count it, its error (log10, absolute), and where it was matched.

    ``floor`` is the size below which an amplitude counts as zero: 10^-8 of what would be natural for the start.
    """

    internal: Any
    log10_error: float
    steps: int
    numbers: Numbers
    floor: Any

    @property
    def value(self) -> Any:
        """C."""
        from flint import ctx

        with ctx.workprec(self.numbers.bits):
            return self.numbers.amplitude(self.internal)

    @property
    def digits(self) -> float:
        """Estimated right digits of C (of its natural size, where it is much smaller than that)."""
        return max(log10_upper(self.value), log10_upper(self.floor)) - self.log10_error


@dataclass
class DrivenNumbers:
    """A driven state at exact parameter values.

    ``multiplier(order, bits)`` are the coefficients of M through w**order, ``coefficients(powers, order, bits)`` those
    of m_0, ..., m_powers (fewer where the equation is a polynomial in the state); ``step(x, eta, digits)`` iterates
    both states once in mpmath; ``to_w(x)`` maps a ball of x to w; ``k`` is the order of contact and ``lead`` the size
    of k M_k, ``exponent`` is b with h ~ w**b.  ``blocks`` asks for the fibre instead of the normal form; ``resonance``
    is b where it is known to be an integer exactly; ``step_cost`` is about what one step takes in seconds (planning).
    """

    name: str
    multiplier: Callable[[int, int], list[Any]]
    coefficients: Callable[[int, int, int], list[list[Any]]]
    step: Callable[[Any, Any, int], tuple[Any, Any]]
    to_w: Callable[[Any], Any]
    k: int
    lead: float
    exponent: float
    blocks: bool
    linear: bool
    resonance: int | None = None
    step_cost: float = 1e-4
    _known: dict[tuple[int, int, int], list[list[Any]]] = field(default_factory=dict, repr=False)
    _levels: dict[tuple[int, int], Numbers] = field(default_factory=dict, repr=False)
    _orbits: dict[Any, DrivenOrbit] = field(default_factory=dict, repr=False)

    def level(self, size: int, bits: int) -> Numbers:
        """The state as a function of C to ``size`` orders."""
        from flint import ctx

        if (size, bits) not in self._levels:
            with ctx.workprec(bits):
                self._levels[size, bits] = self._fibre(size, bits) if self.blocks else self._normal(size, bits)
        return self._levels[size, bits]

    def _fibre(self, size: int, bits: int, powers: int = 0) -> NumericFibre:
        powers = powers or (1 if self.linear else max(2, size // 2))
        sizes = [size + 2] + [max(round(size * (1 - i / (powers + 1))), 1) + 2 for i in range(1, powers + 1)]
        top = sizes[0] + self.k
        m = [ps.truncate(row, top + 1) for row in self.coefficients(max(powers, size), top, bits)]
        chain = Chain(Logarithms(), self.multiplier(top + self.k, bits), top + self.k + 1)
        decide = (lambda j, factor: j == self.resonance) if self.resonance is not None else (lambda j, factor: False)
        return NumericFibre(linearise(chain, m, sizes, decide), 2, bits)

    def _rows(self, powers: int, order: int, bits: int) -> list[list[Any]]:
        """The coefficients, from an earlier and longer computation where there is one."""
        wanted = (powers, order, bits)
        known = next((k for k in self._known if all(have >= want for have, want in zip(k, wanted, strict=True))), None)
        if known is None:
            known = wanted if self._known else (powers + _SCOUT // 2, order + _SCOUT // 2, bits)
            self._known[known] = self.coefficients(*known)
        rows = self._known[known]
        return [ps.truncate(row, order + 1) for row in rows[: powers + 1]]

    def _normal(self, size: int, bits: int) -> NormalForm:
        """The normal form with ``size`` weights beyond the first of w and v, and some more for the estimate."""
        p, q = weights(self.exponent)
        depth = size + 2 * p + max(p, q)
        order = depth // p + 2 * self.k + 2
        rows = self._rows(depth // min(p, q) + 1, order, bits)  # Phi begins with w**1 or v
        return normal_form(self.multiplier(order, bits), rows, self.k, depth, (p, q), self.resonance, bits)

    # amplitudes and values -----------------------------------------------------------------------------------------

    def amplitude(self, x0: Any, eta0: Any, digits: int) -> Amplitude:
        """C for the start (x0, eta0), with ``digits`` estimated right digits."""
        extra = 0
        for _ in range(6):
            found = self._match(x0, eta0, digits + 2 + extra)
            if found.digits >= digits:
                return found
            extra += 3 + max(0, int(digits - found.digits))
        raise PrecisionError(
            f"the amplitude of {self.name} came out with {found.digits:.0f} digits, not {digits}; ask for fewer digits"
        )

    def value(self, found: Amplitude, w: Any, index: int) -> tuple[Any, Any]:
        """The state at w (ball of rounding) and its estimated absolute error."""
        from flint import arb, ctx

        with ctx.workprec(found.numbers.bits):
            here = found.numbers.at(w, index)
            c = found.internal
            slip = arb(10) ** arb(found.log10_error)
            return here.value(c), here.error(c) + abs(here.slope(c)) * slip

    def share(self, x0: Any, eta0: Any, w: Any, index: int, digits: int) -> tuple[Any, Any]:
        """``(|C h|, |eta|)`` at w to a digit or so: how much of the state hangs on the amplitude there.

        The orbit is begun with the digits that may be wanted of the amplitude later.
        """
        from flint import ctx

        with ctx.workprec(128):
            here, (c, _, floor) = self._short().at(w, index), self._crude(self._orbit(x0, eta0, digits))
            return here.linear_part(c).max(abs(here.slope(c)) * floor), abs(here.value(c))

    def forced_only(self, x0: Any, eta0: Any, w: Any, index: int, digits: int) -> tuple[Any, Any]:
        """The forced solution at w and its error, where the homogeneous part is smaller than any power.

        The error includes the homogeneous part itself, its amplitude guessed from a few dozen steps.
        """
        from flint import ctx

        bits = int((digits + 20) * _BITS_PER_DIGIT) + 64
        found: list[tuple[Any, Any]] = []
        for order in (8, 16, 32, 64, 128):
            with ctx.workprec(bits):
                numbers = self._fibre(order, bits, powers=1)
                early, eta = self._orbit(x0, eta0, 15).at(48)
                first, here = numbers.at(early, 48), numbers.at(w, index)
                guess = (abs(eta - first.values[0]) + first.errors[0]) / abs(first.values[1])
                error = here.errors[0] + abs(here.values[1]) * guess
            found.append((here.values[0], error))
            if log10_upper(error) < log10_upper(here.values[0]) - digits:
                break
        return min(found, key=lambda row: log10_upper(row[1]))

    def iterate(self, x0: Any, eta0: Any, n: int, digits: int) -> Any:
        """The state after n steps of plain iteration, as a ball around the rounded iterate."""
        return self._begin(x0, eta0, digits).at(n)[1]

    # planning ------------------------------------------------------------------------------------------------------

    def _match(self, x0: Any, eta0: Any, digits: int) -> Amplitude:
        bits = int((digits + 20) * _BITS_PER_DIGIT) + 64
        orbit = self._orbit(x0, eta0, digits)
        crude = self._crude(orbit)
        size = int(0.7 * digits) + 8 if self.blocks else self._planned(crude, digits)
        fewest, best = self._needed(numbers := self.level(size, bits), crude, digits), numbers
        for _ in range(7):
            size = int(1.3 * size)
            if fewest * self.step_cost < _SERIES_COST * size**3:  # the longer series would cost more than it saves
                break
            steps = self._needed(numbers := self.level(size, bits), crude, digits)
            if steps < 0.8 * fewest:
                fewest, best = steps, numbers
            elif steps >= fewest < _NEVER:
                break
        return self._settle(orbit, fewest, best, digits, crude[2])

    def _planned(self, crude: tuple[Any, float, Any], digits: int) -> int:
        """The size at which steps and series together cost least, from how fast a short series decays."""
        from flint import arb, ctx

        c, ahead, floor = crude
        p, q = weights(self.exponent)
        best = (math.inf, int(0.9 * digits) + 8)
        with ctx.workprec(96):
            numbers = self.level(_SCOUT, 128)
            if not isinstance(numbers, NormalForm):
                return best[1]
            for i in range(16, 84):
                steps = 10 ** (i / 12)
                if steps + ahead <= 1:
                    continue
                w = arb(10) ** arb(-math.log10((steps + ahead) * self.lead) / self.k)
                here = numbers.at(w, round(steps))
                first = max(p, q) + _SCOUT // 3
                rows = [(d, log10_upper(s)) for d, s in enumerate(here.weights(c)) if d >= first and not s.is_zero()]
                if len(rows) < 2 or rows[-1][0] == rows[0][0]:
                    return best[1]
                rate = (rows[-1][1] - rows[0][1]) / (rows[-1][0] - rows[0][0])
                if rate > -0.05:
                    continue
                goal = log10_upper(here.linear_part(c).max(abs(here.slope(c)) * floor)) - digits
                size = max(_SCOUT, int(rows[-1][0] + (goal - rows[-1][1]) / rate) + 3 - max(p, q))
                cost = steps * self.step_cost + _SERIES_COST * size**3
                best = min(best, (cost, size))
        return best[1]

    def _orbit(self, x0: Any, eta0: Any, digits: int) -> DrivenOrbit:
        for (x, eta, have), orbit in self._orbits.items():
            if (x, eta) == (x0, eta0) and have >= digits:
                return orbit
        orbit = self._orbits[x0, eta0, digits] = self._begin(x0, eta0, digits)
        return orbit

    def _begin(self, x0: Any, eta0: Any, digits: int) -> DrivenOrbit:
        return DrivenOrbit(self.name, self.step, self.to_w, x0, eta0, digits + 20)

    def _short(self) -> Numbers:
        return self.level(_CRUDE_SIZES[0][0], 128)

    def _crude(self, orbit: DrivenOrbit) -> tuple[Any, float, Any]:
        """C to a digit or so from short sums at moderate depth, how many steps ahead the start is, the floor of C."""
        from flint import ctx

        steps, before = 32, None
        with ctx.workprec(128):
            while steps <= _LARGEST_STEPS:
                w, eta = orbit.at(steps)
                if before is not None and eta == before and not eta.is_zero():
                    break
                before = eta
                for size, least in _CRUDE_SIZES if w.is_finite() and w < 1 else ():
                    if steps < least:
                        break
                    here = self.level(size, 128).at(w, steps)
                    c = here.solve(eta)
                    if c is not None and 3 * here.error(c) < abs(here.slope(c) * c).max(abs(here.value(c))):
                        ahead = 10 ** min(-(self.k * log10_upper(w) + math.log10(self.lead)), 300.0) - steps
                        return c, ahead, abs(here.value(c) / here.slope(c)) * 1e-8
                steps *= 4
        raise DomainError(
            f"{self.name} does not come close to its limit from the start {orbit.start} within {steps} steps; "
            "choose another start"
        )

    def _needed(self, numbers: Numbers, crude: tuple[Any, float, Any], digits: int) -> int:
        """The number of steps after which the estimated relative error of C is 10**-digits."""
        from flint import arb, ctx

        c, ahead, floor = crude
        with ctx.workprec(96):
            for i in range(16, 140):
                steps = 10 ** (i / 12)
                if steps + ahead <= 1:
                    continue
                w = arb(10) ** arb(-math.log10((steps + ahead) * self.lead) / self.k)
                here = numbers.at(w, round(steps))
                size = here.linear_part(c).max(abs(here.slope(c)) * floor)
                if log10_upper(here.error(c)) - log10_upper(size) < -digits:
                    return int(steps) + 1
        return _NEVER

    def _settle(self, orbit: DrivenOrbit, steps: int, numbers: Numbers, digits: int, floor: Any = 0) -> Amplitude:
        from flint import arb, ctx

        if steps > _LARGEST_STEPS:
            raise PrecisionError(
                f"{digits} digits of the amplitude of {self.name} need about {steps:.1g} steps; ask for fewer "
                "digits, or start closer to the limit"
            )
        with ctx.workprec(numbers.bits):
            w, eta = orbit.at(steps)
            here = numbers.at(w, steps)
            c = here.solve(eta)
            if c is None:
                raise DomainError(
                    f"the start {orbit.start} of {self.name} has no amplitude at step {steps}: the state is too far "
                    "from its limit for the transseries; choose another start"
                )
            total = here.error(c) + (here.value(c) - eta).rad() + abs(eta) * orbit.relative_rounding(steps)
            return Amplitude(c, log10_upper(total / here.slope(c)), steps, numbers, arb(floor))
