"""Mean square gradient of a weight, from the layer definition."""

import sympy as sp

from derive.claim import Claim, Source
from derive.networks.feedforward.equations import SYMBOLS as S
from derive.networks.residual.equations import MeanSquare

from . import _ff

L = sp.Symbol("chi_w")

CLAIM = Claim(
    id="ff_weight_gradient",
    title="mean square gradient of a weight",
    statement=sp.Eq(L, S.chi * MeanSquare(0, S.q_) / S.rho),
    source=Source("schoenholz2017", "eq. 14 and section 7.6"),
    meaning=(
        "mean square of the gradient with respect to one weight; MeanSquare(n, q) = E f(u)^2 for the n-th "
        "derivative f of the activation; "
        "rho is the probability that a unit is kept"
    ),
    variables={
        L: "the quantity",
        S.q_: "q_ > 0, variance of the pre-activations of the layer before",
        S.rho: "0 < rho <= 1",
        S.chi: "chi > 0, mean square gradient after the layer",
    },
)


def derive() -> sp.Expr:
    """Pair the weights by Isserlis' theorem, average masks and units over the width."""
    return _ff.row("chi_w")


def checks():
    yield _ff.layer_check("chi_w")
