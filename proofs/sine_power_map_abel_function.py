r"""The Abel function of :math:`x\,(\sin x/x)^p` for every exponent p > 0; the iterated sine is p = 1."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

from ._iterated import x

p = sp.Symbol("p", positive=True)

CLAIM = Claim(
    id="sine_power_map_abel_function",
    title="Abel function of powers of the sine",
    statement=sp.Eq(
        sp.Function("A")(x, p),
        3 / (p * x**2)
        + (1 + 1 / (5 * p)) * sp.log(x)
        + (p / 18 + sp.Rational(1, 60) + sp.Rational(19, 6300) / p) * x**2,
    ),
    source=Source("derive", "difference: Abel functions"),
    meaning="A(F(x)) = A(x) + 1, A without constant term; F(x) = x^(1-p) (sin x)^p",
    variables={x: "x > 0", p: "p > 0"},
    error=x**4,
    limit=(x, sp.S.Zero),
)


def derive() -> sp.Expr:
    """The triangular solve of Abel's equation with p as a symbol."""
    from derive.difference import Recurrence

    law = Recurrence(x, x * (sp.sin(x) / x) ** p, point=0).asymptotics(terms=3)
    return sp.expand(law.abel.subs(law.recurrence.x, x))


def lack(statement, place, digits):
    """A(F(x)) - A(x), by one step of the map."""
    state, power = (mpmath.mpf(place[s].p) / place[s].q for s in (x, p))
    abel = sp.lambdify((x, p), statement.rhs, "mpmath")
    return abel(state * (mpmath.sin(state) / state) ** power, power) - abel(state, power)


def checks():
    yield decay(
        "Abel's equation",
        lambda place, digits: mpmath.mpf(1),
        x,
        [sp.Rational(1, 4 * 2**k) for k in range(9)],
        [{p: sp.Rational(1, 2)}, {p: sp.Integer(2)}, {p: sp.Integer(5)}],
        error=x**6,
        formula=lack,
        digits=80,
        method="one step of the map in mpmath for three exponents; the defect divided by its order settles",
    )
