"""Gradient with respect to the biases a, full network, from the layer definition."""

import sympy as sp

from derive.claim import Claim, Source
from derive.networks.residual.equations import SYMBOLS as S

from ._layers import HEADS, checks_of, derived

L = sp.Symbol("chi_a")

CLAIM = Claim(
    id="frn_gradient_of_outer_bias",
    title="gradient with respect to the biases a, full network",
    statement=sp.Eq(L, S.chi),
    source=Source("yang2017", "theorem B.1.2, parameter gradients"),
    meaning="chi_a in a wide full residual layer; " + HEADS,
    variables={
        L: "the quantity",
        S.chi: "chi > 0, mean square gradient after the layer",
    },
)


def derive() -> sp.Expr:
    """Differentiate where needed, pair the weights by Isserlis' theorem, average over the width."""
    return derived("chi_a", full=True)


def checks():
    yield from checks_of("chi_a", full=True)
