r"""Fixed points of the length: every q with :math:`q = (\sigma_w^2/\rho)\,V(q) + \sigma_b^2`, and its digits.

The roots are isolated with a proof (:mod:`~derive.networks.feedforward.isolate`), then refined with expectations that
are right to every digit, and the last bracket is checked by the signs of proven balls at its ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import mpmath
import sympy as sp
from flint import arb, ctx

from derive.activations import Activation
from derive.errors import DomainError, PrecisionError, UnsupportedError
from derive.networks.feedforward.ends import (
    Far,
    far_end,
    scale_free,
)
from derive.networks.feedforward.isolate import BITS, Bracket, curvature_constant, isolate, remembered
from derive.networks.feedforward.near_zero import near_zero
from derive.networks.feedforward.roots import secant
from derive.networks.feedforward.values import Layer
from derive.numerics.compile import arb_to_mpf, to_arb, to_mpf
from derive.numerics.exact import sign_of

__all__ = ["LengthMap", "Roots", "all_lengths"]

_SATURATED = 1000  # length from which a bounded activation is far out nearly everywhere


@dataclass(frozen=True)
class Roots:
    """All fixed points of the length in [0, oo), from left to right.

    ``zero`` says whether q = 0 is one, ``zero_slope`` is Q'(0) (``None`` where q = 0 is none), ``brackets`` hold the
    positive ones.  ``grows`` says that lengths beyond the last one grow without bound.  ``proved`` is False where the
    count rests on a search without proof; ``reason`` says why.
    """

    zero: bool
    zero_slope: Any
    brackets: tuple[Bracket, ...]
    grows: bool
    proved: bool
    reason: str


class LengthMap:
    """Q(q) = A V(q) + B for one activation and one set of variances, as digits and as balls."""

    def __init__(self, phi: Activation, layer: Layer) -> None:
        self.phi, self.layer = phi, layer

    def variance_ball(self, q: Any) -> Any:
        """V at an exact point, with the search's bits."""
        from derive.expectations.balls import variance_ball

        return variance_ball(self.phi, q, BITS - 16)

    def value(self, q: Any, digits: int) -> Any:
        """Q(q) to about ``digits`` digits."""
        from derive.expectations.values import variance_value

        with mpmath.workdps(digits + 8):
            second = variance_value(self.phi, q, digits + 4)
            return to_mpf(self.layer.gain) * second + to_mpf(self.layer.sigma_b2)

    def slope(self, q: Any, digits: int) -> Any:
        """Q'(q) = A dV/dq, the susceptibility chi_q."""
        if sign_of(self.layer.gain) == 0:
            return mpmath.mpf(0)
        with mpmath.workdps(digits + 8):
            return to_mpf(self.layer.gain) * variance_slope_value(self.phi, q, digits + 4)

    def ball(self, q: Any, bits: int) -> Any:
        """Q as a ball."""
        from derive.expectations.balls import variance_ball

        with ctx.workprec(bits + 16):
            return to_arb(self.layer.gain) * variance_ball(self.phi, q, bits) + to_arb(self.layer.sigma_b2)

    def root(self, bracket: Bracket, digits: int) -> Any:
        """The fixed point in a bracket to ``digits`` right digits, as an mpf."""
        low, high = (arb_to_mpf(e) for e in (bracket.low, bracket.high))
        work = digits + 10
        q = _newton(self, low, high, 20)
        with mpmath.workdps(30):
            lost = max(0, int(-mpmath.log10(abs(1 - self.slope(q, 20)) + mpmath.mpf(10) ** -60)))
        q = _newton(self, low, high, work + lost, q)
        self._prove(q, digits + 1, lost)
        return q

    def _prove(self, q: Any, digits: int, lost: int) -> None:
        """The signs of Q - q at q (1 +- 10^-digits) differ: a root lies between."""
        bits = int(3.33 * (digits + lost)) + 24
        with mpmath.workprec(bits + 20):
            step = abs(q) * mpmath.mpf(10) ** -digits
            ends = [q - step, q + step]
        for _ in range(3):
            with ctx.workprec(bits + 16):
                signs = []
                for e in ends:
                    at = to_arb(e)
                    difference = self.ball(at, bits) - at
                    signs.append(1 if difference > 0 else -1 if difference < 0 else 0)
            if signs[0] * signs[1] < 0:
                return
            bits *= 2
        raise PrecisionError(f"q* near {mpmath.nstr(q, 10)} did not reach {digits} digits; ask for fewer")


def _newton(length: LengthMap, low: Any, high: Any, digits: int, start: Any = None) -> Any:
    """The root of Q(q) - q between low and high."""
    return secant(lambda q: length.value(q, digits + 6) - q, low, high, digits, start)


@lru_cache(maxsize=128)
def _slope_formula(phi: Activation) -> tuple[sp.Expr, sp.Symbol]:
    from derive.expectations.heat import variance_slope

    q = sp.Symbol("q", positive=True)
    return variance_slope(phi, q), q


def variance_slope_value(phi: Activation, q: Any, digits: int) -> Any:
    """dV/dq as an mpf with ``digits`` digits."""
    from derive.expectations import E
    from derive.expectations.values import expectation_value
    from derive.numerics.exact import exact_number

    if phi.is_bounded and q > _SATURATED:
        found = _slope_by_moments(phi, q, digits)
        if found is not None:
            return found
    formula, symbol = _slope_formula(phi)
    if isinstance(formula, E):
        return _digits_or_zero(lambda d: expectation_value(formula.args[0], q, d), digits)
    value = formula.subs(symbol, exact_number(q))
    return value.evalf(digits + 5)._to_mpmath(int(3.33 * digits) + 20) if value != 0 else mpmath.mpf(0)


def _slope_by_moments(phi: Activation, q: Any, digits: int) -> Any | None:
    """(E z^2 phi^2 - V)/(2q), or None where that nearly cancels.

    Far out phi phi'' + phi'^2 has a small mean, and narrow peaks under a wide density.
    """
    from derive.expectations.values import expectation_value, variance_value

    second, lost = phi.variable**2 * phi.expr**2, 4
    for _ in range(4):
        with mpmath.workdps(digits + lost + 8):
            V = variance_value(phi, q, digits + lost)
            excess = expectation_value(second, q, digits + lost) / q - V
            missing = int(mpmath.log10(V / abs(excess))) + 2 if excess else 2 * lost + 10
            if missing <= lost:
                return excess / (2 * q)
        lost = missing
    return None


def _digits_or_zero(evaluate: Any, digits: int) -> Any:
    """A value that may vanish by cancellation: then its absolute size is all there is to know."""
    try:
        return evaluate(digits)
    except PrecisionError:
        return evaluate(max(3, digits // 3))


def all_lengths(length: LengthMap) -> Roots:
    """Every fixed point of the length map, isolated.

    Raises :class:`~derive.errors.DomainError` where there is none, saying why, and
    :class:`~derive.errors.UnsupportedError` where every length is fixed.
    """
    phi, layer = length.phi, length.layer
    with ctx.workprec(BITS):
        gain, offset = to_arb(layer.gain), to_arb(layer.sigma_b2)
    if sign_of(layer.gain) == 0:
        return _without_weights(layer)
    power = scale_free(phi)
    if power is not None and power[1] == 1:
        return _linear(phi, layer, power[0])
    low, zero, slope, extra, notes = near_zero(length, gain)
    far = far_end(phi, layer.gain, layer.sigma_b2)
    if not far.proved:
        far = _scanned(length, gain, low, far)
        notes.append(far.reason + f"; searched up to q = {float(far.q.mid()):.3g}")
    with ctx.workprec(BITS):
        high = far.q if far.q > low else 2 * low
        brackets = [*extra, *isolate(*_search(length, gain, offset), low, high)]
    proved = far.proved and not notes
    if not (brackets or zero):
        why = "lengths grow without bound"
        if not proved:
            why = f"none was found up to q = {float(high.mid()):.3g}, and beyond nothing is proved ({far.reason})"
        raise DomainError(f"{phi} has no fixed point of the length at {layer}: {why}; take a smaller sigma_w2")
    return Roots(zero, slope, tuple(brackets), far.sign > 0, proved, "; ".join(notes))


def _scanned(length: LengthMap, gain: Any, low: Any, far: Far) -> Far:
    """Where to stop without a proof: V grows a hundredfold from q to 2q or is infinite, or q is 10^4, 1000 A or B."""
    q, before, last = low, low, None
    with ctx.workprec(BITS):
        most = arb(max(far.q, 1000 * gain, 1000 * low, key=float).mid())
        while q < most:
            try:
                value = length.variance_ball(2 * q)
            except DomainError:
                return Far(before, 1, False, f"V({length.phi}) is infinite beyond some q")
            if last is not None and value > 100 * last and gain * value > 100 * q:
                return Far(q if q > low else 2 * low, 1, False, far.reason)
            before, q, last = q, 2 * q, value
        grows = gain * last > q if last is not None else False
    return Far(most, 1 if grows else 0, False, far.reason)


def _search(length: LengthMap, gain: Any, offset: Any) -> tuple[Any, Any]:
    """F = Q - q at a point, and the bound of its second derivative by log q on a cell."""
    second = remembered(length.variance_ball)

    def value(q: Any) -> Any:
        return gain * second(q) + offset - q

    def bend(a: Any, b: Any) -> Any:
        return gain * curvature_constant() * (b / a).sqrt() * second(2 * b) + b

    return value, bend


def _without_weights(layer: Layer) -> Roots:
    if sign_of(layer.sigma_b2) == 0:
        return Roots(True, mpmath.mpf(0), (), False, True, "")
    return _one_root(layer.sigma_b2)


def _linear(phi: Activation, layer: Layer, v: sp.Expr) -> Roots:
    """phi positively homogeneous of degree 1: Q = A v q + B."""
    excess = layer.gain * v - 1
    sign = sign_of(excess)
    if sign_of(layer.sigma_b2) == 0:
        if sign == 0:
            raise UnsupportedError(
                f"at {layer} every length is a fixed point of {phi} (chi_q = 1): q keeps its start, so there is none "
                "to name; take another sigma_w2, or follow a start layer by layer (.trajectory, .at or .step)"
            )
        return Roots(True, to_mpf(layer.gain * v), (), sign > 0, True, "")
    if sign >= 0:
        raise DomainError(
            f"{phi} has no fixed point of the length at {layer}: one layer multiplies q by {layer.gain * v} and adds "
            f"sigma_b2, so lengths grow without bound; take sigma_w2 below {sp.simplify(layer.rho / v)}"
        )
    return _one_root(layer.sigma_b2 / (1 - layer.gain * v))


def _one_root(q: sp.Expr) -> Roots:
    """A single root, known exactly, of an F that falls."""
    with ctx.workprec(BITS):
        ball = to_arb(q)
        bracket = Bracket(arb((ball * 0.9).mid()), arb((ball * 1.1).mid()), True)
    return Roots(False, None, (bracket,), False, True, "")
