r"""Slow convergence of order 1: every map x - a x^2 + b x^3 + ..., with symbolic coefficients."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import c, n, orbit
from ._slow_convergence import a, b, derived, leading, orbit_check

CLAIM = Claim(
    id="slow_convergence_of_order_one",
    title="slow convergence of order 1",
    statement=sp.Eq(orbit(n), leading(1)),
    source=Source("debruijn1958", "chapter 8, slow convergence"),
    meaning=(
        "x_{n+1} = x_n - a x_n^2 + b x_n^3, x_0 > 0 small; c = lim x^(-1)/(1 a) + (2/2 - b/a^2) log x - n at x = x_n"
    ),
    variables={n: "n = 1, 2, 3, ... iterations", a: "a > 0", b: "b > 0", c: "the constant of the start"},
    error=sp.log(n) ** 2 * n ** (-2 - sp.Rational(1, 1)),
    limit=(n, sp.oo),
)


def derive() -> sp.Expr:
    """Abel's equation at 0 with symbolic coefficients, inverted."""
    return derived(1)


def checks():
    yield orbit_check(1)
