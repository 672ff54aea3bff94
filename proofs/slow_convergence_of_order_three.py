r"""Slow convergence of order 3: every map x - a x^4 + b x^7 + ..., with symbolic coefficients."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import c, n, orbit
from ._slow_convergence import a, b, derived, leading, orbit_check

CLAIM = Claim(
    id="slow_convergence_of_order_three",
    title="slow convergence of order 3",
    statement=sp.Eq(orbit(n), leading(3)),
    source=Source("debruijn1958", "chapter 8, slow convergence"),
    meaning=(
        "x_{n+1} = x_n - a x_n^4 + b x_n^7, x_0 > 0 small; c = lim x^(-3)/(3 a) + (4/2 - b/a^2) log x - n at x = x_n"
    ),
    variables={n: "n = 1, 2, 3, ... iterations", a: "a > 0", b: "b > 0", c: "the constant of the start"},
    error=sp.log(n) ** 2 * n ** (-2 - sp.Rational(1, 3)),
    limit=(n, sp.oo),
)


def derive() -> sp.Expr:
    """Abel's equation at 0 with symbolic coefficients, inverted."""
    return derived(3)


def checks():
    yield orbit_check(3)
