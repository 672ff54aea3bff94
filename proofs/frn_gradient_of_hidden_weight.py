"""Gradient with respect to the weights w, full network, from the layer definition."""

import sympy as sp

from derive.claim import Claim, Source
from derive.networks.residual.equations import SYMBOLS as S
from derive.networks.residual.equations import MeanSquare

from ._layers import HEADS, checks_of, derived

L = sp.Symbol("chi_w")

CLAIM = Claim(
    id="frn_gradient_of_hidden_weight",
    title="gradient with respect to the weights w, full network",
    statement=sp.Eq(L, S.sigma_v2 * S.chi * MeanSquare(1, S.q) * S.p_),
    source=Source("yang2017", "theorem B.1.2, parameter gradients"),
    meaning="chi_w in a wide full residual layer; " + HEADS,
    variables={
        L: "the quantity",
        S.chi: "chi > 0, mean square gradient after the layer",
        S.p_: "p_ > 0, mean square of the stream before the layer",
        S.q: "q > 0, variance of the pre-activations",
        S.sigma_v2: "sigma_v2 >= 0",
    },
)


def derive() -> sp.Expr:
    """Differentiate where needed, pair the weights by Isserlis' theorem, average over the width."""
    return derived("chi_w", full=True)


def checks():
    yield from checks_of("chi_w", full=True)
