r"""sigma_w = 0: every layer adds the same length, linearly from the start."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds
from derive.networks.residual.equations import SYMBOLS as S
from derive.networks.residual.equations import MeanSquare, general_equations

from ._layers import put_cube

l = sp.Symbol("l", integer=True, nonnegative=True)
p0 = sp.Symbol("p0", nonnegative=True)
p = sp.Function("p")

CLAIM = Claim(
    id="residual_without_hidden_weights",
    title="length without hidden weights",
    statement=sp.Eq(p(l), p0 + l * (S.sigma_v2 * MeanSquare(0, S.sigma_b2) + S.sigma_a2)),
    source=Source("yang2017", "theorems B.1.1 and B.1.2, case sigma_w = 0 (formula stripped, rebuilt)"),
    meaning=(
        "p(l) for sigma_w2 = 0; with sigma_v2 = 1, sigma_a2 = 0 the reduced network: p grows by V phi(sigma_b2) a layer"
    ),
    variables={
        l: "l = 0, 1, 2, ...",
        p0: "p0 >= 0",
        S.sigma_v2: "sigma_v2 >= 0",
        S.sigma_a2: "sigma_a2 >= 0",
        S.sigma_b2: "sigma_b2 >= 0",
    },
    uses=("frn_length_recurrence", "frn_hidden_variance"),
)


def derive() -> sp.Expr:
    """Solve the layer equation with SymPy's rsolve."""
    rows = dict(general_equations("full"))
    after = rows["p"].rhs.subs(S.q, rows["q"].rhs).subs(S.sigma_w2, 0)
    growth = sp.expand(after - S.p_)
    unit = sp.Symbol("unit")
    return sp.expand(sp.rsolve(p(l + 1) - p(l) - unit, p(l), {p(0): p0}).subs(unit, growth))


def checks():
    def agrees(statement, point) -> bool:
        """Seven layers of a network with cubic activation, one after the other."""
        length = point[p0]
        for _ in range(7):
            length += point[S.sigma_v2] * 15 * point[S.sigma_b2] ** 3 + point[S.sigma_a2]
        return put_cube(statement.rhs).subs({**point, l: 7}) == length

    point = {
        p0: sp.Rational(2, 3),
        S.sigma_v2: sp.Rational(5, 4),
        S.sigma_a2: sp.Rational(1, 7),
        S.sigma_b2: sp.Rational(3, 5),
    }
    yield holds("seven layers by hand", agrees, [point], method="exact iteration with E f(u)^2 = 15 q^3 for the cube")
