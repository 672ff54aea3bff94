"""Variance of the gradient, layer by layer, from the layer definition."""

import sympy as sp

from derive.claim import Claim, Source
from derive.networks.feedforward.equations import SYMBOLS as S
from derive.networks.residual.equations import MeanSquare

from . import _ff

L = sp.Symbol("chi_")

CLAIM = Claim(
    id="ff_gradient_recurrence",
    title="variance of the gradient, layer by layer",
    statement=sp.Eq(L, S.chi * S.width_ratio * S.sigma_w2 * MeanSquare(1, S.q_) / S.rho),
    source=Source("schoenholz2017", "eq. 15 and section 7.7"),
    meaning=(
        "mean square of the gradient with respect to the pre-activations; the print has rho = 1; "
        "MeanSquare(n, q) = E f(u)^2 for the n-th derivative f of the activation; "
        "rho is the probability that a unit is kept"
    ),
    variables={
        L: "the quantity",
        S.q_: "q_ > 0, variance of the pre-activations of the layer before",
        S.sigma_w2: "sigma_w2 >= 0",
        S.rho: "0 < rho <= 1",
        S.width_ratio: "r > 0, width of a layer over that of the layer before",
        S.chi: "chi > 0, mean square gradient after the layer",
    },
)


def derive() -> sp.Expr:
    """Pair the weights by Isserlis' theorem, average masks and units over the width."""
    return _ff.row("chi")


def checks():
    yield _ff.layer_check("chi")
