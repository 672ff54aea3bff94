r"""The order of the widths matters for the empirical variance over the layers, though not for E M_d^2."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

from . import _fw

n1, n2 = sp.symbols("n1 n2", positive=True, integer=True)
D = sp.Symbol("D", real=True)

CLAIM = Claim(
    id="fw_order_of_widths",
    title="empirical variance of nets with widths permuted",
    statement=sp.Eq(D, sp.Rational(5, 4) * (1 / n2 - 1 / n1)),
    source=Source("hanin2018", "section 3.3, Figure 3: types (i)-(iii)"),
    meaning=(
        "D = E Var[M] of widths (n1, n2) minus that of (n2, n1), critical Gaussian nets of depth 2 with M_0 = 1: "
        "in so short a net a narrow layer costs more at the end; in deep ones it costs more at the beginning. "
        "E M_d^2 = prod (1 + 5/n_j) is the same for both"
    ),
    variables={n1: "width of the first layer", n2: "width of the second layer"},
    uses=("fw_second_moment_product",),
    printed=Printed(text="the order of layer widths does not affect FM2", statement=sp.Eq(D, 0)),
)


def derive() -> sp.Expr:
    """The increments of E M_k^2 with their shares in the empirical variance, depth 2."""

    def variance(a, b):
        return _fw.variance_by_parts([1 + 5 / a, 1 + 5 / b])

    return sp.simplify(variance(n1, n2) - variance(n2, n1))


def double_sum(statement, point):
    a, b = int(point[n1]), int(point[n2])
    exact = _fw.empirical_variance([a, b]) - _fw.empirical_variance([b, a])
    return _fw.relation_at(statement, {D: _fw.rational(exact), **point})


def _double_sum():
    points = [{n1: a, n2: b} for a, b in ((30, 10), (10, 30), (1, 2), (5, 40))]
    return holds(
        "both orders", double_sum, points, method="binomially mixed chi-square laws, summed over pairs of layers"
    )


def checks():
    yield _double_sum()


def printed_checks():
    yield _double_sum()
