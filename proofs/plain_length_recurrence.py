r"""The length recurrence of a plain layer has the square of the activation, which the print leaves out."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

from . import _plain
from ._plain import B2, W2, Mean, q

after = sp.Symbol("after", positive=True)
First = sp.Function("First")

CLAIM = Claim(
    id="plain_length_recurrence",
    title="length recurrence of a plain layer",
    statement=sp.Eq(after, W2 * Mean(q, q, q) + B2),
    source=Source("pabari", "equation (3)"),
    meaning="after = the variance of the next pre-activations; Mean(q, q, q) = E phi(sqrt(q) z)^2",
    variables={q: "q > 0", W2: "sigma_w2 > 0", B2: "sigma_b2 >= 0"},
    printed=Printed(
        text="q' = sigma_w2 E phi(sqrt(q) z) + sigma_b2, without the square; First(q) = E phi(sqrt(q) z)",
        statement=sp.Eq(after, W2 * First(q) + B2),
    ),
)


def derive() -> sp.Expr:
    """Pair the weights, average over the layer."""
    return _plain.derived(True)


def explicit(statement, _point) -> bool:
    """Width two, activation x^3, every weight averaged; E x^3 = 0 for the printed form."""
    rhs = _plain.cube(statement.rhs).replace(First, lambda _: sp.Integer(0))
    return rhs.subs(_plain.VALUES) == _plain.explicit(True)


def _check():
    return holds("width two, cubic activation", explicit, method="exact expectation over weights and pre-activations")


def checks():
    yield _check()


def printed_checks():
    yield _check()
