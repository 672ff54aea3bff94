"""Length recurrence of the full residual network, from the layer definition."""

import sympy as sp

from derive.claim import Claim, Source
from derive.networks.residual.equations import SYMBOLS as S
from derive.networks.residual.equations import MeanSquare

from ._layers import HEADS, checks_of, derived

L = sp.Symbol("p")

CLAIM = Claim(
    id="frn_length_recurrence",
    title="length recurrence of the full residual network",
    statement=sp.Eq(L, S.sigma_v2 * MeanSquare(0, S.q) + S.sigma_a2 + S.p_),
    source=Source("yang2017", "theorem B.1.2, Table 1, row p"),
    meaning="p in a wide full residual layer; " + HEADS,
    variables={
        L: "the quantity",
        S.p_: "p_ > 0, mean square of the stream before the layer",
        S.q: "q > 0, variance of the pre-activations",
        S.sigma_a2: "sigma_a2 >= 0",
        S.sigma_v2: "sigma_v2 >= 0",
    },
)


def derive() -> sp.Expr:
    """Differentiate where needed, pair the weights by Isserlis' theorem, average over the width."""
    return derived("p", full=True)


def checks():
    yield from checks_of("p", full=True)
