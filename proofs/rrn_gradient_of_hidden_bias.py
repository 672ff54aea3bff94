"""Gradient with respect to the biases b, reduced network, from the layer definition."""

import sympy as sp

from derive.claim import Claim, Source
from derive.networks.residual.equations import SYMBOLS as S
from derive.networks.residual.equations import MeanSquare

from ._layers import HEADS, checks_of, derived

L = sp.Symbol("chi_b")

CLAIM = Claim(
    id="rrn_gradient_of_hidden_bias",
    title="gradient with respect to the biases b, reduced network",
    statement=sp.Eq(L, S.chi * MeanSquare(1, S.q)),
    source=Source("yang2017", "theorem B.1.1, parameter gradients"),
    meaning="chi_b in a wide reduced residual layer; " + HEADS,
    variables={
        L: "the quantity",
        S.chi: "chi > 0, mean square gradient after the layer",
        S.q: "q > 0, variance of the pre-activations",
    },
    assumptions="phi is odd",
)


def derive() -> sp.Expr:
    """Differentiate where needed, pair the weights by Isserlis' theorem, average over the width."""
    return derived("chi_b", full=False)


def checks():
    yield from checks_of("chi_b", full=False)
