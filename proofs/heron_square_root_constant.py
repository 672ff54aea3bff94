r"""Heron's rule :math:`x' = (x + a/x)/2`: the constant of quadratic convergence, from the closed conjugacy."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, holds

from ._iterated import x

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


def by_boettcher(place, digits):
    """Boettcher's function at the start."""
    from derive.difference import Recurrence

    law = Recurrence(x, (x + place[a] / x) / 2, point=sp.sqrt(place[a])).asymptotics(3)
    return mpmath.mpf(law.constant_value(place[x0], digits=45)._mpf_)


def squares(statement, place) -> bool:
    """One step squares the constant, and near the root it is (x0 - sqrt a)/(2 sqrt a) to first order."""
    formula = statement.rhs.subs(a, place[a])
    step = formula.subs(x0, (place[x0] + place[a] / place[x0]) / 2) - formula.subs(x0, place[x0]) ** 2
    slope = sp.diff(formula, x0).subs(x0, sp.sqrt(place[a])) - 1 / (2 * sp.sqrt(place[a]))
    return all(sp.expand(sp.radsimp(sp.together(g))) == 0 for g in (step, slope))


def checks():
    yield digits("Boettcher's function", by_boettcher, POINTS, digits=40, method="the engine: Boettcher's equation")
    yield holds("closed conjugacy", squares, POINTS, method="(x - sqrt a)/(x + sqrt a) is squared by one step, exactly")
