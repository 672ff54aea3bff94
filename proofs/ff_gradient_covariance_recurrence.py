"""Covariance of the gradients of two inputs, from the layer definition."""

import sympy as sp

from derive.claim import Claim, Source
from derive.networks.feedforward.equations import SYMBOLS as S
from derive.networks.feedforward.equations import CrossProduct

from . import _ff

L = sp.Symbol("chi_ab_")

CLAIM = Claim(
    id="ff_gradient_covariance_recurrence",
    title="covariance of the gradients of two inputs",
    statement=sp.Eq(L, S.chi_ab * S.width_ratio * S.sigma_w2 * CrossProduct(1, S.q_a_, S.q_b_, S.q_ab_)),
    source=Source("schoenholz2017", "section 7.9"),
    meaning=(
        "covariance of the gradients of two inputs with respect to their pre-activations; MeanSquare(n, q) = "
        "E f(u)^2, CrossProduct(n, q_a, q_b, q_ab) = "
        "E f(u_a) f(u_b) for the n-th derivative f of the activation; rho is the probability that a unit is kept"
    ),
    variables={
        L: "the quantity",
        S.q_a_: "q_a_ > 0",
        S.q_b_: "q_b_ > 0",
        S.q_ab_: "q_ab_^2 <= q_a_ q_b_",
        S.sigma_w2: "sigma_w2 >= 0",
        S.width_ratio: "r > 0, width of a layer over that of the layer before",
        S.chi_ab: "chi_ab, covariance of the gradients after the layer",
    },
)


def derive() -> sp.Expr:
    """Pair the weights by Isserlis' theorem, average masks and units over the width."""
    return _ff.row("chi_ab")


def checks():
    yield _ff.layer_check("chi_ab")
