r"""Theorem 4, upper side: the mean empirical variance of a residual net is bounded by the sum of its scales."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

from . import _fw, _residual

EV, S, r = sp.symbols("EV S r", positive=True)
CASE = sp.Symbol("case", integer=True, nonnegative=True)

CLAIM = Claim(
    id="fw_residual_variance_upper",
    title="upper bound of the mean empirical variance of residual nets",
    statement=sp.Le(EV, (sp.exp(4 * r * S) - 1) / 4),
    source=Source("hanin2018", "Theorem 4; Theorem 6, last sentence"),
    meaning=(
        "EV is the mean of the variance of M_1, ..., M_L, M_0 = 1, for modules of any depth and weights of any "
        "symmetric law, no biases, that end linearly, or with ReLU where no entry of the input is negative; r^4 is the "
        "largest mean of |N(x)|^4/|x|^4, (1 + 5/n) for one critical Gaussian layer of n ReLUs. Bounded in L where S is"
    ),
    variables={EV: "mean empirical variance", S: "sum of the scales", r: "size of a module in the mean of order 4"},
    uses=("fw_residual_moment_upper",),
    printed=Printed(
        text="the mean empirical variance is exponential in the sum S of the scales, so bounded with it (upper side)",
        statement=sp.Le(EV, (sp.exp(4 * r * S) - 1) / 4),
    ),
)


def proof():
    """E (M_j - M_i)^2 <= E M_j^2 - E M_i^2 for i < j; then sums by parts and fw_residual_moment_upper for K = 2."""
    from . import fw_residual_moment_upper as moment

    earlier, more = sp.symbols("earlier more", nonnegative=True)  # M_i, and M_j - M_i (ReLU), or E[M_j - M_i | x_i]
    later = earlier + more
    _fw.step((later**2 - earlier**2 - more**2).expand().is_nonnegative, "ReLU: lengths do not fall")
    # linear: E (M_j - M_i)^2 = E M_j^2 - E M_i^2 - 2 E M_i E[M_j - M_i | x_i]
    square = sp.Symbol("square", nonnegative=True)
    gap = (square - earlier**2) - (square - 2 * earlier * later + earlier**2)
    _fw.step(gap.expand().is_nonnegative, "linear: the mean length does not fall")
    _fw.shares_of_increments(sp.Symbol("L", positive=True, integer=True))
    most = moment.CLAIM.statement.rhs.subs({moment.K: 2, moment.r: r, moment.S: S})
    return sp.Le(EV, (most - 1) / 4)


NETS = [("relu", 1, [sp.Rational(1, 2)] * 6), ("relu", 1, [sp.Rational(1, 2**j) for j in range(1, 12)])]
NETS += [("linear", 4, [sp.Rational(1, 3)] * 5), ("linear", 1, [2, 1, sp.Rational(1, 2)])]


def pairs(statement, point):
    kind, n, scales = NETS[int(point[CASE])]
    first, second = ([_residual.factor(kind, n, eta, k) for eta in scales] for k in (1, 2))
    values = {EV: _residual.empirical_variance(first, second), S: sum(scales), r: _residual.root(kind, n, 2)}
    return _fw.relation_at(statement, values)


def _pairs():
    method = "exact sums over pairs of modules: linear ends, and ReLU at width one"
    return holds("pairs of modules", pairs, [{CASE: i} for i in range(len(NETS))], method=method)


def bounded(statement, point):
    """Modules of n ReLUs: the package's upper bound of EV, which is far below."""
    from derive.finite_width import ResidualReLU

    n, scales = 5, [sp.Rational(1, 2**j) for j in range(1, 15)]
    most = ResidualReLU(scales, n).empirical_variance_bounds().upper
    size = (1 + sp.Rational(5, n)) ** sp.Rational(1, 4)
    return _fw.relation_at(statement, {EV: most, S: sum(scales), r: size})


def checks():
    yield _fw.shown("pair by pair", proof, method="signs of the terms of a pair of modules, and summation by parts")
    yield _pairs()
    yield holds("width five", bounded, method="the proved upper bound of ResidualReLU for 14 modules of scale 2^-l")


def printed_checks():
    yield _pairs()
