r"""Corollary 2, upper bound: narrow layers at the beginning defeat every constant C of (6).

By summation by parts E Var[M] = sum_k (k - 1)(d + 1 - k)/d^2 (E M_k^2 - E M_(k-1)^2); the weights are at most 1/4.
"""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

from . import _fw

EV, S, P = sp.symbols("EV S P", positive=True)
C, m = sp.symbols("C m", positive=True, integer=True)
CASE = sp.Symbol("case", integer=True, nonnegative=True)

CLAIM = Claim(
    id="fw_empirical_variance_upper",
    title="upper bound of the mean empirical variance",
    statement=sp.Le(EV, (sp.exp(5 * S) - 1) / 4),
    source=Source("hanin2018", "Corollary 2, (6), right inequality"),
    meaning=(
        "EV is the mean empirical variance of M_1, ..., M_d for critical Gaussian nets without biases, any widths, "
        "M_0 = 1; it also vanishes as the layers grow wide, as EV does"
    ),
    variables={EV: "mean empirical variance", S: "sum of 1/n_j over the layers", P: "the printed bound"},
    uses=("fw_second_moment_product", "fw_second_moment_upper"),
    printed=Printed(
        text=(
            "there is C with EV <= P = (C/d) sum_j (j - 1)/d exp(C sum_(k = j..d-1) 1/n_k); tested for C = 1 and 10 on "
            "nets of depth 10^5 whose first three layers have width 1 and the others 10^6"
        ),
        statement=sp.Le(EV, P),
    ),
)

NETS = [[1], [1, 1, 1], [3, 5, 2], [30, 10] * 6, [10] * 6 + [30] * 6, [200] * 50]


def all_pairs(statement, point):
    widths = NETS[int(point[CASE])]
    exact = _fw.rational(_fw.empirical_variance(widths))
    total = sum(sp.Rational(1, n) for n in widths)
    # the printed bound for C = 1, so that a print with this symbol could be judged here as well
    d = len(widths)
    tails = [sum((Fraction(1, n) for n in widths[j - 1 : d - 1]), start=Fraction(0)) for j in range(1, d + 1)]
    bound = sum(sp.Rational(j - 1, d * d) * sp.exp(_fw.rational(t)) for j, t in enumerate(tails, 1))
    return _fw.relation_at(statement, {EV: exact, S: total, P: bound})


DEPTH, WIDE = 10**5, 10**6


def narrow_start(statement, point):
    """Both sides summed over the layers with 40 digits; they differ by far more than rounding."""
    constant, narrow = int(point[C]), int(point[m])
    with mpmath.workdps(40):
        one, square = mpmath.mpf(1), mpmath.mpf(1)
        variance = bound = mpmath.mpf(0)
        factors = [1 + (_fw.layer_factor(1, 2) - 1) / w for w in (1, WIDE)]
        steps = [mpmath.mpf(f.numerator) / f.denominator for f in factors]
        tail = mpmath.mpf(narrow) + mpmath.mpf(DEPTH - narrow - 1) / WIDE  # sum of 1/n_k, k = 1..d-1
        weight, shrink = mpmath.exp(constant * tail), [mpmath.exp(-constant * one), mpmath.exp(-constant * one / WIDE)]
        for j in range(1, DEPTH + 1):
            wide = j > narrow
            square *= steps[wide]
            variance += square * (2 * j - 1 - DEPTH)
            bound += (j - 1) * weight
            weight *= shrink[wide]
        variance, bound = variance / DEPTH**2, constant * bound / DEPTH**2
        values = {EV: sp.Float(variance, 40), P: sp.Float(bound, 40), S: narrow + sp.Rational(DEPTH - narrow, WIDE)}
    return _fw.relation_at(statement, values)


def proof():
    """E M_i M_j = E M_min^2; by parts the increments of E M_k^2 have weights in [0, 1/4]; fw_second_moment_upper."""
    from . import fw_second_moment_upper as upper

    _fw.shares_of_increments(sp.Symbol("d", positive=True, integer=True))
    most = upper.CLAIM.statement.rhs.subs(upper.S, S)  # of E M_d^2; the increments add up to E M_d^2 - 1
    return sp.Le(EV, (most - 1) / 4)


def checks():
    yield _fw.shown("summation by parts", proof, method="the weights of the increments, symbolically")
    points = [{CASE: i} for i in range(len(NETS))]
    yield holds("all pairs", all_pairs, points, method="binomially mixed chi-square laws, summed over pairs of layers")


def printed_checks():
    points = [{C: k, m: 3} for k in (1, 10)]
    yield holds("narrow first layers", narrow_start, points, method="both sides summed over 10^5 layers")
