r"""At a fixed number of neurons or parameters equal widths have the smallest second moment of the squared length."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

from . import _fw

E2, N, p = sp.symbols("E2 N p", positive=True)
d = sp.Symbol("d", positive=True, integer=True)
CASE = sp.Symbol("case", integer=True, nonnegative=True)

CLAIM = Claim(
    id="fw_equal_widths_second_moment",
    title="equal widths minimise the second moment of the squared length",
    statement=sp.Ge(E2, (1 + 5 * (d / N) ** (1 / p)) ** d),
    source=Source("hanin2018", "section 3.3: constant width is optimal"),
    meaning=(
        "E2 is E M_d^2 of a critical Gaussian net without biases, M_0 = 1, and N the sum of n_j^p over its d layers. "
        "Equality for equal widths: that is the sense in which they are optimal (fw_equal_widths_not_optimal for the "
        "other)"
    ),
    variables={E2: "E M_d^2", N: "sum of n_j^p", p: "1 for neurons, 2 for parameters; any p > 0", d: "depth"},
    uses=("fw_second_moment_product",),
    printed=Printed(
        text="for a given depth and fixed budget of neurons or parameters constant width is optimal, here for E M_d^2",
        statement=sp.Ge(E2, (1 + 5 * (d / N) ** (1 / p)) ** d),
    ),
)


def proof():
    """log(1 + 5 y^(-1/p)) is convex in y = n^p, so its mean over the layers is at least its value at the mean y."""
    from . import fw_second_moment_product as product

    y, w = sp.symbols("y w", positive=True)
    factor = product.CLAIM.statement.rhs.subs({product.M0: 1, product.d: 1})
    h = sp.log(factor.subs(product.n, y ** (1 / p)))
    second = sp.simplify(sp.diff(h, y, 2).subs(y, w**p) * w ** (2 * p))
    second = sp.factor(sp.simplify(sp.powdenest(second, force=True)))
    _fw.step(second.is_positive, f"convexity, y^2 times the second derivative being {second} at y = w^p")
    return sp.Ge(E2, factor.subs(product.n, (N / d) ** (1 / p)) ** d)


NETS = [[15, 15], [10, 20], [7], [3, 3, 3], [1, 2, 50, 4]]


def mixture(statement, point):
    widths, power = NETS[int(point[CASE])], int(point[p])
    second = sp.prod([_fw.rational(_fw.layer_factor(w, 2)) for w in widths])
    return _fw.relation_at(statement, {E2: second, N: sum(w**power for w in widths), d: len(widths), p: power})


def _mixture():
    points = [{CASE: i, p: power} for i in range(len(NETS)) for power in (1, 2)]
    return holds("lists of widths", mixture, points, method="binomially mixed chi-square laws, layer by layer")


def checks():
    yield _fw.shown("convexity", proof, method="sign of the second derivative of the logarithm of a layer's factor")
    yield _mixture()


def printed_checks():
    yield _mixture()
