r"""One step x -> F(x) on a real ball, for the ways in which F may be known.

A ball function that is a black box may widen balls by far more than F' does, and along an orbit that multiplies.  Such
functions are evaluated at the midpoint only, and the radius is carried by the mean value theorem:
:math:`F(m \pm r) \subset F(m) \pm r \sup |F'|`, the slope needing few bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from derive.difference.near_point.series_function import SeriesFunction
from derive.errors import UnsupportedError
from derive.numerics import compile_ball

__all__ = ["step_of_expression", "step_of_series"]

_SLOPE_BITS = 64
Step = Callable[[Any], Any]


def step_of_expression(expr: sp.Expr, x: sp.Symbol, certain: bool) -> tuple[Step, float]:
    """The step of an expression and its cost in products of numbers; ``certain`` as for :func:`step_of_series`."""
    if not any(hasattr(node, "_ball_") for node in sp.preorder_traversal(expr)):
        return compile_ball(expr, [x]), 20.0 + 40.0 * float(sp.count_ops(expr))
    if not certain:
        return _Estimated(compile_ball(expr, [x])), 3000.0
    value, slope = compile_ball(expr, [x]), compile_ball(expr.diff(x), [x])
    return lambda ball: _mean_value(value, slope, ball), 20_000.0


def step_of_series(function: SeriesFunction, certain: bool) -> Step:
    """The step of a map known by its series, from its ``ball`` (with ``derivative_ball``) or its ``value``.

    ``certain`` asks for rigorous balls; otherwise digits as promised by ``value`` are believed, and the slope is
    estimated from the orbit.
    """
    if function.value is not None and not certain:
        return _Estimated(lambda x: _from_value(function, x))
    if function.ball is None:
        kind = "ball" if certain else "value"
        raise UnsupportedError(f"the map is known by its series only; give SeriesMap({kind}=...) for its values")
    ball, slope = function.ball, function.derivative_ball
    if slope is not None:
        return lambda x: _mean_value(lambda y: ball(y, _bits(), {}), lambda y: slope(y, _SLOPE_BITS, {}), x)
    if certain:
        return lambda x: ball(x, _bits(), {})
    return _Estimated(lambda x: ball(x, _bits(), {}))


def _bits() -> int:
    from flint import ctx

    return int(ctx.prec)


def _mean_value(value: Step, slope: Step, x: Any) -> Any:
    from flint import arb, ctx

    middle = value(x.mid())
    if x.is_exact():
        return middle
    with ctx.workprec(_SLOPE_BITS):
        spread = abs(slope(x)) * x.rad()
    return middle + arb(0, spread.upper()) if spread.is_finite() else value(x)


class _Estimated:
    """Values at midpoints; the radius grows by twice the slope between the last two points (an estimate)."""

    def __init__(self, value: Step) -> None:
        self.value = value
        self.last: tuple[Any, Any] | None = None

    def __call__(self, x: Any) -> Any:
        from flint import arb

        middle, slope = self.value(x.mid()), arb(2)
        if self.last is not None and not (x.mid() - self.last[0]).is_zero():
            slope = slope.max(2 * abs((middle - self.last[1]) / (x.mid() - self.last[0])))
        self.last = (x.mid(), middle)
        return middle + arb(0, (x.rad() * slope).upper())


def _from_value(function: SeriesFunction, x: Any) -> Any:
    """The mpf that ``value`` gives, as a ball with the error it promises."""
    from flint import arb

    from derive.numerics import arb_to_mpf, to_arb

    digits = int(_bits() * 0.30103) + 1
    value = to_arb(function.value(arb_to_mpf(x), digits, {}))  # type: ignore[misc]
    return value + arb(0, (abs(value) * arb(10) ** (-digits)).upper())
