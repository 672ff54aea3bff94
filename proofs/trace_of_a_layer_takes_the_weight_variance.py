r"""In chi_1 = E tr (AW)^T AW/N the weights keep their variance; q* is the variance of the pre-activations."""

from itertools import product

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

from ._layers import gaussian_mean

sigma_w2, q = sp.symbols("sigma_w2 q", positive=True)
trace = sp.Function("trace")
M = sp.Function("M")

CLAIM = Claim(
    id="trace_of_a_layer_takes_the_weight_variance",
    title="the normalised trace of a layer's Gram matrix",
    statement=sp.Eq(trace(sigma_w2, q), sigma_w2 * M(q)),
    source=Source("pabari", "below equation (12): A and W for the weight variance set to the fixed point q*"),
    meaning="trace = E tr (AW)^T AW/N, M(q) = E phi'(sqrt(q) z)^2 with q = q*; this is chi_1",
    variables={sigma_w2: "sigma_w2 > 0", q: "q = q* > 0"},
    uses=("jacobian_mean_square_is_a_power_of_chi",),
    printed=Printed(
        text="the weight variance is set to q* (the variance of the pre-activations is meant)",
        statement=sp.Eq(trace(sigma_w2, q), q * M(q)),
    ),
)


def derive() -> sp.Expr:
    """The sum of A_ii^2 W_ij^2 over N^2 pairs, with means M(q) and sigma_w2/N."""
    N, i, j = sp.symbols("N i j", integer=True, positive=True)
    return sp.simplify(sp.Sum(M(q) * sigma_w2 / N, (i, 1, N), (j, 1, N)).doit() / N)


def monomials(statement, point) -> bool:
    """Width two, phi = x^3 so A_ii = 3 z_i^2: every monomial averaged over Gaussian weights and pre-activations."""
    z = sp.symbols("z0 z1")
    W = sp.Matrix(2, 2, lambda i, j: sp.Symbol(f"w{i}{j}"))
    J = sp.diag(*(3 * t**2 for t in z)) * W
    variances = {W[i, j]: point[sigma_w2] / sp.Integer(2) for i, j in product(range(2), repeat=2)}
    variances |= dict.fromkeys(z, point[q])
    value = gaussian_mean(sp.expand((J.T * J).trace()), variances) / 2
    t = sp.Symbol("t")
    slopes = lambda at: gaussian_mean(9 * t**4, {t: at})  # noqa: E731
    return bool(statement.rhs.replace(M, lambda s: slopes(point[q])).subs(point) == value)


def _check():
    points = [{sigma_w2: sp.Rational(3, 4), q: sp.Rational(2, 5)}]
    return holds("width two, cubic activation", monomials, points, method="every monomial, exact")


def checks():
    yield _check()


def printed_checks():
    yield _check()
