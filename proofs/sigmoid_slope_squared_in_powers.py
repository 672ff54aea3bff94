r"""The squared slope of the sigmoid as a polynomial in the sigmoid."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds, symbolic

from ._sigmoid import SIGMOID, x

slope2 = sp.Function("slope2")
s = sp.Symbol("s", positive=True)
STATEMENT = sp.Eq(slope2(s), s**2 - 2 * s**3 + s**4)

CLAIM = Claim(
    id="sigmoid_slope_squared_in_powers",
    title="squared slope of the sigmoid",
    statement=STATEMENT,
    source=Source("pabari", "appendix, equations (25) and (26)"),
    meaning="slope2 = phi'(x)^2 as a function of s = phi(x)",
    variables={s: "0 < s < 1"},
    printed=Printed(text="(phi')^2 = phi^2 - 2 phi^3 + phi^4", statement=STATEMENT),
)


def derive() -> sp.Expr:
    """Differentiate in x, then put x = log(s/(1 - s)), the inverse of the sigmoid."""
    return sp.expand(sp.simplify((SIGMOID.diff(x) ** 2).subs(x, sp.log(s / (1 - s)))))


def by_inverse():
    """1/(dx/ds)^2 for the inverse function x = log s - log(1 - s)."""
    return sp.expand(sp.cancel(1 / sp.diff(sp.log(s) - sp.log(1 - s), s) ** 2))


def at_half(statement, point) -> bool:
    """At x = 0 the slope is 1/4; at s = 1/3 it is 2/9."""
    return (
        statement.rhs.subs(point)
        == {sp.Rational(1, 2): sp.Rational(1, 16), sp.Rational(1, 3): sp.Rational(4, 81)}[point[s]]
    )


def checks():
    yield symbolic("inverse function", by_inverse, method="derivative of the inverse, x = log(s/(1 - s))")
    yield holds(
        "two values", at_half, [{s: sp.Rational(1, 2)}, {s: sp.Rational(1, 3)}], method="s (1 - s) at s = 1/2 and 1/3"
    )


def printed_checks():
    yield symbolic("inverse function", by_inverse, method="derivative of the inverse, x = log(s/(1 - s))")
