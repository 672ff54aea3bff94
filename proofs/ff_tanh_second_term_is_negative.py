r"""For tanh phi'' phi <= 0, so chi_q < chi_1: the length relaxes faster than the correlation in the ordered phase."""

import sympy as sp

from derive.activations import activation
from derive.claim import Claim, Printed, Source
from derive.evidence import holds, symbolic

x = sp.Symbol("x", real=True)
product = sp.Function("product")
FORMULA = -2 * sp.tanh(x) ** 2 / sp.cosh(x) ** 2

CLAIM = Claim(
    id="ff_tanh_second_term_is_negative",
    title="phi'' phi for tanh",
    statement=sp.Eq(product(x), FORMULA),
    source=Source("schoenholz2017", "below fig. 2: for tanh the second term of eq. 6 is always negative"),
    meaning="phi''(x) phi(x), minus a square times a positive factor",
    variables={x: "real"},
    printed=Printed(
        text="the second term is negative (phi'' phi is minus a square)", statement=sp.Eq(product(x), FORMULA)
    ),
)


def derive() -> sp.Expr:
    phi = activation("tanh")
    return (phi(x) * phi.diff(2)(x)).rewrite(sp.exp).simplify()


def by_exponentials() -> sp.Expr:
    """tanh = 1 - 2/(e^(2x) + 1), differentiated by hand."""
    t = sp.exp(2 * x)
    first = 4 * t / (t + 1) ** 2
    second = 8 * t / (t + 1) ** 2 - 16 * t**2 / (t + 1) ** 3
    assert sp.simplify(sp.diff(first, x) - second) == 0
    return (1 - 2 / (t + 1)) * second


def at_log(statement, point) -> bool:
    """At x = log 2: tanh = 3/5, cosh = 5/4."""
    value = statement.rhs.subs(x, sp.log(point[y])).rewrite(sp.exp)
    t = (point[y] ** 2 - 1) / sp.Integer(point[y] ** 2 + 1)
    return bool(sp.simplify(value - (-2 * t**2 * (1 - t**2))) == 0)


y = sp.Symbol("y", positive=True)


def checks():
    yield symbolic("exponentials", by_exponentials, method="quotient rule by hand")


def printed_checks():
    yield holds(
        "logarithms of 2 and 3", at_log, [{y: sp.Integer(2)}, {y: sp.Integer(3)}], method="exact values of tanh"
    )
