r"""Theorem 5: where the sum of the bias variances is finite the squared lengths converge almost surely."""

from fractions import Fraction

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds

from . import _fw

M, nu, rest = sp.symbols("M nu rest", nonnegative=True)
EX = sp.Symbol("EX", nonnegative=True)
CASE = sp.Symbol("case", integer=True, nonnegative=True)

CLAIM = Claim(
    id="fw_length_martingale",
    title="a martingale of the squared lengths of critical nets with biases",
    statement=sp.Eq(EX, M + rest / 2),
    source=Source("hanin2018", "Theorem 5: then M_d converges almost surely"),
    meaning=(
        "EX is the mean of X_(d+1) = M_(d+1) + (rest - nu)/2 given the layers before, nu the variance of the biases of "
        "layer d + 1 and rest the sum of those of the layers after d: X_d = M_d + rest/2 is a martingale. Where rest "
        "is finite it is not negative, so X_d and M_d converge almost surely (Doob), whatever the symmetric laws"
    ),
    variables={M: "M_d", nu: "variance of the biases of the next layer", rest: "sum of all later variances"},
)


def derive() -> sp.Expr:
    """One critical layer by the cumulants of a pre-activation."""
    from derive.finite_width.power_sums import Layer

    steps = set()
    for units, before in ((1, 2), (3, 5)):
        mean = Layer(units, (sp.Rational(2, before),), (nu,)).mean({(1,): sp.Rational(1, units)})
        steps.add(sp.expand(sum(c * (before * M) ** (key[0] if key else 0) for key, c in mean.items())))
    (step,) = steps
    return sp.expand(step + (rest - nu) / 2)


POINTS = [((1, 3), 1, 1, 1), ((1, 2), 2, 4, "1/4"), ((1, 0, 1, 0, 2, 0, 0, 1), 1, 4, 1)]


def enumeration(statement, point) -> bool:
    """All weights and biases of one layer, of laws on one to three points."""
    vector, units, kurtosis, bias = POINTS[int(point[CASE])]
    weights = _fw.three_points(Fraction(2, len(vector)), kurtosis)
    paths = _fw.lengths(vector, [(units, weights, _fw.three_points(Fraction(bias), 4))])
    exact = _fw.rational(sum(p * path[0] for path, p in paths.items()))
    size = sp.Rational(bias)
    total = size + 3  # and layers after the next one
    values = {M: sp.Rational(sum(x * x for x in vector), len(vector)), nu: size, rest: total}
    return statement.rhs.subs(values) == exact + (total - size) / 2


def checks():
    points = [{CASE: i} for i in range(len(POINTS))]
    yield holds("all weights", enumeration, points, method="enumeration of weights and biases on one to three points")
