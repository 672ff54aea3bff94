r"""dq*/dsigma_b2 = 1/(1 - chi_q): that the integral is not negative does not make q* increase, chi_q < 1 does."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds, outside, under

chi_q = sp.Symbol("chi_q", real=True)
slope = sp.Function("slope")

CLAIM = Claim(
    id="length_grows_with_the_bias_variance",
    title="the fixed length as a function of the bias variance",
    statement=sp.Eq(slope(chi_q), 1 / (1 - chi_q)),
    source=Source("pabari", "appendix, below (27): the integral is non-negative, so q* increases with sigma_b^2"),
    meaning=(
        "dq*/dsigma_b2 at fixed sigma_w2, chi_q = sigma_w2 dV/dq at q*.  Stable lengths increase; unstable ones "
        "decrease, though V >= 0 for both.  For the sigmoid chi_q < 1 throughout (sigmoid_length_is_unique), "
        "so the conclusion drawn there holds"
    ),
    variables={chi_q: "chi_q != 1"},
    printed=Printed(
        text="q* increases with sigma_b^2 since the integral in (23) is non-negative",
        statement=sp.Gt(slope(chi_q), 0),
        condition="chi_q < 1, a stable length",
    ),
)


def derive() -> sp.Expr:
    """q = sigma_w2 V(q) + sigma_b2 differentiated by sigma_b2."""
    b, w = sp.symbols("sigma_b2 sigma_w2", positive=True)
    q, V = sp.Function("q"), sp.Function("V")
    equation = sp.diff(w * V(q(b)) + b - q(b), b).doit()
    speed, steep = sp.symbols("speed steep")
    equation = equation.subs(q(b).diff(b), speed).replace(lambda e: isinstance(e, sp.Subs), lambda e: steep)
    equation = equation.replace(lambda e: isinstance(e, sp.Derivative), lambda e: steep)
    return sp.simplify(sp.solve(equation, speed)[0].subs(steep, chi_q / w))


def square(statement, point) -> bool:
    """phi = x^2, V = 3 q^2, sigma_w2 = 1/12: q = 2 -+ 2 sqrt(1 - sigma_b2), chi_q = q/2, at sigma_b2 = 3/4."""
    b = sp.Symbol("b")
    for sign in (-1, 1):
        q = 2 + sign * 2 * sp.sqrt(1 - b)
        if q.subs(b, sp.Rational(3, 4)) / 2 == point[chi_q]:
            exact = sp.diff(q, b).subs(b, sp.Rational(3, 4))
            if isinstance(statement, sp.Eq):
                return bool(statement.rhs.subs(chi_q, point[chi_q]) == exact)
            return bool(statement.func(exact, statement.rhs))
    raise AssertionError("not a fixed length of the quadratic")


LOW, HIGH = {chi_q: sp.Rational(1, 2)}, {chi_q: sp.Rational(3, 2)}
METHOD = "roots of a quadratic, exact"


def checks():
    yield holds("phi = x^2, both lengths", square, [LOW, HIGH], method=METHOD)


def printed_checks():
    yield under(holds("the stable length", square, [LOW], method=METHOD))
    yield outside(holds("the unstable length", square, [HIGH], method=METHOD))
