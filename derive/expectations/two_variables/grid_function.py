r"""A smooth function on an equidistant grid, with a proven bound on a strip around the real line.

What the rules on a grid need of f: its values and Taylor coefficients at (p + 1/2) h, its parity, and numbers y,
C, s with

.. math:: |f(x + i t)| \le C e^{s |x|}, \qquad |t| \le y.

For f rational in e^{a x} (:class:`ExponentialGrid`) all of it comes from recurrences and from
:mod:`derive.expectations.one_variable.poles`: |f| <= sum_j B_j (|x| + y)^j e^{c_j |x|} on the strip below the first
poles, and u^j <= (j/(e s'))^j e^{s' u} for any s' > 0.  For every other analytic expression (:class:`AnalyticGrid`) it
is evaluated point by point and bounded by :mod:`derive.expectations.bounds.strips`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp
from flint import arb, arb_series, ctx

from derive.expectations.bounds.strips import StripBound, strip_bound, widest_strip
from derive.expectations.one_variable.exprational import ExpRational
from derive.expectations.one_variable.poles import clear_ray, decay_bound, ray_bound
from derive.numerics.compile import compile_ball, to_arb
from derive.numerics.series_arithmetic import compile_jet, series_length

__all__ = ["AnalyticGrid", "ExponentialGrid", "GridFunction", "StripBound"]

Sides = tuple[list[Any], list[Any]]  # at (p + 1/2) h and at -(p + 1/2) h


def _mirrored_values(right: list[Any], parity: int) -> list[Any]:
    return right if parity == 1 else [-v for v in right]


def _mirrored_jets(right: list[list[Any]], parity: int) -> list[list[Any]]:
    return [[c if (n % 2 == 0) == (parity == 1) else -c for n, c in enumerate(row)] for row in right]


def _padded(series: Any, length: int) -> list[Any]:
    coefficients = list(series.coeffs()) if isinstance(series, arb_series) else [arb(series)]
    return coefficients + [arb(0)] * (length - len(coefficients))


@dataclass(frozen=True)
class ExponentialGrid:
    """x -> f(scale*x) for f rational in an exponential; ``scale`` is a positive ball."""

    form: ExpRational
    scale: Any = 1

    @property
    def parity(self) -> int:
        """1 even, -1 odd, 0 neither."""
        return self.form.parity

    @property
    def expr(self) -> sp.Expr:
        """f, without the scale, in :attr:`variable`."""
        return self.form.expr

    @property
    def variable(self) -> sp.Symbol:
        """The symbol of :attr:`expr`."""
        from derive.expectations.one_variable.exprational import X

        return X

    def strip(self, fraction: float, spread: float) -> StripBound | None:
        """The bound on ``fraction`` of the widest strip without poles; ``spread`` is the typical size of x.

        None where the function is not analytic around the real line.
        """
        phase = fraction * clear_ray(self.form)[1]
        rows = ray_bound(self.form, 0.0, phase)
        if rows is None:
            return None
        with ctx.workprec(64):
            scale = to_arb(self.scale)
            width = arb(phase) / to_arb(self.form.rate) / scale
            reach = (width * scale).upper()
            slope = 1 / (arb(spread) * scale + reach)
            size, growth = arb(0), arb(0)
            for j, bound, c in rows.rows:
                if j:
                    bound = bound * (j / (slope * arb(1).exp())) ** j * (slope * reach).exp()
                    c = c + slope
                size += bound
                growth = c if c > growth else growth
            return StripBound(float(width.lower()) * (1 - 1e-12), size.upper(), (growth * scale).upper())

    def decay(self, fraction: float) -> tuple[Any, Any, int] | None:
        """(C, a, d): |f - P| <= C e^{-a |x|} on ``fraction`` of the strip, P of degree d the limiting polynomials."""
        phase = fraction * clear_ray(self.form)[1]
        found = decay_bound(self.form, phase)
        if found is None:
            return None
        with ctx.workprec(64):
            scale, rate = to_arb(self.scale), to_arb(self.form.rate)
            reach = (arb(phase) / rate).upper()
            highest = max((j for j, _ in found.rows), default=0)
            slope = rate / 4 if highest else arb(0)
            size = arb(0)
            for j, bound in found.rows:
                size += bound * ((j / (slope * arb(1).exp())) ** j * (slope * reach).exp() if j else 1)
            return size.upper(), ((rate - slope) * scale).lower(), found.degree

    def values(self, h: Any, count: int) -> Sides:
        """f at +-(p + 1/2) h, p = 0 .. count - 1, at the current precision."""
        tape, rate = self.form.tape, to_arb(self.form.rate)
        spacing = h * to_arb(self.scale)
        x = spacing / 2
        t, up = (rate * x).exp(), (rate * spacing).exp()
        right: list[Any] = []
        points = []
        for _ in range(count):
            right.append(tape(x, t))
            points.append((x, t))
            x += spacing
            t *= up
        if self.parity:
            return right, _mirrored_values(right, self.parity)
        return right, [tape(-x, 1 / t) for x, t in points]

    def jets(self, h: Any, count: int, length: int) -> tuple[list[list[Any]], list[list[Any]]]:
        """Taylor coefficients at +-(p + 1/2) h, p < count: ``length`` of them each."""
        tape, rate = self.form.jet_tape, to_arb(self.form.rate)
        scale = to_arb(self.scale)
        spacing = h * scale
        right, left = [], []
        with series_length(length):
            unit = [arb(1)]
            for n in range(1, length):
                unit.append(unit[-1] * rate * scale / n)
            exponential = arb_series(unit, length)
            x = spacing / 2
            t, up = (rate * x).exp(), (rate * spacing).exp()
            for _ in range(count):
                right.append(_padded(tape(arb_series([x, scale], length), exponential * t), length))
                if not self.parity:
                    left.append(_padded(tape(arb_series([-x, scale], length), exponential / t), length))
                x += spacing
                t *= up
        return right, _mirrored_jets(right, self.parity) if self.parity else left


@dataclass(frozen=True)
class AnalyticGrid:
    """x -> f(scale*x) for any expression that is analytic in a strip; ``parity`` is that of f."""

    expr: sp.Expr
    variable: sp.Symbol
    parity: int
    scale: Any = 1

    def strip(self, fraction: float, spread: float) -> StripBound | None:
        """The bound on ``fraction`` of the widest strip on which one was found; None if there is none."""
        widest = widest_strip(self.expr, self.variable)
        if widest is None:
            return None
        with ctx.workprec(64):
            scale = to_arb(self.scale)
            found = strip_bound(self.expr, self.variable, fraction * widest, spread * float(scale.mid()))
            if found is None:
                return None
            return StripBound(
                float((found.width / scale).lower()) * (1 - 1e-12), found.size, (found.growth * scale).upper()
            )

    def decay(self, fraction: float) -> None:
        """No exponential approach to limiting polynomials is known for these functions."""
        return None

    def values(self, h: Any, count: int) -> Sides:
        """f at +-(p + 1/2) h, p = 0 .. count - 1, at the current precision."""
        f, spacing = compile_ball(self.expr, (self.variable,)), h * to_arb(self.scale)
        points = [(2 * p + 1) * spacing / 2 for p in range(count)]
        right = [f(x) for x in points]
        return right, _mirrored_values(right, self.parity) if self.parity else [f(-x) for x in points]

    def jets(self, h: Any, count: int, length: int) -> tuple[list[list[Any]], list[list[Any]]]:
        """Taylor coefficients at +-(p + 1/2) h, p < count: ``length`` of them each."""
        f, scale = compile_jet(self.expr, self.variable), to_arb(self.scale)
        points = [(2 * p + 1) * h * scale / 2 for p in range(count)]
        with series_length(length):
            right = [_padded(f(arb_series([x, scale], length)), length) for x in points]
            if self.parity:
                return right, _mirrored_jets(right, self.parity)
            return right, [_padded(f(arb_series([-x, scale], length)), length) for x in points]


GridFunction = ExponentialGrid | AnalyticGrid
