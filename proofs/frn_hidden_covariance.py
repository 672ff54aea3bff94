"""Covariance of the pre-activations of two inputs, from the layer definition."""

import sympy as sp

from derive.claim import Claim, Source
from derive.networks.residual.equations import SYMBOLS as S

from ._layers import HEADS, checks_of, derived

L = sp.Symbol("lam")

CLAIM = Claim(
    id="frn_hidden_covariance",
    title="covariance of the pre-activations of two inputs",
    statement=sp.Eq(L, S.sigma_w2 * S.gamma_ + S.sigma_b2),
    source=Source("yang2017", "theorem B.1.2, Table 1, row lambda"),
    meaning="lam in a wide full residual layer; " + HEADS,
    variables={
        L: "the quantity",
        S.gamma_: "|gamma_| <= p_, overlap of two streams before the layer",
        S.sigma_b2: "sigma_b2 >= 0",
        S.sigma_w2: "sigma_w2 >= 0",
    },
)


def derive() -> sp.Expr:
    """Differentiate where needed, pair the weights by Isserlis' theorem, average over the width."""
    return derived("lam", full=True)


def checks():
    yield from checks_of("lam", full=True)
