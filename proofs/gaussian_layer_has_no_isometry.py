r"""A square Gaussian matrix: the squared singular values have mean 1 and a variance that tends to 1, not 0."""

from itertools import product

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

from ._layers import gaussian_mean

N = sp.Symbol("N", integer=True, positive=True)
spread = sp.Function("spread")

CLAIM = Claim(
    id="gaussian_layer_has_no_isometry",
    title="iid Gaussian weights cannot achieve dynamical isometry",
    statement=sp.Eq(spread(N), 1 + 1 / N),
    source=Source("pabari", "section 3.2, and 3.3 (Marchenko-Pastur)"),
    meaning=(
        "spread(N) = E tr (W^T W)^2/N - (E tr W^T W/N)^2 for an N x N matrix of independent Gaussian entries of "
        "variance "
        "1/N: the variance of the squared singular values of one linear layer at chi_1 = 1"
    ),
    variables={N: "width"},
    printed=Printed(
        text="iid Gaussian weights cannot achieve perfect dynamical isometry", statement=sp.Gt(spread(N), 0)
    ),
)


def derive() -> sp.Expr:
    """Isserlis: the three pairings of w_ki w_kj w_lj w_li give N^3, N^3 and N^2 terms of variance 1/N^2 each."""
    pairings = (N**3, N**3, N**2)  # {ki kj}{lj li}: i=j; {ki lj}..: i=j,k=l; {ki li}{kj lj}: k=l
    second = sum(pairings) / N**2 / N
    return sp.expand(second - 1)


def brute_force(statement, point) -> bool:
    """All monomials of tr (W^T W)^2 for explicit matrices."""
    n = int(point[N])
    w = {(i, j): sp.Symbol(f"w{i}{j}") for i, j in product(range(n), repeat=2)}
    W = sp.Matrix(n, n, lambda i, j: w[i, j])
    square = W.T * W
    variances = dict.fromkeys(w.values(), sp.Rational(1, n))
    first = gaussian_mean(sp.expand(square.trace()), variances) / n
    second = gaussian_mean(sp.expand((square * square).trace()), variances) / n
    value = second - first**2
    if isinstance(statement, sp.Equality):
        return value == statement.rhs.subs(point)
    return statement.subs(point).subs(spread(n), value) == sp.true


def _check():
    return holds("matrices of size 1, 2 and 3", brute_force, [{N: 1}, {N: 2}, {N: 3}], method="every monomial, exact")


def checks():
    yield _check()


def printed_checks():
    yield _check()
