r"""No biases and a zero input: the signal stays zero and gradients grow geometrically."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds
from derive.networks.residual.equations import SYMBOLS as S
from derive.networks.residual.equations import MeanSquare, general_equations

l = sp.Symbol("l", integer=True, nonnegative=True)
ratio = sp.Function("ratio")

CLAIM = Claim(
    id="residual_zero_signal_gradient",
    title="gradient growth at zero signal",
    statement=sp.Eq(ratio(l), (1 + S.sigma_v2 * S.sigma_w2) ** l),
    source=Source("derive", "networks: degenerate cases"),
    meaning="ratio(l) = chi_0/chi_l for tanh, p_0 = 0, sigma_a2 = sigma_b2 = 0, where q stays 0 and tanh'(0) = 1",
    variables={l: "l = 0, 1, 2, ...", S.sigma_v2: "sigma_v2 > 0", S.sigma_w2: "sigma_w2 > 0"},
    uses=("frn_gradient_recurrence",),
)


def derive() -> sp.Expr:
    """The gradient factor at q = 0, to the power of the depth."""
    rows = dict(general_equations("full"))
    factor = sp.expand(rows["chi"].rhs / S.chi)
    slope_at_zero = sp.diff(sp.tanh(sp.Symbol("u")), sp.Symbol("u")).subs(sp.Symbol("u"), 0)
    return factor.subs(MeanSquare(1, S.q), slope_at_zero**2) ** l


def checks():
    def agrees(statement, point) -> bool:
        product = sp.Integer(1)
        for _ in range(9):
            product += product * point[S.sigma_v2] * point[S.sigma_w2]
        return statement.rhs.subs({**point, l: 9}) == product

    point = {S.sigma_v2: sp.Rational(5, 4), S.sigma_w2: sp.Rational(2, 7)}
    yield holds("nine layers by hand", agrees, [point], method="exact iteration of chi with tanh'(0) = 1")
