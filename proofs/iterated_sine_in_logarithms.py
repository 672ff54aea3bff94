r"""The iterated sine in n and log n, the classical form."""

import sympy as sp

from derive.claim import Claim, Source

from ._iterated import c, derived_expansion, n, orbit, orbit_check, x
from ._iterated_maps import SINE

log = sp.log(n)
K = c - sp.Rational(3, 5) * sp.log(3)

CLAIM = Claim(
    id="iterated_sine_in_logarithms",
    title="the iterated sine in n and log n",
    statement=sp.Eq(
        orbit(n),
        sp.sqrt(3 / n)
        * (
            1
            - sp.Rational(3, 10) * log / n
            - K / (2 * n)
            + sp.Rational(27, 200) * log**2 / n**2
            + (sp.Rational(9, 20) * K - sp.Rational(9, 50)) * log / n**2
            + (sp.Rational(3, 8) * K**2 - sp.Rational(3, 10) * K + sp.Rational(79, 700)) / n**2
        ),
    ),
    source=Source("debruijn1958", "section 8.6"),
    meaning=(
        "x(n) is the n-th iterate, x_{n+1} = sin x_n, 0 < x_0 < pi; c = lim 3/x^2 + (6/5) log x - n, taken at x = x_n"
    ),
    variables={n: "n = 1, 2, 3, ... iterations", c: "the constant of the start"},
    error=log**3 / n ** sp.Rational(7, 2),
    limit=(n, sp.oo),
    uses=("iterated_sine_expansion",),
)


def derive() -> sp.Expr:
    """Abel's equation at 0, solved term by term and inverted."""
    return derived_expansion(sp.sin(x), 0, terms=3)


def checks():
    yield orbit_check(SINE, sp.sin(x), 0, terms=3, last=sp.Rational(5, 2), starts=("1", "3/2"))
