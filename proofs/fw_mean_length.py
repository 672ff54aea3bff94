r"""The mean squared length in ReLU nets with weights of variance kappa * 2/fan-in; Corollary 1 with its factor 1/2."""

from fractions import Fraction

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

from . import _fw

kappa, M0, nu = sp.symbols("kappa M0 nu", positive=True)
d = sp.Symbol("d", positive=True, integer=True)
EM = sp.Function("EM")

CLAIM = Claim(
    id="fw_mean_length",
    title="mean squared length of a ReLU net of any widths",
    statement=sp.Eq(EM(d), kappa**d * M0 + nu * (kappa**d - 1) / (2 * (kappa - 1))),
    source=Source("hanin2018", "Corollary 1"),
    meaning=(
        "EM(d) is the mean of M_d = |act_d|^2/n_d for weights of variance 2 kappa/fan-in and biases of variance nu in "
        "every layer, both symmetric; kappa = 1 is the limit M0 + d nu/2"
    ),
    variables={kappa: "factor of the variance, not 1", M0: "|input|^2/n_0", nu: "variance of biases", d: "depth"},
    printed=Printed(
        text="E M_d = kappa^d |act_0|^2/n_0 + sum_j kappa^(d-j) nu_2^(j), here with equal nu_2^(j)",
        statement=sp.Eq(EM(d), kappa**d * M0 + nu * (kappa**d - 1) / (kappa - 1)),
    ),
)


def derive() -> sp.Expr:
    """One layer by the cumulants of a pre-activation, then the linear recurrence over layers."""
    from derive.finite_width.power_sums import Layer

    n, m = 3, 5  # units of the layer and of the layer before; both have to drop out
    one = Layer(n, (2 * kappa / m,), (nu,)).mean({(1,): sp.Rational(1, n)})
    length = sp.Symbol("length")
    step = sp.expand(sum(c * (m * length) ** (key[0] if key else 0) for key, c in one.items()))
    slope, constant = step.coeff(length, 1), step.coeff(length, 0)
    fixed = constant / (1 - slope)
    return slope**d * (M0 - fixed) + fixed


def enumeration(statement, point) -> bool:
    """All signs of all weights of nets of width 2 and an input of two entries."""
    depth, factor, bias = int(point[d]), Fraction(str(point[kappa])), Fraction(str(point[nu]))
    layer = (2, _fw.three_points(factor, 1), _fw.three_points(bias, 1))  # 2 kappa/fan-in = kappa
    paths = _fw.lengths((1, 3), [layer] * depth)
    exact = _fw.rational(sum(p * path[-1] for path, p in paths.items()))
    return sp.simplify(statement.rhs.subs({**point, M0: 5}) - exact) == 0


POINTS = [
    {kappa: k, nu: b, d: depth}
    for k, b, depth in ((4, 1, 1), (4, 1, 2), ("9/4", "1/4", 2), ("1/4", 4, 3), ("1/9", "1/4", 1))
]


def _enumeration():
    points = [{s: sp.Rational(v) for s, v in point.items()} for point in POINTS]
    return holds("all signs", enumeration, points, method="enumeration of all signs of weights and biases, width 2")


def checks():
    yield _enumeration()


def printed_checks():
    yield _enumeration()
