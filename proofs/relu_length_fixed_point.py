r"""ReLU has a fixed point of the length for sigma_w2 < 2 only."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds, outside, symbolic, under

fixed = sp.Function("fixed")
w2, b2 = sp.symbols("sigma_w2 sigma_b2", positive=True)
q = sp.Symbol("q", positive=True)

CLAIM = Claim(
    id="relu_length_fixed_point",
    title="fixed point of the length of ReLU networks",
    statement=sp.Eq(fixed(w2, b2), b2 / (1 - w2 / 2)),
    source=Source("pabari", "section 4.2: existence of q* and c* for ReLU, sigma_b2 = 2.01e-5"),
    meaning="fixed = q* with q* = sigma_w2 q*/2 + sigma_b2; for sigma_w2 >= 2 it is not positive and the length grows",
    variables={w2: "0 < sigma_w2 < 2", b2: "sigma_b2 > 0"},
    printed=Printed(
        text="q* exists for ReLU (a positive solution), without a condition",
        statement=sp.Gt(fixed(w2, b2), 0),
        condition="sigma_w2 < 2",
    ),
)


def derive() -> sp.Expr:
    """E relu^2 by integration, and the linear equation solved."""
    u = sp.Symbol("u", real=True)
    half = sp.integrate(u**2 * sp.exp(-(u**2) / 2) / sp.sqrt(2 * sp.pi), (u, 0, sp.oo))
    unknown = sp.Symbol("unknown")
    return sp.solve(sp.Eq(unknown, w2 * half * unknown + b2), unknown)[0]


def geometric():
    """The limit of the lengths: a geometric series of the bias with the ratio sigma_w2/2, solved by rsolve."""
    f, l = sp.Function("f"), sp.Symbol("l", integer=True, nonnegative=True)
    r = sp.Symbol("r", positive=True)
    length = sp.rsolve(f(l + 1) - r * f(l) - b2, f(l), {f(0): 0})
    return sp.simplify(length.subs(r**l, 0)).subs(r, w2 / 2)


def positive(statement, point) -> bool:
    """The relation for the exact solution of q = sigma_w2 q/2 + sigma_b2."""
    solution = sp.solve(sp.Eq(q, point[w2] * q / 2 + point[b2]), q)
    exists = bool(solution)
    if isinstance(statement, sp.Equality):
        value = statement.rhs.subs(point)
        return exists and value == solution[0]
    return exists if isinstance(statement, sp.StrictGreaterThan) else not exists


BELOW = [{w2: 1, b2: sp.Rational(201, 10**7)}, {w2: sp.Rational(19, 10), b2: sp.Rational(1, 3)}]
ABOVE = [{w2: 3, b2: sp.Rational(201, 10**7)}]


def checks():
    yield symbolic("geometric series", geometric, method="sum of the contributions of all layers")
    yield holds("exact solution", positive, BELOW, method="SymPy solve at exact variances")


def printed_checks():
    yield under(holds("sigma_w2 < 2", positive, BELOW, method="a positive solution, exactly"))
    yield outside(
        holds("sigma_w2 = 3", positive, ABOVE, method="no positive solution, exactly"),
        truth=sp.Le(fixed(w2, b2), 0),
    )
