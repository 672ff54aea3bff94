"""Length recurrence of the reduced residual network, from the layer definition."""

import sympy as sp

from derive.claim import Claim, Source
from derive.networks.residual.equations import SYMBOLS as S
from derive.networks.residual.equations import MeanSquare

from ._layers import HEADS, checks_of, derived

L = sp.Symbol("p")

CLAIM = Claim(
    id="rrn_length_recurrence",
    title="length recurrence of the reduced residual network",
    statement=sp.Eq(L, MeanSquare(0, S.q) + S.p_),
    source=Source("yang2017", "theorem B.1.1, Table 1, row p"),
    meaning="p in a wide reduced residual layer; " + HEADS,
    variables={
        L: "the quantity",
        S.p_: "p_ > 0, mean square of the stream before the layer",
        S.q: "q > 0, variance of the pre-activations",
    },
    assumptions="phi is odd",
)


def derive() -> sp.Expr:
    """Differentiate where needed, pair the weights by Isserlis' theorem, average over the width."""
    return derived("p", full=False)


def checks():
    yield from checks_of("p", full=False)
