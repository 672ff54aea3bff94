r"""The range of ReLU is not inside [-1, 1]; nor is that of arctan."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

x = sp.Symbol("x", positive=True)
value = sp.Function("value")

CLAIM = Claim(
    id="relu_leaves_the_unit_interval",
    title="values of ReLU at positive arguments",
    statement=sp.Eq(value(x), x),
    source=Source("pabari", "section 4.1: activations whose range is in [-1, 1], including ReLU"),
    meaning="value(x) = max(0, x), unbounded; the range of arctan is (-pi/2, pi/2).  Section 4.2 calls ReLU unbounded",
    variables={x: "x > 0"},
    printed=Printed(text="the range of ReLU is in [-1, 1]", statement=sp.Le(value(x), 1)),
)


def derive() -> sp.Expr:
    from derive.activations import activation

    return activation("relu")(x)


def at_point(statement, point) -> bool:
    exact = max(sp.Integer(0), point[x])
    if isinstance(statement, sp.Eq):
        return bool(statement.rhs.subs(point) == exact)
    return bool(statement.func(exact, statement.rhs))


def _check():
    return holds("x = 2", at_point, [{x: sp.Integer(2)}], method="the larger of 0 and 2")


def checks():
    yield _check()


def printed_checks():
    yield _check()
