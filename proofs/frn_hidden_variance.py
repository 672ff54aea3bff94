"""Variance of the pre-activations, from the layer definition."""

import sympy as sp

from derive.claim import Claim, Source
from derive.networks.residual.equations import SYMBOLS as S

from ._layers import HEADS, checks_of, derived

L = sp.Symbol("q")

CLAIM = Claim(
    id="frn_hidden_variance",
    title="variance of the pre-activations",
    statement=sp.Eq(L, S.sigma_w2 * S.p_ + S.sigma_b2),
    source=Source("yang2017", "theorem B.1.2, Table 1, row q"),
    meaning="q in a wide full residual layer; " + HEADS,
    variables={
        L: "the quantity",
        S.p_: "p_ > 0, mean square of the stream before the layer",
        S.sigma_b2: "sigma_b2 >= 0",
        S.sigma_w2: "sigma_w2 >= 0",
    },
)


def derive() -> sp.Expr:
    """Differentiate where needed, pair the weights by Isserlis' theorem, average over the width."""
    return derived("q", full=True)


def checks():
    yield from checks_of("q", full=True)
