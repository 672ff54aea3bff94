"""Overlap recurrence of the full residual network, from the layer definition."""

import sympy as sp

from derive.claim import Claim, Source
from derive.networks.residual.equations import SYMBOLS as S
from derive.networks.residual.equations import MeanProduct

from ._layers import HEADS, checks_of, derived

L = sp.Symbol("gamma")

CLAIM = Claim(
    id="frn_overlap_recurrence",
    title="overlap recurrence of the full residual network",
    statement=sp.Eq(L, S.sigma_v2 * MeanProduct(0, S.q, S.lam) + S.sigma_a2 + S.gamma_),
    source=Source("yang2017", "theorem B.1.2, Table 1, row gamma"),
    meaning="gamma in a wide full residual layer; " + HEADS,
    variables={
        L: "the quantity",
        S.gamma_: "|gamma_| <= p_, overlap of two streams before the layer",
        S.lam: "|lam| <= q, covariance of the pre-activations",
        S.q: "q > 0, variance of the pre-activations",
        S.sigma_a2: "sigma_a2 >= 0",
        S.sigma_v2: "sigma_v2 >= 0",
    },
)


def derive() -> sp.Expr:
    """Differentiate where needed, pair the weights by Isserlis' theorem, average over the width."""
    return derived("gamma", full=True)


def checks():
    yield from checks_of("gamma", full=True)
