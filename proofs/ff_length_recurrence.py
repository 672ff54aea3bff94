"""Variance of a pre-activation, with dropout, from the layer definition."""

import sympy as sp

from derive.claim import Claim, Source
from derive.networks.feedforward.equations import SYMBOLS as S
from derive.networks.residual.equations import MeanSquare

from . import _ff

L = sp.Symbol("q")

CLAIM = Claim(
    id="ff_length_recurrence",
    title="variance of a pre-activation, with dropout",
    statement=sp.Eq(L, S.sigma_w2 * MeanSquare(0, S.q_) / S.rho + S.sigma_b2),
    source=Source("schoenholz2017", "eq. 3, eq. 11 and section 7.3"),
    meaning=(
        "variance of the pre-activations of a wide layer; MeanSquare(n, q) = E f(u)^2 for the n-th derivative "
        "f of the activation; "
        "rho is the probability that a unit is kept"
    ),
    variables={
        L: "the quantity",
        S.q_: "q_ > 0, variance of the pre-activations of the layer before",
        S.sigma_w2: "sigma_w2 >= 0",
        S.sigma_b2: "sigma_b2 >= 0",
        S.rho: "0 < rho <= 1",
    },
)


def derive() -> sp.Expr:
    """Pair the weights by Isserlis' theorem, average masks and units over the width."""
    return _ff.row("q")


def checks():
    yield _ff.layer_check("q")
