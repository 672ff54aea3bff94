r"""The mean squared singular value of D layers is chi_1^D."""

from itertools import product

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

from ._layers import gaussian_mean

D = sp.Symbol("D", integer=True, positive=True)
m = sp.Symbol("m", positive=True)
w2 = sp.Symbol("sigma_w2", positive=True)
mean = sp.Function("mean")
STATEMENT = sp.Eq(mean(D, m, w2), (w2 * m) ** D)

CLAIM = Claim(
    id="jacobian_mean_square_is_a_power_of_chi",
    title="mean squared singular value of the Jacobian",
    statement=STATEMENT,
    source=Source("pabari", "equation (12) and the sentence below"),
    meaning=(
        "mean = E tr(J^T J)/N for J = A^D W^D ... A^1 W^1, independent weights of variance sigma_w2/N, diagonal A "
        "with E "
        "A_ii^2 = m independent of them, at every width N; chi_1 = sigma_w2 m for D = 1"
    ),
    variables={D: "number of layers", m: "m = E phi'^2 > 0", w2: "sigma_w2 > 0"},
    printed=Printed(
        text="chi_1 = E tr (AW)^T AW/N; chi_1^D is the mean squared singular value of J", statement=STATEMENT
    ),
)


def derive() -> sp.Expr:
    """One layer multiplies E |J x|^2 by N times the variance of a weight times m, whatever the vector x."""
    N = sp.Symbol("N", positive=True)
    factor = sp.simplify(N * (w2 / N) * m)
    total = sp.Function("total")
    layers = sp.Symbol("layers", integer=True, positive=True)
    solution = sp.rsolve(total(layers + 1) - factor * total(layers), total(layers), {total(0): 1})
    return solution.subs(layers, D)


def brute_force(statement, point) -> bool:
    """Width two, every monomial of tr J^T J: weights and diagonal entries Gaussian, averaged one by one."""
    depth, variances, J = int(point[D]), {}, sp.eye(2)
    for layer in range(depth):
        W = sp.Matrix(2, 2, lambda i, j, layer=layer: sp.Symbol(f"w{layer}{i}{j}"))
        A = sp.diag(*(sp.Symbol(f"a{layer}{i}") for i in range(2)))
        variances |= {W[i, j]: point[w2] / sp.Integer(2) for i, j in product(range(2), repeat=2)}
        variances |= {A[i, i]: point[m] for i in range(2)}
        J = A * W * J
    value = gaussian_mean(sp.expand((J.T * J).trace()), variances) / 2
    return value == statement.rhs.subs(point)


def _check():
    points = [{D: d, m: sp.Rational(2, 3), w2: sp.Rational(5, 4)} for d in (1, 2)]
    return holds("width two, one and two layers", brute_force, points, method="every monomial, exact")


def checks():
    yield _check()


def printed_checks():
    yield _check()
