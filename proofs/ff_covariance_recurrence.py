"""Covariance of two inputs, with independent dropout masks, from the layer definition."""

import sympy as sp

from derive.claim import Claim, Source
from derive.networks.feedforward.equations import SYMBOLS as S
from derive.networks.feedforward.equations import CrossProduct

from . import _ff

L = sp.Symbol("q_ab")

CLAIM = Claim(
    id="ff_covariance_recurrence",
    title="covariance of two inputs, with independent dropout masks",
    statement=sp.Eq(L, S.sigma_w2 * CrossProduct(0, S.q_a_, S.q_b_, S.q_ab_) + S.sigma_b2),
    source=Source("schoenholz2017", "eq. 4, eq. 12 and section 7.4"),
    meaning=(
        "covariance of the pre-activations of two inputs of any norms; the masks drop out; MeanSquare(n, q) = "
        "E f(u)^2, CrossProduct(n, q_a, q_b, q_ab) = "
        "E f(u_a) f(u_b) for the n-th derivative f of the activation; rho is the probability that a unit is kept"
    ),
    variables={
        L: "the quantity",
        S.q_a_: "q_a_ > 0",
        S.q_b_: "q_b_ > 0",
        S.q_ab_: "q_ab_^2 <= q_a_ q_b_",
        S.sigma_w2: "sigma_w2 >= 0",
        S.sigma_b2: "sigma_b2 >= 0",
    },
)


def derive() -> sp.Expr:
    """Pair the weights by Isserlis' theorem, average masks and units over the width."""
    return _ff.row("q_ab")


def checks():
    yield _ff.layer_check("q_ab")
