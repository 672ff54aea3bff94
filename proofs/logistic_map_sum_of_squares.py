r"""The squares of the iterates of the logistic map add up to the start, by telescoping."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, symbolic

from ._iterated import x

x0 = sp.Symbol("x0", positive=True)

CLAIM = Claim(
    id="logistic_map_sum_of_squares",
    title="the squares of the iterates of the logistic map",
    statement=sp.Eq(sp.Function("S")(x0), x0),
    source=Source("derive", "difference: sums along an orbit"),
    meaning="S(x0) is the sum of x_n^2 over n >= 0, x_{n+1} = x_n (1 - x_n)",
    variables={x0: "0 < x_0 < 1"},
)


def telescoped() -> sp.Expr:
    """H = h x with H(F(x)) - H(x) = x^2; the sum is H(0) - H(x_0), as the orbit tends to 0."""
    h = sp.Symbol("h")
    (found,) = sp.solve(sp.cancel((h * x * (1 - x) - h * x - x**2) / x**2), h)
    return -found * x0


def engine(place, digits):
    """The constant of the sum along the orbit."""
    from derive.difference import Recurrence
    from derive.difference.digits.sum_values import sum_constant_value

    found = sum_constant_value(Recurrence(x, x * (1 - x), point=0), place[x0], digits=45, g=x**2)
    return mpmath.mpf(found._mpf_)


def checks():
    yield symbolic("telescoping", telescoped, method="H(F(x)) - H(x) = x^2 solved by SymPy for a multiple of x")
    yield digits(
        "sum along the orbit",
        engine,
        [{x0: sp.Rational(1, 2)}, {x0: sp.Rational(1, 9)}, {x0: sp.Rational(99, 100)}],
        digits=40,
        method="the engine: H(F(x)) - H(x) = x^2",
    )
