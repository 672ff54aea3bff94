r"""The sigmoid is a shifted, rescaled tanh."""

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, symbolic

from ._sigmoid import SIGMOID, x

phi = sp.Function("phi")
STATEMENT = sp.Eq(phi(x), (sp.tanh(x / 2) + 1) / 2)

CLAIM = Claim(
    id="sigmoid_is_a_shifted_tanh",
    title="sigmoid and tanh",
    statement=STATEMENT,
    source=Source("pabari", "section 4.2"),
    meaning="phi(x) = 1/(1 + e^(-x))",
    variables={x: "x real"},
    printed=Printed(text="phi(x) = (tanh(x/2) + 1)/2", statement=STATEMENT),
)


def derive() -> sp.Expr:
    """Write the sigmoid as its mean plus its odd part and the latter as a ratio of half-angle exponentials."""
    odd = sp.simplify(SIGMOID - SIGMOID.subs(x, -x))  # = (e^(x/2) - e^(-x/2))/(e^(x/2) + e^(-x/2))
    half = sp.Symbol("half", real=True)
    ratio = sp.simplify(odd.subs(x, 2 * half))
    return sp.Rational(1, 2) + sp.simplify(ratio.rewrite(sp.tanh)).subs(half, x / 2) / 2


def by_equation():
    """The solution of y' = y (1 - y) with y(0) = 1/2, which the sigmoid satisfies by the quotient rule."""
    y = sp.Function("y")
    solution = sp.dsolve(sp.Eq(y(x).diff(x), y(x) * (1 - y(x))), y(x), ics={y(0): sp.Rational(1, 2)})
    return solution.rhs


def checks():
    yield symbolic("logistic equation", by_equation, method="SymPy dsolve of y' = y (1 - y), y(0) = 1/2")
    yield digits(
        "values",
        lambda point, _digits: 1 / (1 + mpmath.exp(-point[x].p / mpmath.mpf(point[x].q))),
        [{x: sp.Rational(3, 10)}, {x: -5}, {x: 20}],
        digits=30,
        method="mpmath's exponential",
    )


def printed_checks():
    yield symbolic("logistic equation", by_equation, method="SymPy dsolve of y' = y (1 - y), y(0) = 1/2")
