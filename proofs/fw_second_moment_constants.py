r"""Theorem 5 with biases and any weights: constants that hold, and the printed C_1, C_2, which do not.

With K the largest kurtosis and (x)^+ = max(x, 0), one layer (fw_second_moment_layer; T <= (m M)^2) gives

E M_j^2 <= (1 + k/n_j)(E M_(j-1)^2 + E M_(j-1) nu_j + nu_j^2/4) + (nu4_j - 3 nu_j^2)^+/(2 n_j), k = 5 + 2 (K - 3)^+,

and the terms with nu add up to (E M_d)^2 - M_0^2, because E M_j = E M_(j-1) + nu_j/2.
"""

from fractions import Fraction

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

from . import _fw

E2, M0, S, N2, R, K, C2 = sp.symbols("E2 M0 S N2 R K C2", nonnegative=True)
CASE = sp.Symbol("case", integer=True, nonnegative=True)

CLAIM = Claim(
    id="fw_second_moment_constants",
    title="upper bound of the second moment with biases and any symmetric weights",
    statement=sp.Le(E2, ((M0 + N2 / 2) ** 2 + R) * sp.exp((5 + 2 * sp.Max(K - 3, 0)) * S)),
    source=Source("hanin2018", "Theorem 5, (5), right inequality"),
    meaning=(
        "E2 is E M_d^2 of a critical net; the constants C_1 = (M0 + N2/2)^2 + R and C_2 = 5 + 2 (K - 3)^+ are finite "
        "where the sums are"
    ),
    variables={
        E2: "E M_d^2",
        M0: "|input|^2/n_0",
        S: "sum of 1/n_j over the layers",
        N2: "sum of the variances of the biases",
        R: "sum of (E b^4 - 3 (E b^2)^2)^+/(2 n_j)",
        K: "largest kurtosis of the weights",
    },
    uses=("fw_mean_length", "fw_second_moment_layer"),
    printed=Printed(
        text=(
            "E M_d^2 <= C_1 exp(C_2 sum 1/n_j), C_1 = 1 + M_0^2 + (M_0 + N2) N2, C_2 = sup max(1, nu4/4 - nu2^2/2, "
            "2 |K - 3|) (2 + M_0 + N2)"
        ),
        statement=sp.Le(E2, (1 + M0**2 + (M0 + N2) * N2) * sp.exp(C2 * S)),
    ),
)

# Gaussian without biases: width, depth
GAUSSIAN = [(1, 3), (10, 10), (100, 20), (1000, 1000)]
# laws on at most three points: input, (units, kurtosis of weights, variance and kurtosis of biases)
NETS = [
    ((1, 1), ((2, 1, 1, 1), (2, 1, Fraction(1, 4), 1))),
    ((1, 3), ((2, 4, 1, 4), (2, 4, 1, 4))),
    ((1, 0), ((2, 9, Fraction(1, 4), 4),)),
    ((2, 1), ((2, 9, 0, 1), (2, 9, 4, 9))),
]


def gaussian(statement, point):
    width, depth = GAUSSIAN[int(point[CASE])]
    factor = 1 + (_fw.layer_factor(1, 2) - 1) / width
    printed = 2 + 1  # max(1, 0, 0) (2 + M_0)
    values = {E2: _fw.rational(factor) ** depth, M0: 1, S: sp.Rational(depth, width), N2: 0, R: 0, K: 3, C2: printed}
    return _fw.relation_at(statement, values)


def enumeration(statement, point):
    vector, layers = NETS[int(point[CASE])]
    laws = [(n, _fw.three_points(1, k), _fw.three_points(v, kb)) for n, k, v, kb in layers]  # 2/fan-in = 1
    paths = _fw.lengths(vector, laws)
    second = sum(p * path[-1] ** 2 for path, p in paths.items())
    biases = [Fraction(v) for _, _, v, _ in layers]
    rest = sum(max((kb - 3) * Fraction(v) ** 2, 0) / (2 * n) for n, _, v, kb in layers)
    values = {
        E2: _fw.rational(second),
        M0: sp.Rational(sum(x * x for x in vector), len(vector)),
        S: sum(sp.Rational(1, n) for n, *_ in layers),
        N2: _fw.rational(sum(biases)),
        R: _fw.rational(Fraction(rest)),
        K: max(k for _, k, *_ in layers),
    }
    return _fw.relation_at(statement, values)


def _gaussian():
    points = [{CASE: i} for i in range(len(GAUSSIAN))]
    return holds("Gaussian weights", gaussian, points, method="binomially mixed chi-square laws, exact fractions")


def proof():
    """One layer, and the sum of what the biases add, which telescopes."""
    from . import fw_second_moment_layer as layer

    n, m, M, nu, nu4 = layer.n, layer.m, layer.M, layer.nu, layer.nu4
    over, t, rest = sp.symbols("over t rest", nonnegative=True)  # (K - 3)^+; T = (m M)^2 - t; (nu4 - 3 nu^2)^+
    k = 5 + 2 * over
    # K - 3 <= over and nu4 - 3 nu^2 <= rest, both with factors that are not negative
    most = layer.CLAIM.statement.rhs.subs({layer.K: 3 + over, layer.T: (m * M) ** 2 - t, nu4: 3 * nu**2 + rest})
    bound = (1 + k / n) * (M + nu / 2) ** 2 + rest / (2 * n)
    _fw.step(sp.expand(bound - most).is_nonnegative, "one layer")
    for symbol, factor in ((layer.K, layer.T), (nu4, 1)):
        _fw.step(
            sp.diff(layer.CLAIM.statement.rhs, symbol).is_nonnegative, f"the layer increases in {symbol} ({factor})"
        )
    # (M + nu/2)^2 has the mean E M^2 + nu E M + nu^2/4, and E M_j = E M + nu/2 is fw_mean_length with kappa = 1
    mean = sp.Symbol("mean", nonnegative=True)
    _fw.step(sp.expand((mean + nu / 2) ** 2 - mean**2 - nu * mean - nu**2 / 4) == 0, "the sum telescopes")
    x = sp.Symbol("x", nonnegative=True)
    _fw.not_negative_from_zero(sp.exp(k * x) - 1 - k * x, x, 2)
    return sp.Le(E2, ((M0 + N2 / 2) ** 2 + R) * sp.exp(k.subs(over, sp.Max(K - 3, 0)) * S))


def checks():
    yield _fw.shown("layer by layer", proof, method="signs of the terms of one layer, and a telescoping sum")
    yield _gaussian()
    points = [{CASE: i} for i in range(len(NETS))]
    yield holds("all weights", enumeration, points, method="enumeration of weights and biases on one to three points")


def printed_checks():
    yield _gaussian()
