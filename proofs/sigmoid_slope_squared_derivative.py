r"""The derivative of the squared slope of the sigmoid: a factor phi' is missing in the print.

Its sign is that of -x, so phi'(sqrt(q) z)^2 decreases with q at every z, and D(q) = E phi'^2 decreases.
"""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds, symbolic

from ._sigmoid import SIGMOID, x

derivative = sp.Function("derivative")
s = sp.Symbol("s", positive=True)

CLAIM = Claim(
    id="sigmoid_slope_squared_derivative",
    title="derivative of the squared slope of the sigmoid",
    statement=sp.Eq(derivative(s), 2 * s**2 * (1 - s) ** 2 * (1 - 2 * s)),
    source=Source("pabari", "appendix, below equation (26)"),
    meaning=(
        "derivative = d/dx phi'(x)^2 as a function of s = phi(x); positive for x < 0, negative for x > 0, so E "
        "phi'(sqrt(q) z)^2 is largest at q = 0 and decreases with q"
    ),
    variables={s: "0 < s < 1"},
    uses=("sigmoid_slope_squared_in_powers",),
    printed=Printed(
        text="Phi'(x) = 2 phi - 6 phi^2 + 4 phi^3 = 2 phi (1 - 2 phi)(1 - phi), the derivative in phi instead of x",
        statement=sp.Eq(derivative(s), 2 * s * (1 - 2 * s) * (1 - s)),
    ),
)


def derive() -> sp.Expr:
    """Differentiate the squared slope in x, then put x = log(s/(1 - s))."""
    return sp.factor(sp.simplify(sp.diff(SIGMOID.diff(x) ** 2, x).subs(x, sp.log(s / (1 - s)))))


def chain_rule():
    """d(s^2 - 2s^3 + s^4)/ds times ds/dx = s (1 - s)."""
    return sp.diff(s**2 - 2 * s**3 + s**4, s) * s * (1 - s)


def at_log_two(statement, _point) -> bool:
    """At x = log 2: e^-x = 1/2, phi = 2/3; with E = e^-x, phi'^2 = E^2/(1+E)^4 and d/dx = -E d/dE."""
    E = sp.Symbol("E")
    value = (-E * sp.diff(E**2 / (1 + E) ** 4, E)).subs(E, sp.Rational(1, 2))
    return statement.rhs.subs(s, sp.Rational(2, 3)) == value


def checks():
    yield symbolic("chain rule", chain_rule, method="derivative in s times ds/dx")
    yield holds("x = log 2", at_log_two, method="exact value with e^-x as the variable")


def printed_checks():
    yield holds("x = log 2", at_log_two, method="exact value with e^-x as the variable")
