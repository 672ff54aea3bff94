r"""A residual module that is one linear layer with weights of any symmetric law: the second moment of the length."""

from collections import Counter
from fractions import Fraction
from itertools import product
from math import prod

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds

from . import _fw

eta, M, Q, K = sp.symbols("eta M Q K", positive=True)
n = sp.Symbol("n", positive=True, integer=True)
EM2 = sp.Symbol("EM2", positive=True)
CASE = sp.Symbol("case", integer=True, nonnegative=True)

CLAIM = Claim(
    id="fw_linear_module_any_law",
    title="second moment of the squared length after a linear residual module, weights of any symmetric law",
    statement=sp.Eq(EM2, (1 + 4 * (1 + 2 / n) * (eta**2 + eta**4)) * M**2 + 4 * eta**4 * (K - 3) * Q / n),
    source=Source("hanin2018", "Theorem 6: E M_L^K for residual nets, weights of Definition 1"),
    meaning=(
        "EM2 is the mean of |x + eta W x|^4 given x, W of independent symmetric entries of variance 2/n. For other "
        "laws than the Gaussian the length alone does not suffice; the power sums of the stream do, for every order "
        "and with hidden layers and biases"
    ),
    variables={
        eta: "scale",
        M: "|x|^2",
        Q: "sum of the fourth powers of the entries",
        K: "kurtosis of the weights",
        n: "width",
    },
)


def derive() -> sp.Expr:
    """Mean and variance of the sum of (x_i + eta N_i)^2, N_i independent given x."""
    v = 2 / n
    second, fourth = v * M, 3 * (v * M) ** 2 + (K - 3) * v**2 * Q  # cumulants of the terms of W x add
    x, N = sp.symbols("x N")
    poly = sp.Poly(sp.expand((x + eta * N) ** 4 - 2 * x**2 * (x + eta * N) ** 2 + x**4), N)  # ((x + eta N)^2 - x^2)^2
    moment = {0: 1, 1: 0, 2: second, 3: 0, 4: fourth}
    square = sum(c * moment[j] for (j,), c in poly.terms())  # at one unit
    shift = eta**2 * second
    variance = sp.Poly(sp.expand(square - shift**2), x)
    spread = sum(c * {2: M, 0: n}[p] for (p,), c in variance.terms())
    return sp.expand((M + n * shift) ** 2 + spread)


POINTS = [((1, 3), 1, 1), ((1, -2), 4, sp.Rational(1, 2)), ((2,), 9, sp.Rational(1, 3)), ((1, 0), 9, 2)]


def enumeration(statement, point) -> bool:
    """All weights, of laws on at most three points."""
    vector, kurtosis, scale = POINTS[int(point[CASE])]
    width, step = len(vector), sp.Rational(scale)
    factor = sp.Rational(2, width)  # the variance; the law has variance 1
    law = _fw.three_points(1, kurtosis)
    sums = Counter({Fraction(0): Fraction(1)})
    for entry in vector:
        following = Counter()
        for (h, p), (w, chance) in product(sums.items(), law.items()):
            following[h + w * entry] += p * chance
        sums = following
    total = sp.Integer(0)
    for outputs in product(sums.items(), repeat=width):
        chance = _fw.rational(prod((p for _, p in outputs), start=Fraction(1)))
        noise = [step * sp.sqrt(factor) * _fw.rational(h) for h, _ in outputs]
        total += chance * sp.expand(sum((a + b) ** 2 for a, b in zip(vector, noise, strict=True)) ** 2)
    values = {M: sum(a**2 for a in vector), Q: sum(a**4 for a in vector), K: kurtosis, n: width, eta: step}
    return sp.simplify(statement.rhs.subs(values) - total) == 0


def package(statement, point) -> bool:
    from derive.finite_width import ResidualReLU

    vector, kurtosis, scale = [(1, 2, -1), (3, 0, 1, 1)][int(point[CASE])], sp.Rational(9, 5), sp.Rational(2, 3)
    net = ResidualReLU([scale], len(vector), "linear", weights=kurtosis, input=vector)
    values = {M: sum(a**2 for a in vector), Q: sum(a**4 for a in vector), K: kurtosis, n: len(vector), eta: scale}
    return sp.simplify(statement.rhs.subs(values) - net.moment(2)) == 0


def checks():
    points = [{CASE: i} for i in range(len(POINTS))]
    yield holds("all weights", enumeration, points, method="enumeration of all weights, kurtosis 1, 4 and 9")
    yield holds("package", package, points[:2], method="polynomials in power sums, kurtosis 9/5")
