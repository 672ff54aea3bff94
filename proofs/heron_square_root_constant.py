r"""Heron's rule :math:`x' = (x + a/x)/2`: the constant of quadratic convergence, from the closed conjugacy."""

from fractions import Fraction

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import enclosure, holds

from ._iterated import certified_constant, x

x0, a = sp.symbols("x0 a", positive=True)

CLAIM = Claim(
    id="heron_square_root_constant",
    title="Heron's rule for square roots",
    statement=sp.Eq(sp.Function("c")(x0, a), (x0 - sp.sqrt(a)) / (x0 + sp.sqrt(a))),
    source=Source("derive", "difference: Boettcher functions"),
    meaning="c = lim |x_n - sqrt(a)|**(2**-n) for x_{n+1} = (x_n + a/x_n)/2 from x_0",
    variables={x0: "x_0 > sqrt(a)", a: "a > 0"},
)

POINTS = [{x0: 2, a: 2}, {x0: sp.Rational(7, 3), a: 5}, {x0: 100, a: sp.Rational(1, 2)}]


def by_boettcher(place, bits):
    """Boettcher's function at the start, in a ball."""
    return certified_constant((x + place[a] / x) / 2, sp.sqrt(place[a]), place[x0], 45)


def squares(statement, place) -> bool:
    """One step squares the constant, and near the root it is (x0 - sqrt a)/(2 sqrt a) to first order."""
    formula = statement.rhs.subs(a, place[a])
    step = formula.subs(x0, (place[x0] + place[a] / place[x0]) / 2) - formula.subs(x0, place[x0]) ** 2
    slope = sp.diff(formula, x0).subs(x0, sp.sqrt(place[a])) - 1 / (2 * sp.sqrt(place[a]))
    return all(sp.expand(sp.radsimp(sp.together(g))) == 0 for g in (step, slope))


def checks():
    yield enclosure(
        "Boettcher's function",
        by_boettcher,
        POINTS,
        radius=Fraction(1, 10**45),
        bits=640,
        method="the engine: Boettcher's series with a bound of its tail, the orbit in balls",
    )
    yield holds("closed conjugacy", squares, POINTS, method="(x - sqrt a)/(x + sqrt a) is squared by one step, exactly")
