"""Overlap recurrence of the reduced residual network, from the layer definition."""

import sympy as sp

from derive.claim import Claim, Source
from derive.networks.residual.equations import SYMBOLS as S
from derive.networks.residual.equations import MeanProduct

from ._layers import HEADS, checks_of, derived

L = sp.Symbol("gamma")

CLAIM = Claim(
    id="rrn_overlap_recurrence",
    title="overlap recurrence of the reduced residual network",
    statement=sp.Eq(L, MeanProduct(0, S.q, S.lam) + S.gamma_),
    source=Source("yang2017", "theorem B.1.1, Table 1, row gamma"),
    meaning="gamma in a wide reduced residual layer; " + HEADS,
    variables={
        L: "the quantity",
        S.gamma_: "|gamma_| <= p_, overlap of two streams before the layer",
        S.lam: "|lam| <= q, covariance of the pre-activations",
        S.q: "q > 0, variance of the pre-activations",
    },
    assumptions="phi is odd",
)


def derive() -> sp.Expr:
    """Differentiate where needed, pair the weights by Isserlis' theorem, average over the width."""
    return derived("gamma", full=False)


def checks():
    yield from checks_of("gamma", full=False)
