r"""Corollary 1 with the variance of the weights as it is printed, by the width of the layer itself."""

from fractions import Fraction

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds, outside, under

from . import _fw

kappa, M0 = sp.symbols("kappa M0", positive=True)
n0, nd, d = sp.symbols("n0 nd d", positive=True, integer=True)
EM = sp.Function("EM")
CASE = sp.Symbol("case", integer=True, nonnegative=True)

CLAIM = Claim(
    id="fw_mean_length_own_width",
    title="mean squared length for weight variances by fan-out instead of fan-in",
    statement=sp.Eq(EM(d), kappa**d * M0 * n0 / nd),
    source=Source("hanin2018", "Corollary 1: the weights in layer j have variance kappa 2/n_j, j = 1, ..., d"),
    meaning=(
        "EM(d) is the mean of |act_d|^2/n_d for weights of variance 2 kappa/n_j into layer j and no biases. Definition "
        "1 has 2/n_(j-1); section 4 numbers the weights from j = 0, where n_j is the fan-in, so this is a slip of the "
        "index. The sum of squares |act_d|^2 is then what kappa = 1 preserves"
    ),
    variables={kappa: "factor of the variance", M0: "|input|^2/n_0", n0: "input", nd: "width of layer d", d: "depth"},
    printed=Printed(
        text="E M_d = kappa^d |act_0|^2/n_0 for weights of variance kappa 2/n_j in layer j (no biases here)",
        statement=sp.Eq(EM(d), kappa**d * M0),
        condition="n_d = n_0, with any widths between",
    ),
)


def derive() -> sp.Expr:
    """One layer multiplies the mean by kappa n_(j-1)/n_j; the quotients telescope."""
    from derive.finite_width.power_sums import Layer

    for n, m in ((1, 3), (3, 2), (4, 4)):
        (coefficient,) = Layer(n, (2 * kappa / n,), (0,)).mean({(1,): sp.Rational(1, n)}).values()  # of m M
        if sp.simplify(coefficient * m - kappa * m / n) != 0:
            raise ArithmeticError(f"a layer of {n} units after {m} does not multiply the mean by kappa {m}/{n}")
    j, n, m = sp.symbols("j n m", positive=True)
    mean = kappa**j * M0 * n0 / n  # after layer j of n units; layer j - 1 has m
    if sp.simplify(kappa * m / n * mean.subs({j: j - 1, n: m}, simultaneous=True) - mean) != 0:
        raise ArithmeticError("the formula does not satisfy the recurrence over the layers")
    return mean.subs({j: d, n: nd})


# input, widths, kappa; 2 kappa/n_j is a rational square
UNEQUAL = [((1, 3), (4, 1), 2), ((1, 3), (1,), 2), ((3,), (1, 4), sp.Rational(1, 2)), ((1, 1, 2), (4,), 8)]
EQUAL = [((3,), (4, 1), 2), ((1, 0, 2, 1), (1, 4), sp.Rational(1, 2))]


def enumeration(statement, point):
    vector, widths, factor = (UNEQUAL + EQUAL)[int(point[CASE])]
    factor = sp.Rational(factor)
    nothing = {Fraction(0): Fraction(1)}
    layers = [(w, _fw.three_points(Fraction(int(2 * factor.p), int(factor.q)) / w, 1), nothing) for w in widths]
    paths = _fw.lengths(vector, layers)
    exact = _fw.rational(sum(chance * path[-1] for path, chance in paths.items()))
    start = sp.Rational(sum(x * x for x in vector), len(vector))
    values = {kappa: factor, M0: start, n0: len(vector), nd: widths[-1], d: len(widths)}
    return sp.simplify(statement.rhs.subs(values) - exact) == 0


def _enumeration(first, last):
    points = [{CASE: i} for i in range(first, last)]
    return holds("all signs", enumeration, points, method="enumeration of all signs of all weights, exact fractions")


def checks():
    yield _enumeration(0, len(UNEQUAL) + len(EQUAL))


def printed_checks():
    yield under(_enumeration(len(UNEQUAL), len(UNEQUAL) + len(EQUAL)))
    yield outside(_enumeration(0, len(UNEQUAL)))
