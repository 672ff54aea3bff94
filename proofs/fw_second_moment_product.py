r"""Critical Gaussian ReLU nets: the second moment of the squared length is a product over the layers."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds

from . import _fw

M0 = sp.Symbol("M0", positive=True)
n, d = sp.symbols("n d", positive=True, integer=True)
EM2 = sp.Function("EM2")

CLAIM = Claim(
    id="fw_second_moment_product",
    title="second moment of the squared length of a critical Gaussian ReLU net",
    statement=sp.Eq(EM2(n, d), M0**2 * (1 + 5 / n) ** d),
    source=Source("hanin2018", "Theorem 5: Var M_d is exponential in the sum of 1/n_j"),
    meaning=(
        "EM2(n, d) is the mean of M_d^2 for Gaussian weights of variance 2/fan-in, no biases, d layers of n units; "
        "with unequal widths the factors are 1 + 5/n_j"
    ),
    variables={M0: "|input|^2/n_0", n: "width", d: "depth"},
    uses=("fw_second_moment_layer",),
)


def derive() -> sp.Expr:
    """The moment operator of one layer is a number; five widths fix it as a polynomial in 1/n of degree one."""
    from derive.finite_width.power_sums import Layer

    points = []
    for width in (1, 2, 3, 5, 8):
        (factor,) = Layer(width, (sp.Rational(2, width), 0), (0, 0)).mean({(2,): sp.Rational(1, width**2)}).values()
        points.append((sp.Rational(1, width), sp.nsimplify(factor * width**2)))
    x = sp.Symbol("x")
    polynomial = sp.interpolate(points, x)
    if sp.degree(polynomial, x) != 1:
        raise ArithmeticError("the factor of a layer is no linear function of 1/n")
    return M0**2 * polynomial.subs(x, 1 / n) ** d


def mixture(statement, point) -> bool:
    """A layer of Gaussian ReLUs is a chi-square with a binomial number of degrees of freedom."""
    exact = _fw.rational(_fw.layer_factor(int(point[n]), 2)) ** point[d] * 9
    return sp.simplify(statement.rhs.subs({**point, M0: 3}) - exact) == 0


def checks():
    yield holds(
        "chi-square mixture",
        mixture,
        [{n: 1, d: 1}, {n: 2, d: 3}, {n: 7, d: 2}, {n: 40, d: 30}],
        method="second moments of chi-square laws, summed over the binomial number of active units",
    )
