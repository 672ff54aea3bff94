"""Gradient with respect to the weights v, full network, from the layer definition."""

import sympy as sp

from derive.claim import Claim, Source
from derive.networks.residual.equations import SYMBOLS as S
from derive.networks.residual.equations import MeanSquare

from ._layers import HEADS, checks_of, derived

L = sp.Symbol("chi_v")

CLAIM = Claim(
    id="frn_gradient_of_outer_weight",
    title="gradient with respect to the weights v, full network",
    statement=sp.Eq(L, S.chi * MeanSquare(0, S.q)),
    source=Source("yang2017", "theorem B.1.2, parameter gradients"),
    meaning="chi_v in a wide full residual layer; " + HEADS,
    variables={
        L: "the quantity",
        S.chi: "chi > 0, mean square gradient after the layer",
        S.q: "q > 0, variance of the pre-activations",
    },
)


def derive() -> sp.Expr:
    """Differentiate where needed, pair the weights by Isserlis' theorem, average over the width."""
    return derived("chi_v", full=True)


def checks():
    yield from checks_of("chi_v", full=True)
