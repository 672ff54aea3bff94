r"""A smooth function on an equidistant grid, with a proven bound on a strip around the real line.

What the two-dimensional rules need of f: its values at (p + 1/2) h, its parity, and numbers y, C, s with

.. math:: |f(x + i t)| \le C e^{s |x|}, \qquad |t| \le y.

For f rational in e^{a x} both come from :mod:`derive.expectations.poles`: |f| <= sum_j B_j (|x| + y)^j e^{c_j |x|}
on the strip below the first poles, and u^j <= (j/(e s'))^j e^{s' u} for any s' > 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flint import arb, arb_series, ctx

from derive.errors import UnsupportedError
from derive.expectations.exprational import ExpRational
from derive.expectations.poles import clear_ray, decay_bound, ray_bound
from derive.numerics.compile import to_arb
from derive.numerics.series_arithmetic import series_length

__all__ = ["GridFunction", "StripBound", "grid_function"]


@dataclass(frozen=True)
class StripBound:
    """|f(x + it)| <= size * exp(growth*|x|) for |t| <= width."""

    width: float
    size: Any
    growth: Any


@dataclass(frozen=True)
class GridFunction:
    """x -> f(scale*x) for f rational in an exponential; ``scale`` is a positive ball."""

    form: ExpRational
    scale: Any = 1

    @property
    def parity(self) -> int:
        """1 even, -1 odd, 0 neither."""
        return self.form.parity

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

    def values(self, h: Any, count: int) -> tuple[list[Any], list[Any]]:
        """(f at (p + 1/2) h, f at -(p + 1/2) h), p = 0 .. count - 1, at the current precision."""
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
            return right, right if self.parity == 1 else [-v for v in right]
        return right, [tape(-x, 1 / t) for x, t in points]

    def decay(self, fraction: float, spread: float) -> tuple[Any, Any, int] | None:
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

    def jets(self, h: Any, count: int, length: int) -> tuple[list[list[Any]], list[list[Any]]]:
        """Taylor coefficients at (p + 1/2) h and at -(p + 1/2) h, p < count: ``length`` of them each."""
        tape, rate = self.form.jet_tape, to_arb(self.form.rate)
        scale = to_arb(self.scale)
        spacing = h * scale
        with series_length(length):
            unit = [arb(1)]
            for n in range(1, length):
                unit.append(unit[-1] * rate * scale / n)
            exponential = arb_series(unit, length)
            x = spacing / 2
            t, up = (rate * x).exp(), (rate * spacing).exp()
            right, left = [], []
            for _ in range(count):
                right.append(_padded(tape(arb_series([x, scale], length), exponential * t), length))
                if not self.parity:
                    left.append(_padded(tape(arb_series([-x, scale], length), exponential / t), length))
                x += spacing
                t *= up
        if self.parity:
            left = [[c if (n % 2 == 0) == (self.parity == 1) else -c for n, c in enumerate(row)] for row in right]
        return right, left


def _padded(series: Any, length: int) -> list[Any]:
    coefficients = list(series.coeffs()) if isinstance(series, arb_series) else [series]
    return coefficients + [arb(0)] * (length - len(coefficients))


def grid_function(form: ExpRational | None, scale: Any = 1) -> GridFunction:
    """The grid function of a form; raises :class:`~derive.errors.UnsupportedError` if there is none."""
    if form is None:
        raise UnsupportedError("no form on a grid is known for this function")
    return GridFunction(form, scale)
