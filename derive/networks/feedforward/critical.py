r"""The edge of chaos: where :math:`\chi_1 = 1` at a fixed point of the length.

Along the line the length q is a parameter.  With :math:`D(q) = E\varphi'(\sqrt q z)^2`,

.. math:: \sigma_w^2 = \frac{\rho}{D(q)}, \qquad \sigma_b^2 = q - \frac{V(q)}{D(q)} \ge 0 .

For a given variance the solutions q are isolated like fixed points: V and D are means of squares, whose derivatives by
log q are bounded without any derivative of phi (:mod:`~derive.networks.feedforward.isolate`).  That nothing is missed
towards q = 0 and infinity is shown in :mod:`~derive.networks.feedforward.critical_ends`; the corner q = 0 is added
exactly.
chi_1 = 1 may lie on an unstable branch (chi_q > 1): ``stable`` tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import mpmath
import sympy as sp
from flint import arb, ctx

from derive.activations import Activation
from derive.errors import DomainError, InputError, PrecisionError
from derive.networks.feedforward.correlation import slope_variance
from derive.networks.feedforward.critical_ends import high_end, low_end
from derive.networks.feedforward.ends import scale_free
from derive.networks.feedforward.isolate import BITS, curvature_constant, isolate, remembered, slope_constant
from derive.networks.feedforward.lengths import variance_slope_value
from derive.networks.feedforward.roots import secant
from derive.numerics.ball import Ball
from derive.numerics.compile import arb_to_mpf, mpf_to_sympy, to_arb, to_mpf
from derive.numerics.exact import sign_of, variance

__all__ = ["CriticalPoint", "CriticalPoints", "critical_line", "critical_points"]


@dataclass(frozen=True)
class CriticalPoint:
    """A point of the edge of chaos; q is nan where every length is fixed (homogeneous activations)."""

    sigma_w2: Any
    sigma_b2: Any
    q: Any
    chi_q: Any
    stable: bool | None

    def _repr_latex_(self) -> str:
        rows = {r"\sigma_w^2": self.sigma_w2, r"\sigma_b^2": self.sigma_b2, "q^*": self.q, r"\chi_q": self.chi_q}
        return (
            r"$\displaystyle "
            + r",\ ".join(f"{n} = {sp.latex(sp.sympify(getattr(v, 'mid', v), strict=True))}" for n, v in rows.items())
            + "$"
        )


class CriticalPoints(tuple):
    """All critical points with one variance given, from small to large q.

    ``complete`` says whether the list is proved to be complete; else ``reason`` says what was not searched.
    """

    complete: bool
    reason: str

    def __new__(cls, points: Any, reason: str = "") -> CriticalPoints:
        self = super().__new__(cls, points)
        self.complete, self.reason = not reason, reason
        return self

    def __reduce__(self) -> Any:
        return CriticalPoints, (tuple(self), self.reason)


def critical_line(phi: Activation, rho: sp.Expr, q: Any) -> tuple[sp.Expr, sp.Expr]:
    """(sigma_w2, sigma_b2) at length q, a number or a positive symbol, closed forms put in where they are known."""
    from derive.expectations import V

    q = q if isinstance(q, sp.Symbol) else variance(q, "q")
    second, slope = V(phi, q).doit(), V(phi.diff(1), q).doit()
    if slope.is_zero:
        raise DomainError(f"E phi'^2 = 0 for {phi} at length q = {q}: chi_1 vanishes there for every sigma_w2")
    return sp.simplify(rho / slope), sp.simplify(q - second / slope)


def critical_points(
    phi: Activation, rho: sp.Expr, given: Mapping[str, Any], digits: int, certified: bool
) -> CriticalPoints:
    """All points with one variance given, from small to large q."""
    if len(given) != 1 or next(iter(given)) not in ("sigma_w2", "sigma_b2"):
        raise InputError(f"give one of sigma_w2 and sigma_b2 as a keyword; got {', '.join(given) or 'neither'}")
    ((name, raw),) = given.items()
    value = variance(raw, name)
    if name == "sigma_w2" and sign_of(value) == 0:
        raise DomainError("sigma_w2 = 0 has chi_1 = 0: no critical point")
    line = _Line(phi, rho, name, value)
    power = scale_free(phi)
    if power is not None and power[1] == 1:
        return CriticalPoints(_homogeneous(line, power[0]))
    low, first, below = low_end(phi, name, line.target)
    high, above = high_end(phi, name, line.target)
    roots = [*first, *isolate(*line.search(), low, high if high > low else 2 * low)]
    points = [line.point(b, digits, certified) for b in roots]
    reason = "; ".join(r for r in (below, above) if r)
    return CriticalPoints([*line.corner(), *(p for p in points if p is not None)], reason)


def _homogeneous(line: _Line, v: sp.Expr) -> tuple[CriticalPoint, ...]:
    """V = v q and E phi'^2 = v: chi_1 = 1 at sigma_w2 = rho/v only, where lengths are kept if there are no biases."""
    point = CriticalPoint(line.rho / v, sp.Integer(0), sp.nan, sp.Integer(1), None)
    return (point,) if line.value == (point.sigma_b2 if line.name == "sigma_b2" else point.sigma_w2) else ()


@dataclass(frozen=True)
class _Line:
    """The equation for q when one of the two variances is given."""

    phi: Activation
    rho: sp.Expr
    name: str
    value: sp.Expr

    def corner(self) -> list[CriticalPoint]:
        r"""q = 0: the point (rho/phi'(0)^2, 0), where phi(0) = 0 and phi is smooth there."""
        phi = self.phi
        if sp.S.Zero in phi.kinks or sp.simplify(phi(sp.Integer(0))) != 0:
            return []
        first = sp.simplify(phi.taylor(1)[1])
        if first == 0:
            return []
        weight = sp.simplify(self.rho / first**2)
        if (self.name == "sigma_b2" and self.value != 0) or (self.name == "sigma_w2" and self.value != weight):
            return []
        from derive.networks.feedforward.ends import curvature_at_zero

        bend = sign_of(curvature_at_zero(phi))
        return [CriticalPoint(weight, sp.Integer(0), sp.Integer(0), sp.Integer(1), bend < 0 if bend else None)]

    def balls(self, bits: int) -> tuple[Any, Any]:
        from derive.expectations.balls import variance_ball

        slope = self.phi.diff(1)
        return (lambda q: variance_ball(self.phi, q, bits)), (lambda q: variance_ball(slope, q, bits))

    def equation(self, q: Any, second: Any, slope: Any, given: Any) -> Any:
        """F(q), from V, D and the given variance (rho/sigma_w2 when that is given): balls or mpf."""
        return (q - given) * slope - second if self.name == "sigma_b2" else slope - given

    @property
    def target(self) -> sp.Expr:
        return self.value if self.name == "sigma_b2" else self.rho / self.value

    def search(self) -> tuple[Any, Any]:
        """F at a point and the bound of |F_ss| on a cell."""
        second, slope = (remembered(f) for f in self.balls(BITS - 16))
        with ctx.workprec(BITS):
            given = to_arb(self.target)

        def value(q: Any) -> Any:
            return self.equation(q, second(q), slope(q), given)

        def bend(a: Any, b: Any) -> Any:
            ratio, k = (b / a).sqrt(), curvature_constant()
            wide = ratio * slope(2 * b)
            if self.name == "sigma_w2":
                return k * wide
            product = b * (ratio * slope(b) + (2 * slope_constant() + k) * wide)
            return product + given * k * wide + k * ratio * second(2 * b)

        return value, bend

    def point(self, bracket: Any, digits: int, certified: bool) -> CriticalPoint | None:
        from derive.expectations.values import variance_value

        low, high = (arb_to_mpf(e) for e in (bracket.low, bracket.high))

        def excess(work: int) -> Any:
            def value(q: Any) -> Any:
                return self.equation(
                    q, variance_value(self.phi, q, work), slope_variance(self.phi, q, work), to_mpf(self.target)
                )

            return value

        q = secant(excess(28), low, high, 18)
        q = secant(excess(digits + 18), low, high, digits + 10, q)
        if certified:
            return self._certified(q, digits)
        with mpmath.workdps(digits + 12):
            slope, second = slope_variance(self.phi, q, digits + 8), variance_value(self.phi, q, digits + 8)
            weight, bias = to_mpf(self.rho) / slope, q - second / slope
            chi_q = variance_slope_value(self.phi, q, digits + 4) / slope
            numbers = {"sigma_w2": weight, "sigma_b2": bias}
            if bias < 0 and self.name == "sigma_w2":
                return None
            found = {n: self.value if n == self.name else mpf_to_sympy(v, digits) for n, v in numbers.items()}
            return CriticalPoint(
                **found, q=mpf_to_sympy(q, digits), chi_q=mpf_to_sympy(chi_q, digits), stable=bool(abs(chi_q) < 1)
            )

    def _certified(self, q: Any, digits: int) -> CriticalPoint | None:
        """Balls: q between two points at which F has different signs; the rest follows from the ball of q."""
        from derive.expectations.balls import expectation_ball
        from derive.expectations.heat import variance_slope

        bits = int(3.33 * digits) + 60
        with ctx.workprec(bits):
            second, slope = self.balls(bits)
            given = to_arb(self.target)
            middle = to_arb(q)
            radius = middle * arb(10) ** -(digits + 3)
            ends = [arb((middle + s * radius).mid()) for s in (-1, 1)]
            values = [self.equation(e, second(e), slope(e), given) for e in ends]
            if not (values[0] > 0 > values[1] or values[0] < 0 < values[1]):
                near = mpmath.nstr(q, 10)
                raise PrecisionError(f"the critical point near q = {near} was not enclosed; ask for fewer digits")
            ball = ends[0].union(ends[1])
            gradient, product = slope(ball), second(ball)
            weight, bias = to_arb(self.rho) / gradient, ball - product / gradient
            symbol = sp.Symbol("q", positive=True)
            formula = variance_slope(self.phi, symbol)
            rate = expectation_ball(formula.args[0], ball, bits) if formula.func.__name__ == "E" else None
            chi_q = None if rate is None else rate / gradient
            if self.name == "sigma_w2" and bias < 0:
                return None
            exact = Ball.from_arb(to_arb(self.value), bits)
            return CriticalPoint(
                exact if self.name == "sigma_w2" else Ball.from_arb(weight, bits),
                exact if self.name == "sigma_b2" else Ball.from_arb(bias, bits),
                Ball.from_arb(ball, bits),
                sp.nan if chi_q is None else Ball.from_arb(chi_q, bits),
                None if chi_q is None else bool(abs(chi_q) < 1),
            )
