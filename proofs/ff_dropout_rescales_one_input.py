"""For one input dropout only rescales the weights: sigma_w2 becomes sigma_w2/rho."""

import sympy as sp

from derive.claim import Claim, Source
from derive.networks.feedforward.equations import SYMBOLS as S
from derive.networks.residual.equations import MeanSquare

from . import _ff

after = sp.Symbol("q_dropout")

CLAIM = Claim(
    id="ff_dropout_rescales_one_input",
    title="dropout rescales the weights of one input",
    statement=sp.Eq(after, S.sigma_b2 + (S.sigma_w2 / S.rho) * MeanSquare(0, S.q_)),
    source=Source("schoenholz2017", "below eq. 11"),
    meaning="length after a layer with dropout: the recurrence without dropout at the weight variance sigma_w2/rho",
    variables={S.q_: "q_ > 0", S.sigma_w2: "sigma_w2 >= 0", S.sigma_b2: "sigma_b2 >= 0", S.rho: "0 < rho <= 1"},
    uses=("ff_length_recurrence",),
)


def derive() -> sp.Expr:
    """The recurrence without dropout (rho = 1), at the rescaled weight variance."""
    plain = _ff.row("q").subs(S.rho, 1)
    return plain.subs(S.sigma_w2, S.sigma_w2 / S.rho)


def checks():
    yield _ff.layer_check("q")
