r"""Theorem 4, lower side: with modules that end with ReLU the mean empirical variance does grow exponentially."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds

from . import _fw, _residual

EV, eta = sp.symbols("EV eta", positive=True)
L = sp.Symbol("L", positive=True, integer=True)
c = 1 / sp.sqrt(sp.pi)
CASE = sp.Symbol("case", integer=True, nonnegative=True)

CLAIM = Claim(
    id="fw_residual_variance_lower",
    title="lower bound of the mean empirical variance of residual nets that end with ReLU",
    statement=sp.Ge(EV, ((1 + eta * c) ** (2 * L) - (1 + 2 * eta * c + eta**2)) ** 2 / (2 * L)),
    source=Source("hanin2018", "Theorem 4"),
    meaning=(
        "EV is the mean of the variance of M_1, ..., M_L, M_0 = 1, for L >= 2 critical Gaussian modules of one layer "
        "of n ReLUs, any n, scale eta, an input of equal entries. The exponential is that of 4 L log(1 + "
        "eta/sqrt(pi)), a multiple of the sum of the scales for bounded scales; a constant factor instead of 1/(2 L) "
        "is not possible, as EV = 0 for L = 1"
    ),
    variables={EV: "mean empirical variance", eta: "scale", L: "modules"},
    uses=("fw_relu_module_growth", "fw_relu_module_step"),
)


def proof():
    """The variance of the lengths is convex in them, so EV is at least the variance of E M_1, ..., E M_L."""
    from . import fw_relu_module_growth as growth
    from . import fw_relu_module_step as one

    # sum over pairs of (m_j - m_i)^2: the pairs (1, j) and (j, L) give at least (m_L - m_1)^2/2, for L - 2 values of j
    x, y = sp.symbols("x y", real=True)
    _fw.step(sp.factor(x**2 + y**2 - (x + y) ** 2 / 2) == (x - y) ** 2 / 2, "two pairs against one")
    spread = ((L - 2) * sp.Rational(1, 2) + 1) / L**2
    _fw.step(sp.simplify(spread - 1 / (2 * L)) == 0, "the number of pairs")
    first = one.CLAIM.statement.rhs.subs({one.M: 1, one.A: sp.sqrt(one.n), one.eta: eta})
    # growth: one factor (1 + eta c)^2 for each module
    both = growth.CLAIM.statement.rhs.subs({growth.e1: eta, growth.e2: eta})
    last = sp.sqrt(both) ** L
    u = sp.Symbol("u", nonnegative=True)  # eta = u; m_L >= m_1 for L >= 2
    gap = sp.expand((sp.sqrt(both) ** 2 - first).subs(eta, u))
    _fw.step(all(sp.N(k, 30) > 0 for k in sp.Poly(gap, u).coeffs()), "the last mean exceeds the first")
    difference = sp.powsimp(sp.powdenest(last, force=True)) - sp.simplify(first)
    return sp.Ge(EV, difference**2 / (2 * L))


NETS = [(sp.Rational(1, 2), 2), (sp.Rational(1, 2), 12), (sp.Rational(1, 10), 40), (sp.Integer(2), 5)]


def width_one(statement, point):
    scale, count = NETS[int(point[CASE])]
    first, second = (sp.N(_residual.factor("relu", 1, scale, k), 80) for k in (1, 2))
    exact = _residual.empirical_variance([first] * count, [second] * count)
    return _fw.relation_at(statement, {EV: exact, eta: scale, L: count})


def bounded(statement, point):
    """Modules of 6 units: the package's lower bound of EV lies above."""
    from derive.finite_width import ResidualReLU

    scale, count = NETS[int(point[CASE])]
    least = ResidualReLU([scale] * count, 6).empirical_variance_bounds().lower
    return _fw.relation_at(statement, {EV: least, eta: scale, L: count})


def checks():
    yield _fw.shown("convexity", proof, method="pairs of layers, and the growth of the mean lengths")
    points = [{CASE: i} for i in range(len(NETS))]
    yield holds("width one", width_one, points, method="sums over pairs of modules of exact factors, 80 digits")
    yield holds("width six", bounded, points[:3], method="the proved lower bound of ResidualReLU")
