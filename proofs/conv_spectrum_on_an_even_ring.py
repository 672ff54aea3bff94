r"""On an even ring the entries at distance n/2 carry the even modes only: four positions, ten eigenvalues."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds

from . import _conv

x, chi_q, chi_c = sp.symbols("x chi_q chi_c", real=True)
v = sp.Symbol("v", nonnegative=True)
polynomial = sp.Function("polynomial")
one, two = 1 - 2 * v, 1 - 4 * v  # lambda_1 = lambda_3, lambda_2


def factors(slope, counts) -> sp.Expr:
    return (x - slope) ** counts[0] * (x - slope * one) ** counts[1] * (x - slope * two) ** counts[2]


CLAIM = Claim(
    id="conv_spectrum_on_an_even_ring",
    title="spectrum of the Jacobian on a ring of four positions",
    statement=sp.Eq(polynomial(x, chi_q, chi_c, v), factors(chi_q, (1, 2, 1)) * factors(chi_c, (2, 2, 2))),
    source=Source("pabari", "section 3.3, equations (19) to (21)"),
    meaning=(
        "polynomial = the characteristic polynomial of the Jacobian of Sigma -> A * C(Sigma) on symmetric 4 x 4 "
        "matrices, "
        "taps with the shares v, 1 - 2v, v: lambda = 1, 1 - 2v, 1 - 4v, 1 - 2v for the modes 0 to 3.  With chi_c "
        "the modes "
        "0 and 2 occur twice, 1 and 3 once, because an entry at distance 2 is moved to itself by two steps"
    ),
    variables={
        x: "indeterminate",
        chi_q: "slope of a variance",
        chi_c: "slope of a covariance",
        v: "0 <= v <= 1/2",
    },
    uses=("conv_covariance_recurrence", "conv_jacobian_is_not_diagonal"),
)


def derive() -> sp.Expr:
    """Block triangular: the determinants of the variances' and the covariances' blocks."""
    J = _conv.jacobian(4, {0: 1 - 2 * v, 1: v, -1: v}, chi_q, chi_c, sp.Integer(0))
    return sp.factor((x * sp.eye(10) - J).det(method="berkowitz"))


def numbers(statement, point) -> bool:
    """Determinant at exact numbers by elimination, with a coupling that is not zero."""
    J = _conv.jacobian(4, {0: 1 - 2 * point[v], 1: point[v], -1: point[v]}, point[chi_q], point[chi_c], sp.Integer(7))
    return (point[x] * sp.eye(10) - J).det() == statement.rhs.subs(point)


def modes(statement, point) -> bool:
    """The package's list of modes, multiplied out at a point."""
    from derive.networks import Convolutional

    net = Convolutional("tanh", 4, [point[v], 1 - 2 * point[v], point[v]])
    product = sp.Integer(1)
    for k in range(4):
        lam = net.eigenvalue(k)
        product *= (point[x] - point[chi_q] * lam) * (point[x] - point[chi_c] * lam) ** (
            net.kernel.off_diagonal_multiplicity((k,))
        )
    return sp.expand(product) == statement.rhs.subs(point)


POINTS = [
    {x: 2, chi_q: sp.Rational(1, 3), chi_c: sp.Rational(3, 4), v: sp.Rational(1, 5)},
    {x: -1, chi_q: sp.Rational(2, 5), chi_c: sp.Rational(1, 7), v: sp.Rational(1, 3)},
]


def checks():
    yield holds("elimination", numbers, POINTS, method="exact determinants of 10 x 10 matrices")
    yield holds("list of modes", modes, POINTS, method="Convolutional's eigenvalues and multiplicities")
