r"""sigma_w = 0: both inputs see the same branch, p - gamma never changes, and e tends to 1 like 1/l."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds
from derive.networks.residual.equations import SYMBOLS as S
from derive.networks.residual.equations import MeanProduct, MeanSquare, general_equations

from ._layers import isserlis

l = sp.Symbol("l", integer=True, nonnegative=True)
p0, e0 = sp.Symbol("p0", positive=True), sp.Symbol("e0", real=True)
e = sp.Function("e")
GROWTH = S.sigma_v2 * MeanSquare(0, S.sigma_b2) + S.sigma_a2

CLAIM = Claim(
    id="residual_cosine_without_hidden_weights",
    title="cosine distance without hidden weights",
    statement=sp.Eq(e(l), 1 - (1 - e0) * p0 / (p0 + l * GROWTH)),
    source=Source("yang2017", "theorems B.1.1 and B.1.2, case sigma_w = 0 (formula stripped, rebuilt)"),
    meaning="e(l) for sigma_w2 = 0",
    variables={
        l: "l = 0, 1, 2, ...",
        p0: "p0 > 0",
        e0: "-1 <= e0 <= 1",
        S.sigma_v2: "sigma_v2 >= 0",
        S.sigma_a2: "sigma_a2 >= 0",
        S.sigma_b2: "sigma_b2 >= 0",
    },
    uses=("residual_without_hidden_weights", "frn_overlap_recurrence", "frn_hidden_covariance"),
)


def derive() -> sp.Expr:
    """Both p and gamma grow by the same amount at each layer, because q = lam = sigma_b2."""
    from .residual_without_hidden_weights import derive as length

    rows = dict(general_equations("full"))
    inner = {S.q: rows["q"].rhs, S.lam: rows["lam"].rhs}
    step = {name: rows[name].rhs.subs(inner).subs(S.sigma_w2, 0) for name in ("p", "gamma")}
    same = step["gamma"].replace(
        MeanProduct, lambda n, q, lam: MeanSquare(n, q) if q == lam else MeanProduct(n, q, lam)
    )
    spread_growth = sp.expand((step["p"] - S.p_) - (same - S.gamma_))
    grown = length().subs({s: p0 for s in length().free_symbols if s.name == "p0"})
    grown = grown.subs({s: l for s in grown.free_symbols if s.name == "l"})
    return 1 - ((1 - e0) * p0 + l * spread_growth) / grown


def checks():
    def agrees(statement, point) -> bool:
        """Five layers of a network with cubic activation, p and gamma iterated apart."""
        length, overlap = point[p0], point[e0] * point[p0]
        for _ in range(5):
            branch = isserlis(0, point[S.sigma_b2], point[S.sigma_b2])
            length += point[S.sigma_v2] * branch + point[S.sigma_a2]
            overlap += point[S.sigma_v2] * branch + point[S.sigma_a2]
        value = statement.rhs.replace(MeanSquare, lambda n, q: isserlis(int(n), q, q)).subs({**point, l: 5})
        return value == overlap / length

    point = {
        p0: sp.Rational(2, 3),
        e0: sp.Rational(1, 5),
        S.sigma_v2: sp.Rational(5, 4),
        S.sigma_a2: sp.Rational(1, 7),
        S.sigma_b2: sp.Rational(3, 5),
    }
    yield holds("five layers by hand", agrees, [point], method="exact iteration with E f(u)^2 = 15 q^3 for the cube")
