r"""What a layer with dropout does to two equal inputs: c = 1 is pushed below 1."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds
from derive.networks.feedforward.equations import SYMBOLS as S
from derive.networks.residual.equations import MeanSquare

from . import _ff

after = sp.Symbol("c_after")
SHIFT = 1 - (1 - S.rho) * S.sigma_w2 * MeanSquare(0, S.q_) / (
    S.rho * (S.sigma_b2 + S.sigma_w2 * MeanSquare(0, S.q_) / S.rho)
)

CLAIM = Claim(
    id="ff_equal_inputs_with_dropout",
    title="the correlation of two equal inputs after a layer with dropout",
    statement=sp.Eq(after, SHIFT),
    source=Source("schoenholz2017", "eq. 13, section 7.5, and below eq. 4: c* = 1 is a fixed point"),
    meaning=(
        "c after one layer, for two equal inputs with independent masks; the denominator is q of the layer, q* at the "
        "fixed point.  Smaller than 1 as soon as rho < 1, sigma_w2 > 0 and phi is not 0"
    ),
    variables={S.q_: "q_ > 0", S.sigma_w2: "sigma_w2 > 0", S.sigma_b2: "sigma_b2 >= 0", S.rho: "0 < rho <= 1"},
    uses=("ff_length_recurrence", "ff_covariance_recurrence"),
    printed=Printed(text="eq. 13; c = 1 is a fixed point without dropout only", statement=sp.Eq(after, SHIFT)),
)


def derive() -> sp.Expr:
    """Put c = 1 into the recurrence of the correlation."""
    from derive.networks.residual.equations import MeanProduct

    same = _ff.row("c").subs(S.c_, 1)
    same = same.replace(MeanProduct, lambda n, q, lam: MeanSquare(n, q))
    return sp.simplify(1 - sp.together(1 - same))


def exact(statement, point) -> bool:
    """Width two, cubic activation: covariance over variance, both exact."""
    rho = point[S.rho]
    second = _ff.cube_mean(0, _ff.QA, _ff.QA, _ff.QA)
    covariance = _ff.WEIGHT * second + _ff.BIAS  # E p_a p_b = rho^2
    length = _ff.WEIGHT * second / rho + _ff.BIAS  # E p^2 = rho
    value = statement.rhs.replace(MeanSquare, lambda n, q: _ff.cube_mean(n, q, q, q))
    return value.subs({S.q_: _ff.QA, S.sigma_w2: _ff.WEIGHT, S.sigma_b2: _ff.BIAS, S.rho: rho}) == covariance / length


def _check(points, name):
    return holds(name, exact, points, method="exact means of masks and of the cubic activation")


def checks():
    yield _check([{S.rho: sp.Rational(2, 3)}, {S.rho: sp.Rational(9, 10)}], "masks written out")


def printed_checks():
    yield _check([{S.rho: sp.Rational(2, 3)}, {S.rho: sp.Integer(1)}], "with and without dropout")
