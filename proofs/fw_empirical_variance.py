r"""The mean empirical variance of the squared lengths over the layers, exactly; Corollary 2 as printed."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

from . import _fw

n, d = sp.symbols("n d", positive=True, integer=True)
EV, c = sp.symbols("EV c", positive=True)
r = 1 + 5 / n

CLAIM = Claim(
    id="fw_empirical_variance",
    title="mean empirical variance of the squared lengths over the layers",
    statement=sp.Eq(EV, r * (r**d * (d * (r - 1) - r - 1) + d * (r - 1) + r + 1) / (d**2 * (r - 1) ** 2)),
    source=Source("hanin2018", "Corollary 2, (6) and (7)"),
    meaning=(
        "EV is the mean of (1/d) sum M_j^2 - ((1/d) sum M_j)^2 for critical Gaussian nets without biases, d layers of "
        "n units, M_0 = 1; it is sum_k (k - 1)(d + 1 - k)/d^2 (5/n) (1 + 5/n)^(k - 1), so it tends to 0 as n grows"
    ),
    variables={n: "width", d: "depth", c: "a constant that does not depend on the net"},
    uses=("fw_second_moment_product",),
    printed=Printed(
        text="there is c > 0 with c exp(c beta) <= E Var[M], beta = sum 1/n_j; tested for c = 1, 1/10, ..., 10^-6",
        statement=sp.Ge(EV, c * sp.exp(c * d / n)),
    ),
)


def derive() -> sp.Expr:
    """E M_i M_j = E M_min^2 (the mean length is conserved), so EV = sum_j r^j (2j - 1 - d)/d^2."""
    x = sp.Symbol("x", positive=True)
    powers = x * (x**d - 1) / (x - 1)  # sum of x^j, j = 1..d
    weighted = x * sp.diff(powers, x)  # sum of j x^j
    total = (2 * weighted - (1 + d) * powers) / d**2
    return total.subs(x, r)


def double_sum(statement, point):
    """All pairs of layers."""
    exact = _fw.rational(_fw.empirical_variance([int(point[n])] * int(point[d])))
    return _fw.relation_at(statement, {EV: exact, **point})


def sweep(statement, point):
    """The package's sweep of polynomials in power sums."""
    from derive.finite_width import ReLUNet

    exact = ReLUNet([1] + [int(point[n])] * int(point[d])).empirical_variance()
    return _fw.relation_at(statement, {EV: exact, **point})


POINTS = [{n: a, d: b} for a, b in ((1, 2), (2, 5), (7, 3), (10, 25))]


def checks():
    yield holds("all pairs", double_sum, POINTS, method="binomially mixed chi-square laws, summed over pairs of layers")
    yield holds("sweep", sweep, POINTS, method="moment operators of the package, from the last layer to the first")


def printed_checks():
    # one width for each c: EV < 5 d/n is below c there
    def wide(statement, point):
        width, depth = int(point[n]), int(point[d])
        factor = 1 + (_fw.layer_factor(1, 2) - 1) / width
        squares = [factor**j for j in range(1, depth + 1)]
        exact = sum(s * (2 * j - 1 - depth) for j, s in enumerate(squares, 1)) / depth**2
        return _fw.relation_at(statement, {EV: _fw.rational(exact), **point})

    points = [{c: sp.Rational(1, 10**k), n: 10 ** (k + 2), d: 10} for k in range(7)]
    yield holds("wide nets", wide, points, method="exact fractions at depth 10 and width 100/c")
