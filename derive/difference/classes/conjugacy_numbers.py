r"""Digits in the geometric and the doubly geometric class: constants, and values at any depth.

The straightening series converges; its coefficients are computed as balls, its tail is estimated by the next two
terms, and the orbit is iterated until that is small enough.  Rounding is bounded throughout.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sympy as sp

from derive.difference.classes.two_sides import demand_two_sides
from derive.difference.formal.sparse_abel import window_of
from derive.difference.near_point.small_variable import SmallVariable
from derive.difference.orbits.numeric_map import vanishes
from derive.difference.recurrence import Recurrence
from derive.difference.series import powerseries as ps
from derive.difference.series.magnitude import log10_relative, log10_size, log10_upper
from derive.errors import DomainError, PrecisionError, UnsupportedError

__all__ = ["ConjugacyNumbers"]

_BITS_PER_DIGIT = math.log2(10)
_PATIENCE = 200_000
_CHECK = 512
_EXACT_STEPS = 6
_TINY = 1e-6
_SHORT = 60  # operations of a state that may be simplified to see whether it is the point
_LARGEST_EXPONENT_BITS = 4096
_FAR = 1_000_000  # bits of a state that will not come back


_made: dict[Any, ConjugacyNumbers] = {}


@dataclass(frozen=True)
class Straight:
    """The straightening series t(w) = w * (1 + ...) at one precision, and its inverse."""

    forward: list[Any]
    bits: int

    @cached_property
    def backward(self) -> list[Any]:
        """The coefficients of w(t)."""
        from flint import ctx

        with ctx.workprec(self.bits):
            return ps.revert(self.forward, len(self.forward))


@dataclass(frozen=True)
class Read:
    """A constant read off after m steps: t of the start (log of it in the doubly geometric class).

    ``truncated`` says whether the error is that of the series cut off rather than that of rounding.
    """

    value: Any
    steps: int
    log10_error: float
    straight: Straight
    truncated: bool = False

    @property
    def on_the_point(self) -> bool:
        """Whether the orbit falls onto the fixed point itself."""
        return self.log10_error == -math.inf


def _log10_radius(series: list[Any]) -> float:
    """log10 of a radius of convergence by the root test on every coefficient; infinite for a linear series."""
    rows = ((j, c) for j, c in enumerate(series) if j > 1 and not ps.is_zero(c))
    return min((-log10_upper(c) / (j - 1) for j, c in rows), default=math.inf)


def _omitted(series: list[Any], log10_w: float) -> float:
    """log10 of the first omitted term as the root test sees it: in a series with gaps the last terms may vanish."""
    radius = _log10_radius(series)
    return log10_w + (len(series) - 3) * (log10_w - radius) if math.isfinite(radius) else -math.inf


def _inverse(series: list[Any], t: Any) -> Any:
    """The small w with series(w) = t, with the radius that t brings: Newton's method from w = t."""
    from flint import arb, ctx

    slopes, middle = ps.derivative(series), t.mid()
    w = middle
    for _ in range(60):
        step = ((ps.evaluate(series, w) - middle) / ps.evaluate(slopes, w)).mid()
        w = (w - step).mid()
        if step == 0 or log10_upper(step) < max(log10_upper(t - middle), log10_size(w) - 0.28 * ctx.prec):
            break
    residual = ps.evaluate(series, w) - t
    return w + arb(0, 1) * 2 * abs(residual / ps.evaluate(slopes, w)).upper()


@dataclass
class ConjugacyNumbers:
    """One map at exact parameter values; ``degree`` is 1 in the geometric class."""

    recurrence: Recurrence
    chart: SmallVariable
    degree: int
    _straight: dict[tuple[int, int], Straight] = field(default_factory=dict, repr=False)
    _known: dict[sp.Expr, Read] = field(default_factory=dict, repr=False)
    _disc: list[Any] = field(default_factory=list, repr=False)
    _reach: int | None = field(default=None, repr=False)

    @classmethod
    def of(cls, recurrence: Recurrence, params: Mapping[Any, Any] | None) -> ConjugacyNumbers:
        """The numbers of a recurrence at given parameter values; remembered."""
        numeric = recurrence.numeric(params)
        key = (numeric.F, numeric.x, numeric.chart)
        if key not in _made:
            local = numeric.local_map()
            found = numeric.classify()
            if found.kind not in ("hyperbolic", "exponential", "superattracting"):
                raise found.refuse(f"at these parameter values {numeric} is of another class; put them into the map")
            if found.attracting is not True:
                raise found.refuse(f"no orbit of {numeric} tends to the point")
            local.expand(local.moved(), 6 * local.chart.root)
            degree = 1 if found.kind in ("hyperbolic", "exponential") else int(found.order)
            if degree == 1 and found.leading.is_negative:
                demand_two_sides(numeric)
            _made[key] = cls(numeric, local.chart, degree)
            while len(_made) > 64:
                _made.pop(next(iter(_made)))
        return _made[key]

    # the map -------------------------------------------------------------------------------------------------------

    def _step_series(self, size: int, bits: int) -> list[Any]:
        """The map in w as balls, ``size`` coefficients."""
        from flint import ctx

        from derive.difference.classes.schroeder import small_step

        local = self.recurrence.local_map()
        local.chart = self.chart
        exact = self._from_germ(size, bits)
        if exact is not None:
            return exact
        step, table, _ = small_step(local, size)
        with ctx.workprec(bits):
            values = table.values()
            return [c if isinstance(c, int) else table.number(c, values) for c in step]

    def _from_germ(self, size: int, bits: int) -> list[Any] | None:
        """By Taylor arithmetic in balls; None where the map has none."""
        from derive.difference.near_point.germ import Germ
        from derive.difference.near_point.series_function import SeriesFunction

        F = self.recurrence.F
        if isinstance(F, SeriesFunction):
            return None
        moved = F if self.chart.at_infinity else F - self.chart.point
        power = self.chart.power
        first = self.degree * power
        try:
            start, rows = Germ(moved, self.recurrence.x, self.chart).taylor(size + first + abs(power), bits)
        except UnsupportedError:
            return None
        rows = rows[max(first - start, 0) :]
        from flint import ctx

        with ctx.workprec(bits):
            head = rows[0] * self.chart.side
            monic = [1, *(0 if ps.is_zero(c) else c * self.chart.side / head for c in rows[1:])]
            body = ps.power(monic, sp.Rational(1, power), size)
            front = head if abs(power) == 1 else head.root(abs(power))
            front = front if power > 0 else 1 / front
            return [0] * self.degree + [c * front for c in body][: size - self.degree]

    def straight(self, size: int, bits: int) -> Straight:
        """The straightening series to ``size`` coefficients."""
        from flint import ctx

        from derive.difference.classes.boettcher import boettcher_series
        from derive.difference.classes.schroeder import schroeder_series

        if (size, bits) not in self._straight:
            with ctx.workprec(bits):
                step = self._step_series(size + self.degree, bits)
                if self.degree == 1:
                    forward = schroeder_series(ps.truncate(step, size), size)
                else:
                    forward = [0, *ps.exp(boettcher_series(step, size), size)][:size]
                self._straight[size, bits] = Straight(forward, bits)
        return self._straight[size, bits]

    def multiplier(self) -> Any:
        """The leading coefficient of the map in w, as a ball at the current precision."""
        from flint import ctx

        return self._step_series(self.degree + 2, int(ctx.prec))[self.degree]

    # constants -----------------------------------------------------------------------------------------------------

    def read(self, start: sp.Expr, digits: int) -> Read:
        """The straightened start with a relative error (of its logarithm, if doubly geometric) below 10**-digits."""
        known = self._known.get(start)
        if known is not None and known.log10_error <= -digits:
            return known
        extra, closer = 0, 0.0
        for _ in range(10):
            found = self._read(start, digits, extra, closer)
            if found.log10_error <= -digits:
                self._known[start] = found
                return found
            if found.truncated:
                closer = 2 * closer + 0.5
                continue
            extra += max(20, int(min(found.log10_error + digits, 10 * digits) * _BITS_PER_DIGIT) + 10)
        raise PrecisionError(
            f"the constant of {self.recurrence} from x0 = {start} came out with error 1e{found.log10_error:.0f}; "
            "ask for fewer digits"
        )

    def _read(self, start: sp.Expr, digits: int, extra: int, closer: float) -> Read:
        from flint import ctx

        size = self._size(digits)
        bits = int(digits * _BITS_PER_DIGIT * 1.1) + 96 + extra
        straight = self.straight(size, bits)
        goal = self._goal(straight.forward, digits) - closer
        steps, w = self.approach(start, goal, bits - int(goal * _BITS_PER_DIGIT * abs(self.chart.power)))
        with ctx.workprec(bits):
            if w is None:
                return Read(0, steps, -math.inf, straight)
            t = ps.evaluate(straight.forward[:-2], w)
            left_out = max(log10_upper(c * w**j) for j, c in list(enumerate(straight.forward))[-2:])
            left_out = max(
                left_out, _omitted(straight.forward, log10_upper(w)), self._defect(straight.forward, w, bits)
            )
            rounding = log10_upper(t - t.mid())
            error = max(left_out, rounding) - log10_size(t)
            if self.degree == 1:
                return Read(t / self.multiplier() ** steps, steps, error, straight, left_out > rounding)
            level = (t.log() + self.multiplier().log() / (self.degree - 1)) / self.degree**steps
            error -= steps * math.log10(self.degree) + min(log10_size(level), 0)
            return Read(level, steps, error, straight, left_out > rounding)

    def _defect(self, series: list[Any], w: Any, bits: int) -> float:
        """log10 of what the functional equation lacks at w, as an error of t; -oo where rounding hides it.

        The map itself is asked, not its coefficients: a term beyond the order of the series shows here.
        """
        w = w.mid()
        image, lead = self.w_of_image(w, bits), self.multiplier()
        t, after = ps.evaluate(series[:-2], w), ps.evaluate(series[:-2], image)
        gap = after / lead - t if self.degree == 1 else t * (after / (lead * t**self.degree) - 1)
        return -math.inf if not gap.is_finite() or gap.contains(0) else log10_size(gap) + 0.5

    def _size(self, digits: int) -> int:
        """How many coefficients make series and iteration about equally dear."""
        from flint import ctx

        if self.degree > 1:
            return self._window() + 16 + digits // 10
        with ctx.workprec(64):
            rate = -log10_size(self.multiplier())
        return self._window() + 12 + int((6 * digits / max(rate, 1e-9)) ** (1 / 3))

    def _window(self) -> int:
        """How many exponents beyond the usual ones a series needs on a fine lattice, to show its first terms."""
        root = self.chart.root
        if root == 1:
            return 0
        if self._reach is None:
            rows = self._step_series(self.degree + 3 * root + 2, 128)
            support = [i - self.degree for i, c in enumerate(rows) if i > self.degree and not vanishes(c)]
            self._reach = window_of([2 * support[0], *(i + support[0] for i in support)], support[0]) if support else 0
        return self._reach

    def _goal(self, series: list[Any], digits: int) -> float:
        """log10 of the w at which the last two terms are below 10**-(digits + 2) relative to w."""
        rows = [(j, c) for j, c in list(enumerate(series))[-2:] if not ps.is_zero(c) and j > 1]
        bounds = [(-digits - 2 - log10_upper(c)) / (j - 1) for j, c in rows]
        radius = _log10_radius(series)
        if math.isfinite(radius):
            bounds.append(radius - (digits + 2) / (len(series) - 3))
        else:
            radius = 0.0
        flat = self._flat_limit(digits + 3.0)
        return min([*bounds, radius - 0.3, *([] if flat is None else [flat])])

    def _flat_limit(self, digits: float) -> float | None:
        """log10 of the w below which exponentially small parts, which the series leaves out, do not count."""
        local = self.recurrence.local_map()
        local.chart = self.chart
        return local.flat_limit(digits)

    def approach(self, start: sp.Expr, goal: float, bits: int) -> tuple[int, Any]:
        """``(m, w_m)`` with |w_m| below 10**goal; w is None where the orbit falls onto the point."""
        from flint import arb, ctx

        from derive.numerics import to_arb

        with ctx.workprec(bits):
            edge, far = arb(10) ** arb(goal), arb(2) ** _FAR
            x, before = to_arb(start), None
            for m in range(_PATIENCE):
                if m % _CHECK == _CHECK - 1 and before is not None and (x - before).contains(0):
                    break
                w = self._to_w(x)
                if w is None or (abs(w) < _TINY and w.contains(0) and self._lands(start, m)):
                    return m, None
                if w.is_finite() and abs(w) < edge:
                    return m, w
                if not x.is_finite() or (not self.chart.at_infinity and abs(x) > far):
                    break
                before, x = x, self._step(x, bits)
        if m == _PATIENCE - 1 and w.is_finite() and before is not None and abs(self._to_w(x)) < abs(w):
            raise PrecisionError(
                f"the orbit of x0 = {start} under {self.recurrence} is still at {x.str(8, radius=False)} after {m + 1} "
                "steps: the multiplier is too close to 1 for the series; start closer to the point"
            )
        raise DomainError(
            f"the orbit of x0 = {start} under {self.recurrence} does not come close to the point: "
            f"x_{m} = {x.str(8, radius=False)}; choose another start"
        )

    def _lands(self, start: sp.Expr, m: int) -> bool:
        """Whether x_m is the fixed point exactly; decided for the first steps only."""
        from derive.difference.near_point.series_function import SeriesFunction

        F, x = self.recurrence.F, start
        if isinstance(F, SeriesFunction) or m > _EXACT_STEPS:
            return False
        for _ in range(m):
            x = F.subs(self.recurrence.x, x)
            if x.count_ops() > _SHORT:
                return False
            x = sp.simplify(x)
        return not self.chart.at_infinity and bool(sp.simplify(x - self.chart.point) == 0)

    def _step(self, x: Any, bits: int) -> Any:
        return self.recurrence.map_ball(x, bits)

    def _to_w(self, x: Any) -> Any:
        """w, signed where x may lie on both sides; None at the point itself."""
        from flint import arb

        gap = self.chart.gap(x)
        if gap.is_zero() and not self.chart.at_infinity:
            return None
        if self.chart.root > 1 or self.degree > 1:
            return self.chart.to_w(x) if gap > 0 else arb.nan()
        return 1 / gap if self.chart.at_infinity else gap

    def w_of_image(self, w: Any, bits: int) -> Any:
        """One step of the map, in w."""
        return self._to_w(self._step(self.from_w(w), bits))

    # results -------------------------------------------------------------------------------------------------------

    def constant_value(self, x0: Any, digits: int, certified: bool) -> Any:
        """The constant c, normalised in the state."""
        from flint import ctx

        from derive.difference.digits.constants import checked_digits, start_value
        from derive.numerics import arb_to_sympy

        digits, start = checked_digits(digits), start_value(x0)
        if certified:
            from derive.difference.classes.conjugacy_proof import prove_constant

            return prove_constant(self, start, digits)
        extra = 3
        for _ in range(6):
            found = self.read(start, digits + extra)
            if found.on_the_point:
                return sp.S.Zero
            with ctx.workprec(found.straight.bits):
                c = self.normalised(found.value)
                lost = max(found.log10_error + self._amplification(found.value), log10_relative(c))
            if lost < -digits:
                return arb_to_sympy(c, digits)
            extra += int(min(lost + digits, 10 * digits)) + 2
        raise PrecisionError(f"the constant from x0 = {start} did not reach {digits} digits; ask for fewer")

    def normalised(self, value: Any) -> Any:
        """c from the straightened start."""
        power, side = self.chart.power, self.chart.side
        if self.degree > 1:
            return (value * power).exp()
        return side * value if power == 1 else side * value**power if not ps.is_zero(value) else value

    def _amplification(self, value: Any) -> float:
        """log10 of the relative error of c over that of the straightened start."""
        return max(log10_size(value), 0.0) + 1 if self.degree > 1 else 1.0

    def at(self, n: Any, x0: Any, digits: int, certified: bool = False) -> Any:
        """x_n by iteration, or by the inverse series."""
        from derive.difference.digits.constants import checked_digits, start_value
        from derive.difference.digits.depth import checked_index
        from derive.numerics import arb_to_sympy

        n, digits, start = checked_index(n), checked_digits(digits), start_value(x0)
        if certified:
            from derive.difference.classes.conjugacy_proof import prove_value

            return prove_value(self, start, n, digits)
        extra = 4
        if self.degree > 1 and (self.chart.at_infinity or self.chart.point == 0):
            extra += int(self.exponent_bits(n) / _BITS_PER_DIGIT)  # the logarithm grows that much
        for _ in range(8):
            found = self.read(start, digits + extra)
            x = self._iterated(start, n, digits) if n <= found.steps else self._deep(found, n, digits)
            lost = log10_relative(x)
            if lost < -digits:
                return arb_to_sympy(x, digits)
            extra += int(min(lost + digits, 1300)) + 4
        raise PrecisionError(f"x_{n} from x0 = {start} was not reached to {digits} digits; ask for fewer digits")

    def orbit_ball(self, start: sp.Expr, n: int, bits: int) -> Any:
        """x_n in balls, by iteration."""
        from flint import ctx

        from derive.numerics import to_arb

        with ctx.workprec(bits):
            x = to_arb(start)
            for _ in range(n):
                x = self._step(x, bits)
            return x

    def disc(self) -> Any:
        """The disc on which the map is proved to be a contraction; remembered."""
        from derive.difference.classes.conjugacy_disc import find_disc

        if not self._disc:
            self._disc.append(find_disc(self))
        return self._disc[0]

    def exponent_bits(self, n: int) -> int:
        """Bits that the exponent of x_n takes; PrecisionError where they are too many."""
        growth = int(n.bit_length() + 8 if self.degree == 1 else n * math.log2(self.degree) + 8)
        if growth > _LARGEST_EXPONENT_BITS:
            size = "smaller" if not self.chart.at_infinity else "larger"
            raise PrecisionError(f"x_{n} is {size} than a number with {_LARGEST_EXPONENT_BITS} bits of exponent can be")
        return growth

    def from_w(self, w: Any) -> Any:
        """x from w, signed in the geometric class."""
        if self.chart.root > 1 or self.degree > 1:
            return self.chart.to_x(w)
        return self.chart.gap_to_x(1 / w if self.chart.at_infinity else w)

    def _iterated(self, start: sp.Expr, n: int, digits: int) -> Any:
        bits = int(digits * _BITS_PER_DIGIT) + 64
        for _ in range(12):
            x = self.orbit_ball(start, n, bits)
            if x.is_zero() or x.rel_accuracy_bits() > digits * _BITS_PER_DIGIT + 4:
                return x
            bits *= 2
        raise PrecisionError(f"x_{n} from x0 = {start} was not reached to {digits} digits; ask for fewer digits")

    def _deep(self, found: Read, n: int, digits: int) -> Any:
        """x_n from the inverse series, with the estimate of its error as radius."""
        from flint import arb, ctx

        if found.on_the_point:
            return self.chart.gap_to_x(arb(0))
        bits = found.straight.bits + self.exponent_bits(n)
        with ctx.workprec(bits):
            relative = arb(10) ** arb(found.log10_error)
            if self.degree == 1:
                t = found.value * self.multiplier() ** n * (1 + arb(0, 1) * relative)
            else:
                level = found.value * self.degree**n
                shift = self.multiplier().log() / (self.degree - 1)
                t = (level - shift + abs(level) * relative * arb(0, 1)).exp()
            w = _inverse(found.straight.forward[:-2], t)
            left_out = _omitted(found.straight.forward, log10_upper(w))
            if math.isfinite(left_out):
                w = w + arb(0, 1) * 2 * arb(10) ** arb(left_out)
            return self.from_w(w)
