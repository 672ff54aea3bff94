r"""Theorem 6, moments: those of order K grow at most like the exponential of a multiple of the sum of the scales."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

from . import _fw, _residual

E, S, r = sp.symbols("E S r", positive=True)
K = sp.Symbol("K", positive=True, integer=True)
CASE = sp.Symbol("case", integer=True, nonnegative=True)

CLAIM = Claim(
    id="fw_residual_moment_upper",
    title="moments of every order of the squared length of residual nets",
    statement=sp.Le(E, sp.exp(2 * K * r * S)),
    source=Source("hanin2018", "Theorem 6, moments"),
    meaning=(
        "E is E M_L^K, M_0 = 1, for modules of any depth that end linearly or with ReLU, weights of any law, no "
        "biases; r^(2K) is the largest mean of |N(x)|^(2K)/|x|^(2K). The constant of the sum S depends on K and the "
        "modules, not on L"
    ),
    variables={E: "E M_L^K", K: "order", S: "sum of the scales", r: "size of a module in the mean of order 2K"},
    printed=Printed(
        text="E M_L^K = exp(O(sum of the scales)), the constant depending on K but not on L (the upper bound)",
        statement=sp.Le(E, sp.exp(2 * K * r * S)),
    ),
)


def proof():
    """Minkowski: (E |x + eta N|^(2K))^(1/2K) <= (1 + eta r) (E |x|^(2K))^(1/2K), and 1 + eta r <= exp(eta r)."""
    y = sp.Symbol("y", nonnegative=True)
    _fw.not_negative_from_zero(sp.exp(y) - 1 - y, y, 2)
    eta, total = sp.symbols("eta total", nonnegative=True)
    before = sp.exp(2 * K * r * total)
    after = before * sp.exp(eta * r) ** (2 * K)
    _fw.step(sp.simplify(sp.expand_log(sp.log(after), force=True) - 2 * K * r * (total + eta)) == 0, "induction over L")
    return sp.Le(E, before.subs(total, S))


NETS = [("relu", 1, [sp.Rational(1, 2)] * 6), ("relu", 1, [sp.Rational(1, 2**j) for j in range(1, 20)])]
NETS += [("linear", 4, [sp.Rational(1, 3)] * 5), ("linear", 1, [2, 1, sp.Rational(1, 2)])]


def products(statement, point):
    kind, n, scales = NETS[int(point[CASE])]
    order = int(point[K])
    exact = sp.prod([_residual.factor(kind, n, eta, order) for eta in scales])
    return _fw.relation_at(statement, {E: exact, S: sum(scales), r: _residual.root(kind, n, order), K: order})


def _products():
    points = [{CASE: i, K: order} for i in range(len(NETS)) for order in (1, 2, 3, 6)]
    method = "exact products over the modules: linear ends at any width, ReLU at width one"
    return holds("products over the modules", products, points, method=method)


def checks():
    yield _fw.shown("module by module", proof, method="Minkowski's inequality and 1 + y <= exp(y)")
    yield _products()


def printed_checks():
    yield _products()
