r"""Theorem 5, upper bound of E M_d^2 for Gaussian weights: the exponent is 5, and 4 is not enough."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

from . import _fw

E2, S = sp.symbols("E2 S", positive=True)
n, d = sp.symbols("n d", positive=True, integer=True)

CLAIM = Claim(
    id="fw_second_moment_upper",
    title="upper bound of the second moment of the squared length, Gaussian weights",
    statement=sp.Le(E2, sp.exp(5 * S)),
    source=Source("hanin2018", "Theorem 5: C_1 = C_2 = 4 for Gaussian weights and M_0 = 1"),
    meaning=(
        "E2 is E M_d^2 of a critical Gaussian net without biases, M_0 = 1. E2 = prod (1 + 5/n_j), which is exp(5 S) in "
        "the limit of wide layers, so no smaller exponent will do"
    ),
    variables={E2: "E M_d^2", S: "sum of 1/n_j over the layers"},
    uses=("fw_second_moment_product",),
    printed=Printed(text="E M_d^2 <= 4 exp(4 sum 1/n_j)", statement=sp.Le(E2, 4 * sp.exp(4 * S))),
)


def mixture(statement, point):
    width, depth = int(point[n]), int(point[d])
    # for a wide layer the factor is read off narrow ones: it is 1 + (f(1) - 1)/n
    factor = _fw.layer_factor(width, 2) if width < 300 else 1 + (_fw.layer_factor(1, 2) - 1) / width
    return _fw.relation_at(statement, {E2: _fw.rational(factor) ** depth, S: sp.Rational(depth, width)})


def _mixture():
    points = [{n: a, d: b} for a, b in ((1, 1), (1, 20), (7, 3), (40, 100), (250, 1000), (1000, 2000))]
    return holds(
        "Gaussian weights",
        mixture,
        points,
        method="second moments of binomially mixed chi-square laws, exact fractions",
    )


def proof():
    """1 + 5 x <= exp(5 x), layer by layer, for the factors of fw_second_moment_product; the exponents add up to 5 S."""
    from . import fw_second_moment_product as product

    x = sp.Symbol("x", nonnegative=True)
    formula = product.CLAIM.statement.rhs.subs({product.M0: 1, product.d: 1})
    factor = formula.subs(product.n, 1 / x)  # of a layer with 1/n = x
    rate = sp.diff(factor, x)
    _fw.step(sp.expand(factor - 1 - rate * x) == 0, "the factor of a layer is 1 + rate/n")
    _fw.not_negative_from_zero(sp.exp(rate * x) - factor, x, 2)
    return sp.Le(E2, sp.exp(rate * S))


def checks():
    yield _fw.shown("factor by factor", proof, method="sign of the second derivative of exp(5 x) - 1 - 5 x")
    yield _mixture()


def printed_checks():
    yield _mixture()
