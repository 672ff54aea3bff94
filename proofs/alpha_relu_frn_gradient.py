r"""ReLU: the gradient of a full residual network grows exactly like B^l, the length like B^l but for the biases."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds
from derive.networks.residual.equations import SYMBOLS as S

n = sp.Symbol("l", integer=True, nonnegative=True)
ratio = sp.Function("ratio")
LAW = (1 + S.sigma_v2 * S.sigma_w2 / 2) ** n

CLAIM = Claim(
    id="alpha_relu_frn_gradient",
    title="growth of the gradient, ReLU full residual network",
    statement=sp.Eq(ratio(n), LAW),
    source=Source("yang2017", "section 5.2: for alpha = 1 the gradient is exponential with the factor of the length"),
    meaning="ratio(l) = chi_0/chi_l; no bias and no start enters, at any depth",
    variables={n: "l = 0, 1, 2, ...", S.sigma_v2: "sigma_v2 > 0", S.sigma_w2: "sigma_w2 > 0"},
    uses=("frn_gradient_recurrence",),
    printed=Printed(text="chi_0/chi_l is exponential, with the factor B of the length", statement=sp.Eq(ratio(n), LAW)),
)


def derive() -> sp.Expr:
    """The factor of one layer does not depend on the state."""
    from derive.networks import FullResidual

    factor = sp.cancel(FullResidual("relu").recurrences()["chi"].rhs.doit() / S.chi)
    assert not factor.free_symbols & {S.q, S.p_}
    return factor**n


def backwards(statement, point) -> bool:
    """Six layers: each gradient through relu' = 1 on half of the units, 0 on the other."""
    chi = sp.Integer(1)
    for depth in range(7):
        if statement.rhs.subs({**point, n: depth}) != chi:
            return False
        through_branch = point[S.sigma_v2] * point[S.sigma_w2] * chi / 2
        chi = chi + through_branch
    return True


def checks():
    points = [
        {S.sigma_v2: sp.Rational(9, 8), S.sigma_w2: sp.Rational(3, 4)},
        {S.sigma_v2: sp.Rational(2, 7), S.sigma_w2: sp.Integer(5)},
    ]
    yield holds("six layers", backwards, points, method="exact rational numbers, half of the units pass the gradient")


def printed_checks():
    yield from checks()
