"""Gradient recurrence of the full residual network, from the layer definition."""

import sympy as sp

from derive.claim import Claim, Source
from derive.networks.residual.equations import SYMBOLS as S
from derive.networks.residual.equations import MeanSquare

from ._layers import HEADS, checks_of, derived

L = sp.Symbol("chi_")

CLAIM = Claim(
    id="frn_gradient_recurrence",
    title="gradient recurrence of the full residual network",
    statement=sp.Eq(L, (S.sigma_v2 * S.sigma_w2 * MeanSquare(1, S.q) + 1) * S.chi),
    source=Source("yang2017", "theorem B.1.2, Table 1, row chi"),
    meaning="chi_ in a wide full residual layer; " + HEADS,
    variables={
        L: "the quantity",
        S.chi: "chi > 0, mean square gradient after the layer",
        S.q: "q > 0, variance of the pre-activations",
        S.sigma_v2: "sigma_v2 >= 0",
        S.sigma_w2: "sigma_w2 >= 0",
    },
)


def derive() -> sp.Expr:
    """Differentiate where needed, pair the weights by Isserlis' theorem, average over the width."""
    return derived("chi", full=True)


def checks():
    yield from checks_of("chi", full=True)
