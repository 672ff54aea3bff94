r"""e = 1 is a fixed point of every residual network: two equal inputs stay equal."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds

from . import _layers

e_after = sp.Symbol("e_after", real=True)

CLAIM = Claim(
    id="equal_inputs_stay_equal",
    title="e = 1 is a fixed point",
    statement=sp.Eq(e_after, 1),
    source=Source("yang2017", "theorem B.1.2: e_0 < 1 is assumed"),
    meaning="e_after is the cosine distance after one layer of a full residual network, for two inputs with e = 1",
    variables={e_after: "the cosine distance after the layer"},
    uses=("frn_length_recurrence", "frn_overlap_recurrence", "frn_hidden_variance", "frn_hidden_covariance"),
)


def derive() -> sp.Expr:
    """Put gamma = p into the layer equations; E f(u1) f(u2) at full correlation is E f(u)^2."""
    from derive.networks.residual.equations import SYMBOLS as S
    from derive.networks.residual.equations import MeanProduct, MeanSquare, general_equations

    rows = dict(general_equations("full"))
    length = rows["p"].rhs.subs(S.q, rows["q"].rhs)
    overlap = rows["gamma"].rhs.subs({S.q: rows["q"].rhs, S.lam: rows["lam"].rhs}).subs(S.gamma_, S.p_)
    same = overlap.replace(MeanProduct, lambda n, q, lam: MeanSquare(n, q) if q == lam else MeanProduct(n, q, lam))
    return sp.cancel(same / length)


def checks():
    def exact(statement, _point) -> bool:
        layer = _layers.Layer(True, _layers.SIGMA)
        first, second = layer.output(_layers.X), layer.output(_layers.X)
        return layer.mean_product(first, second) == statement.rhs * layer.mean_product(first, first)

    yield holds("width two, cubic activation", exact, method="exact expectation over all weights of a layer of width 2")
