r"""Theorem 5, lower bound of E M_d^2: true in units of M_0^2, and false for the input of norm 1 that is assumed."""

from fractions import Fraction

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds, outside, under

from . import _fw

E2, M0, S = sp.symbols("E2 M0 S", positive=True)
CASE = sp.Symbol("case", integer=True, nonnegative=True)

CLAIM = Claim(
    id="fw_second_moment_lower",
    title="lower bound of the second moment of the squared length",
    statement=sp.Ge(E2, M0**2 * 2**S),
    source=Source("hanin2018", "Theorem 5, (5), left inequality"),
    meaning=(
        "E2 is E M_d^2 of a critical net with any symmetric law of weights. One layer of n units gives at least the "
        "factor 1 + 1/n, with equality for n_(j-1) = 1 and signs for weights, and 1 + 1/n >= 2^(1/n)"
    ),
    variables={E2: "E M_d^2", M0: "|input|^2/n_0", S: "sum of 1/n_j over the layers"},
    uses=("fw_second_moment_layer",),
    printed=Printed(
        text="exp(sum_j 1/(2 n_j)) <= E M_d^2 for an input with |act_0| = 1, that is M_0 = 1/n_0",
        statement=sp.Ge(E2, sp.exp(S / 2)),
        condition="M_0 >= 1, that is |act_0|^2 >= n_0",
    ),
)

# input, (units, kurtosis of the weights) of every layer
NETS = [
    ((1,), ((1, 1),)),
    ((1,), ((1, 1), (1, 1), (1, 1))),
    ((1, 1), ((2, 1), (2, 4))),
    ((1, 3), ((2, 1), (2, 1), (2, 1))),
    ((2,), ((3, 1),)),
    ((1, 1, 1, 1, 1, 1, 1, 1), ((2, 1),)),
    ((1, 2), ((2, 9), (2, 1))),
]
SHORT = [((1, 0), ((2, 1),)), ((1, 0), ((2, 1), (2, 1))), ((1, 0, 0, 0, 0, 0, 0, 0), ((2, 4),))]  # |act_0| = 1


def enumeration(nets):
    def test(statement, point):
        vector, layers = nets[int(point[CASE])]
        before, made = len(vector), []
        for units, kurtosis in layers:
            made.append(
                (units, _fw.three_points(Fraction(2, before) * _square(before), kurtosis), {Fraction(0): Fraction(1)})
            )
            before = units
        # a width whose variance 2/fan-in is no rational square gets weights scaled by a factor, taken out again
        scale = Fraction(1)
        before = len(vector)
        for units, _ in layers:
            scale *= _square(before)
            before = units
        paths = _fw.lengths(vector, made)
        second = _fw.rational(sum(p * path[-1] ** 2 for path, p in paths.items()) / scale**2)
        total = sum(sp.Rational(1, units) for units, _ in layers)
        start = sp.Rational(sum(x * x for x in vector), len(vector))
        return _fw.relation_at(statement, {E2: second, M0: start, S: total})

    return test


def _square(n: int) -> Fraction:
    """A factor that makes 2/n a rational square."""
    return Fraction(1) if n in (2, 8) else Fraction(n, 2)


def mixture(statement, point):
    """Gaussian weights."""
    width, depth = (int(v) for v in (point[sp.Symbol("n")], point[sp.Symbol("d")]))
    second = _fw.rational(_fw.layer_factor(width, 2) ** depth)
    return _fw.relation_at(statement, {E2: second, M0: 1, S: sp.Rational(depth, width)})


def _gaussian():
    n, d = sp.symbols("n d")
    points = [{n: a, d: b} for a, b in ((1, 1), (1, 5), (3, 2), (20, 50), (100, 1))]
    return holds("Gaussian weights", mixture, points, method="second moments of binomially mixed chi-square laws")


def _all(nets):
    points = [{CASE: i} for i in range(len(nets))]
    return holds(
        "all weights", enumeration(nets), points, method="enumeration of all weights of laws on one to three points"
    )


def proof():
    """One layer by fw_second_moment_layer with kurtosis K >= 1 and T <= (m M)^2, and 1 + x >= 2^x for 0 <= x <= 1."""
    from . import fw_second_moment_layer as layer

    k, t = sp.symbols("k t", nonnegative=True)  # K = 1 + k; T = (m M)^2 - t
    n, m, M = layer.n, layer.m, layer.M
    one = layer.CLAIM.statement.rhs.subs({layer.nu: 0, layer.nu4: 0})
    more = sp.expand((one - (1 + 1 / n) * M**2).subs({layer.K: 1 + k, layer.T: (m * M) ** 2 - t}))
    # k T and t are not negative: k T = k (m M)^2 - k t
    kT = sp.Symbol("kT", nonnegative=True)
    _fw.step(sp.expand(more.subs(t * k, k * (m * M) ** 2 - kT)).is_nonnegative, "a layer gives at least 1 + 1/n")
    x = sp.Symbol("x", nonnegative=True)
    _fw.step(sp.diff(2**x, x, 2).is_positive, "2^x is convex, so it lies below its chord 1 + x on [0, 1]")
    _fw.step((1 + x - 2**x).subs(x, 0) == 0 and (1 + x - 2**x).subs(x, 1) == 0, "the chord")
    return sp.Ge(E2, M0**2 * 2**S)


def checks():
    yield _fw.shown("layer by layer", proof, method="signs of the terms of one layer; convexity of 2^x")
    yield _all(NETS)
    yield _gaussian()


def printed_checks():
    yield under(_gaussian())
    yield outside(_all(SHORT))
