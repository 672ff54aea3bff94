"""What a compiled expression means in truncated power series: Taylor coefficients of an expression at a point.

:func:`compile_jet` gives a function that maps a power series x_0 + t (python-flint's ``arb_series``) to the series
of the expression, with ball coefficients.  python-flint caps every series at ``flint.ctx.cap`` terms;
:func:`series_length` sets that cap for a block.  Only analytic functions take part: there is no meaning for Abs,
Max or Piecewise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import flint
import sympy as sp
from flint import arb, arb_series

from derive.numerics.ball_arithmetic import BALLS
from derive.numerics.tape import Arithmetic, Tape

__all__ = ["SERIES", "compile_jet", "series_length"]


@contextmanager
def series_length(terms: int) -> Iterator[None]:
    """Series of ``terms`` coefficients inside the block."""
    saved = flint.ctx.cap
    flint.ctx.cap = terms
    try:
        yield
    finally:
        flint.ctx.cap = saved


@lru_cache(maxsize=256)
def compile_jet(expr: sp.Expr, x: sp.Symbol) -> Tape:
    """A function from a series x_0 + t to the series of ``expr``; use it inside :func:`series_length`.

    >>> x = sp.Symbol("x")
    >>> with series_length(4):
    ...     [float(c) for c in compile_jet(sp.exp(2 * x), x)(arb_series([0, 1])).coeffs()]
    [1.0, 2.0, 2.0, 1.3333333333333333]
    """
    return Tape(expr, (x,), SERIES)


def _integer_power(x: Any, n: int) -> Any:
    if n < 0:
        return 1 / _integer_power(x, -n)
    result: Any = arb(1)
    square = x
    while n:
        if n & 1:
            result = result * square
        n >>= 1
        if n:
            square = square * square
    return result


def _power(exponent: sp.Expr) -> Callable[[bool, Any], Any]:
    """x -> x**exponent, for series and for numbers."""
    of_ball = BALLS.power(exponent)

    def call(analytic: bool, x: Any) -> Any:
        if not isinstance(x, arb_series):
            return of_ball(analytic, x)
        if exponent.is_Integer:
            return _integer_power(x, int(exponent))
        if exponent.is_Rational and exponent.q == 2:
            root = x.sqrt() if exponent.p > 0 else x.rsqrt()
            return _integer_power(root, abs(int(exponent.p)))
        from derive.numerics.compile import to_arb

        return (x.log() * to_arb(exponent)).exp()

    return call


def _general_power(analytic: bool, x: Any, y: Any) -> Any:
    return (_call("log")(analytic, x) * y).exp()


def _call(method: str) -> Callable[..., Any]:
    return lambda analytic, x: getattr(x, method)()


def _through_exp(formula: Callable[[Any], Any], times: int = 1) -> Callable[..., Any]:
    return lambda analytic, x: formula((times * x).exp())


def _primitive(at: str, slope: Callable[[Any], Any]) -> Callable[..., Any]:
    """f(u(t)) = f(u_0) + integral of slope(u) u'; ``at`` names the function of the constant term."""

    def call(analytic: bool, x: Any) -> Any:
        start = x.coeffs()[0] if len(x) else arb(0)
        return (slope(x) * x.derivative()).integral() + getattr(start, at)()

    return call


_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    sp.Add: lambda analytic, a, b: a + b,
    sp.Mul: lambda analytic, a, b: a * b,
    sp.tanh: _through_exp(lambda e: 1 - 2 / (e + 1), 2),
    sp.coth: _through_exp(lambda e: 1 + 2 / (e - 1), 2),
    sp.cosh: _through_exp(lambda e: (e + 1 / e) / 2),
    sp.sinh: _through_exp(lambda e: (e - 1 / e) / 2),
    sp.sech: _through_exp(lambda e: 2 / (e + 1 / e)),
    sp.csch: _through_exp(lambda e: 2 / (e - 1 / e)),
    sp.asinh: _primitive("asinh", lambda u: (1 + u * u).rsqrt()),
    sp.acosh: _primitive("acosh", lambda u: (u * u - 1).rsqrt()),
    sp.atanh: _primitive("atanh", lambda u: 1 / (1 - u * u)),
} | {
    head: _call(method)
    for head, method in {
        sp.exp: "exp",
        sp.log: "log",
        sp.sin: "sin",
        sp.cos: "cos",
        sp.tan: "tan",
        sp.atan: "atan",
        sp.asin: "asin",
        sp.acos: "acos",
        sp.erf: "erf",
        sp.erfc: "erfc",
        sp.erfi: "erfi",
        sp.gamma: "gamma",
    }.items()
}


def _refused(*parts: Any) -> Any:
    from derive.errors import UnsupportedError

    raise UnsupportedError("a piecewise function has no power series here; take its analytic pieces")


SERIES = Arithmetic(
    name="power series",
    leaf=BALLS.leaf,
    functions=_FUNCTIONS,
    power=_power,
    general_power=_general_power,
    divide=lambda analytic, a, b: a / b,
    compare={},
    piecewise=_refused,
    hook="_series_",
    precision=BALLS.precision,
)
