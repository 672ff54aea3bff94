r"""One ReLU layer: the mean square of the squared length, for any symmetric weights and biases, exactly."""

from fractions import Fraction

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds

from . import _fw

M, T, K, nu, nu4 = sp.symbols("M T K nu nu4", positive=True)
n, m = sp.symbols("n m", positive=True, integer=True)
EM2 = sp.Symbol("EM2", positive=True)

CLAIM = Claim(
    id="fw_second_moment_layer",
    title="second moment of the squared length after one ReLU layer",
    statement=sp.Eq(
        EM2, (1 + 5 / n) * (M + nu / 2) ** 2 + (4 * (K - 3) * T / m**2 + nu4 - 3 * nu**2) / (2 * n), evaluate=False
    ),
    source=Source("hanin2018", "proof of Theorem 5 (supplement missing); the step behind (5)"),
    meaning="EM2 is the mean of (|act|^2/n)^2 after a layer of n units, given the m activations before it",
    variables={
        M: "mean square of the activations before",
        T: "sum of their fourth powers",
        K: "kurtosis of the weights, whose variance is 2/m",
        nu: "variance of the biases",
        nu4: "fourth moment of the biases",
        n: "units",
        m: "units before",
    },
    assumptions="weights and biases independent and symmetric with finite fourth moments",
)


def derive() -> sp.Expr:
    """Cumulants of a pre-activation add; half of each even moment is active; units are independent."""
    from derive.finite_width.power_sums import cumulants, moments_from_cumulants

    weight, bias = cumulants([2 / m, K * (2 / m) ** 2]), cumulants([nu, nu4])
    sums = {(1,): m * M, (0, 1): T}
    given = [{(0,) * s + (1,): weight[s], (): bias[s]} for s in range(2)]
    second, fourth = (
        sum(c * sp.prod([sums[(0,) * i + (1,)] ** e for i, e in enumerate(key)]) for key, c in moment.items())
        for moment in moments_from_cumulants(given)
    )
    return (n * fourth / 2 + n * (n - 1) * (second / 2) ** 2) / n**2


POINTS = [
    ((1, 3), 2, 1, 1, 0),
    ((1, 3), 3, 1, 1, 1),
    ((2, 1), 2, 4, 1, "1/4"),
    ((2, -1), 1, 4, 4, "9/4"),
    ((1, 0, 1, 0, 2, 0, 0, 1), 2, 1, 4, 1),
    ((1, 2), 3, 9, 1, 4),
]


def _values(case):
    vector, units, kurtosis, bias_kurtosis, bias = case
    bias = sp.Rational(bias)
    return {
        n: units,
        m: len(vector),
        K: kurtosis,
        M: sp.Rational(sum(x * x for x in vector), len(vector)),
        T: sum(x**4 for x in vector),
        nu: bias,
        nu4: bias_kurtosis * bias**2,
    }


def enumeration(statement, point) -> bool:
    case = POINTS[int(point[CASE])]
    vector, units, kurtosis, bias_kurtosis, bias = case
    weights = _fw.three_points(Fraction(2, len(vector)), kurtosis)
    paths = _fw.lengths(vector, [(units, weights, _fw.three_points(Fraction(bias), bias_kurtosis))])
    exact = _fw.rational(sum(p * path[0] ** 2 for path, p in paths.items()))
    return statement.rhs.subs(_values(case)) == exact


CASE = sp.Symbol("case", integer=True, nonnegative=True)


def checks():
    yield holds(
        "all weights",
        enumeration,
        [{CASE: i} for i in range(len(POINTS))],
        method="enumeration of all weights and biases of laws on one to three points, kurtosis 1, 4 and 9",
    )
