r"""The variance of w x for a fixed input x is sigma_w2 times its mean square; sigma_w2 itself for mean square 1."""

from itertools import product

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds, outside, under

sigma_w2, p = sp.symbols("sigma_w2 p", positive=True)
variance = sp.Symbol("variance", positive=True)

CLAIM = Claim(
    id="hidden_variance_of_a_fixed_input",
    title="variance of a pre-activation for a fixed input",
    statement=sp.Eq(variance, sigma_w2 * p),
    source=Source(
        "yang2017", "section 3: weights have variance sigma_w^2/N so that each h_i has the variance sigma_w^2"
    ),
    meaning="variance of sum_j w_ij x_j over weights of variance sigma_w2/N, p = |x|^2/N; p grows with the layer",
    variables={sigma_w2: "sigma_w2 > 0", p: "p > 0"},
    uses=("frn_hidden_variance",),
    printed=Printed(
        text="the variance of each h_i is sigma_w^2 for fixed x (symbol stripped, rebuilt)",
        statement=sp.Eq(variance, sigma_w2),
        condition="|x|^2 = N",
    ),
)


def derive() -> sp.Expr:
    """Independent weights: variances add."""
    N, j = sp.symbols("N j", positive=True, integer=True)
    x = sp.IndexedBase("x")
    total = sp.Sum(sigma_w2 / N * x[j] ** 2, (j, 1, N))
    squares = sp.Sum(x[j] ** 2, (j, 1, N))
    return sp.simplify(sp.factor_terms(total) / squares * N * p)


def two_weights(statement, point) -> bool:
    """Width two, weights of either sign: the mean of h^2 by enumeration; inputs (a, b) with (a^2 + b^2)/2 = p."""
    scale = point[sigma_w2] / 2  # square of a weight
    a2, b2 = point[p] / 3, 5 * point[p] / 3
    cross = sum(e * f for e, f in product((1, -1), repeat=2))
    return bool(statement.rhs.subs(point) == scale * (a2 + b2) + sp.sqrt(a2 * b2) * scale * cross / 2)


def _check(name, squares):
    points = [{sigma_w2: sp.Rational(3, 2), p: square} for square in squares]
    return holds(name, two_weights, points, method="enumeration of the signs of two weights")


def checks():
    yield _check("enumeration", (sp.Rational(2, 5), sp.Integer(7)))


def printed_checks():
    yield under(_check("mean square 1", (sp.Integer(1),)))
    yield outside(_check("another mean square", (sp.Integer(7),)))
