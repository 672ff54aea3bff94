r"""A normal form evaluated: the state at one w as a function of the amplitude; see :mod:`.normal_form`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from derive.difference.driven.numeric_fibre import left_out
from derive.difference.series import powerseries as ps
from derive.difference.series.magnitude import log10_upper

__all__ = ["NEAR", "NormalForm", "NormalState", "weights"]

NEAR = 0.3  # how close to a resonance an exponent is treated as one


def weights(b: float) -> tuple[int, int]:
    """The weights (p, q) of w and v; near a resonance with w^j they are (1, j)."""
    return (1, max(1, round(b))) if b >= 1 - NEAR else (min(round(1 / b), 12), 1)


@dataclass(frozen=True)
class NormalForm:
    """Phi by weight: ``parts[d]`` lists (a, i, coefficient); ``tail`` weights at the end serve the error estimate."""

    parts: tuple[tuple[tuple[int, int, Any], ...], ...]
    b: Any
    lead: Any
    f: Any
    j: int
    resonant: bool
    tail: int
    bits: int

    def at(self, w: Any, index: int) -> NormalState:
        """Phi at one w, as a polynomial in v."""
        log = w.log()
        unit = (self.b * log).exp()
        bend = w * 0
        if self.j:
            gap = self.j - self.b
            growth = log if self.resonant else (gap * log).expm1() / gap
            bend = unit * growth * self.f / self.lead
        powers: dict[int, Any] = {}
        rows = [self._row(part, w, powers) for part in self.parts]
        return NormalState(tuple(rows), unit, bend, self)

    def _row(self, part: Sequence[tuple[int, int, Any]], w: Any, powers: dict[int, Any]) -> list[tuple[int, Any]]:
        out = []
        for a, i, c in part:
            if a not in powers:
                powers[a] = w**a
            out.append((i, c * powers[a]))
        return out

    def amplitude(self, c: Any) -> Any:
        """C of the transseries from C' (they differ by the coefficient of w^j in E_0)."""
        if not self.j or self.resonant:
            return c
        return c - self.f / (self.lead * (self.j - self.b))


@dataclass(frozen=True)
class NormalState:
    """The state at one w as a function of C'."""

    rows: tuple[list[tuple[int, Any]], ...]
    unit: Any
    bend: Any
    form: NormalForm

    def _polynomial(self) -> list[Any]:
        kept = self.rows[: len(self.rows) - self.form.tail]
        top = max((i for row in kept for i, _ in row), default=1)
        out = [self.unit * 0] * (top + 1)
        for row in kept:
            for i, c in row:
                out[i] = out[i] + c
        return out

    def v(self, c: Any) -> Any:
        """v at this w."""
        return c * self.unit + self.bend

    def value(self, c: Any) -> Any:
        """The state."""
        return ps.evaluate(self._polynomial(), self.v(c))

    def slope(self, c: Any) -> Any:
        """The derivative of the state in C'."""
        return ps.evaluate(ps.derivative(self._polynomial()), self.v(c)) * self.unit

    def error(self, c: Any) -> Any:
        """The estimate of what is left out, from the sums of absolute values inside each weight."""
        return left_out(self.weights(c), self.form.tail)

    def weights(self, c: Any, first: int = 0) -> list[Any]:
        """The sums of absolute values of each weight, from ``first`` on."""
        v, out = abs(self.v(c)), []
        for row in self.rows[first:]:
            total = self.unit * 0
            for i, term in row:
                total = total + abs(term) * v**i
            out.append(total)
        return out

    def linear_part(self, c: Any) -> Any:
        """|C w^b|, the size of the homogeneous part."""
        return abs(self.form.amplitude(c) * self.unit)

    def solve(self, eta: Any) -> Any:
        """C' with value(C') = eta, by Newton's method in v; None where it does not settle."""

        poly = self._polynomial()
        slopes = ps.derivative(poly)
        v = ((eta - poly[0]) / poly[1]).mid()
        goal, least = 0.27 * _precision() - 3, log10_upper(eta)
        for _ in range(100):
            slope = ps.evaluate(slopes, v)
            if slope.contains(0) or not slope.is_finite():
                return None
            step = ((ps.evaluate(poly, v) - eta) / slope).mid()
            v = (v - step).mid()
            if not v.is_finite():
                return None
            if step == 0 or log10_upper(step) < max(log10_upper(v), least) - goal:
                return ((v - self.bend) / self.unit).mid()
        return None


def _precision() -> int:
    from flint import ctx

    return int(ctx.prec)
