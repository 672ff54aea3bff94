r"""The mean empirical variance itself is not smallest for equal widths: widths that grow do better, in depth two."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds, outside, under

from . import _fw

n = sp.Symbol("n", positive=True, integer=True)
k = sp.Symbol("k", integer=True)
D = sp.Symbol("D", real=True)

CLAIM = Claim(
    id="fw_equal_widths_not_optimal",
    title="empirical variance of unequal against equal widths at the same number of neurons",
    statement=sp.Eq(D, 5 * k * ((n + 5) * k - n**2) / (4 * n**2 * (n**2 - k**2))),
    source=Source("hanin2018", "section 3.3: constant width is optimal"),
    meaning=(
        "D = E Var[M] of widths (n - k, n + k) minus that of (n, n), critical Gaussian nets of depth 2 with M_0 = 1, "
        "|k| < n; negative for 0 < k < n^2/(n + 5). In these nets the last layer's 1/n_2 counts and the first enters "
        "through it alone. E M_d^2 and the sum of reciprocals are smallest for equal widths "
        "(fw_equal_widths_second_moment, fw_equal_widths_sum)"
    ),
    variables={n: "mean width", k: "how much the second layer is wider than that"},
    uses=("fw_second_moment_product",),
    printed=Printed(
        text=(
            "for a given depth and fixed budget of neurons constant width is optimal (for the mean empirical variance, "
            "of which the section speaks): no other choice has a smaller one"
        ),
        statement=sp.Ge(D, 0),
        condition="k <= 0 or k >= n^2/(n + 5); always for E M_d^2 in place of the empirical variance",
    ),
)


def derive() -> sp.Expr:
    """The increments of E M_k^2 with their shares in the empirical variance, depth 2."""

    def variance(a, b):
        return _fw.variance_by_parts([1 + 5 / a, 1 + 5 / b])

    return sp.factor(variance(n - k, n + k) - variance(n, n))


def double_sum(statement, point):
    mean, more = int(point[n]), int(point[k])
    exact = _fw.empirical_variance([mean - more, mean + more]) - _fw.empirical_variance([mean, mean])
    return _fw.relation_at(statement, {D: _fw.rational(exact), **point})


def _double_sum(points):
    method = "binomially mixed chi-square laws, summed over pairs of layers"
    return holds("pairs of layers", double_sum, [{n: a, k: b} for a, b in points], method=method)


INSIDE = [(15, 5), (2, 1), (100, 40)]
REST = [(15, -5), (15, 0), (15, 12), (4, 3)]


def checks():
    yield _double_sum([case for case in INSIDE + REST if case[1]])


def printed_checks():
    yield under(_double_sum(REST))
    yield outside(_double_sum(INSIDE))
