r"""The mean empirical variance of residual nets whose modules multiply the squared length by independent factors."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds

from . import _residual

a, b = sp.symbols("a b", positive=True)
L = sp.Symbol("L", positive=True, integer=True)
EV = sp.Function("EV")
CASE = sp.Symbol("case", integer=True, nonnegative=True)

CLAIM = Claim(
    id="fw_residual_variance_product",
    title="mean empirical variance of residual nets with modules of equal scale, exactly",
    statement=sp.Eq(
        EV(L),
        b * (b**L - 1) / (b - 1) * (1 / L - 1 / L**2)
        - 2 * a * b / (b - a) * ((b**L - 1) / (b - 1) - (a**L - 1) / (a - 1)) / L**2,
    ),
    source=Source("hanin2018", "section 3.4, Theorem 4"),
    meaning=(
        "EV(L) is the mean of the variance of M_1, ..., M_L, M_0 = 1, for Gaussian modules of equal scale eta: "
        "a = 1 + 2 eta^2 and b = f(2, eta, n) of fw_linear_module_moments for one linear layer; a = 1 + 2 eta/sqrt(pi) "
        "+ eta^2, b = 1 + 4 eta/sqrt(pi) + 6 eta^2 + 16 eta^3/sqrt(pi) + 6 eta^4 for ReLU at width one. Exponential in "
        "L log b"
    ),
    variables={a: "mean of the factor of a module", b: "mean of its square", L: "modules"},
    uses=("fw_linear_module_moments",),
)


def derive() -> sp.Expr:
    """E M_i M_j = b^i a^(j - i) for i <= j; the geometric sums over pairs."""
    j = sp.Symbol("j", positive=True, integer=True)
    x = sp.Symbol("x", positive=True)
    powers = x * (x**L - 1) / (x - 1)  # sum of x^j, j = 1..L
    if powers.subs(L, 1) != x or sp.simplify(powers.subs(L, L + 1) - powers - x ** (L + 1)) != 0:
        raise ArithmeticError("the geometric sum")
    inner = (b**j * a - b * a**j) / (b - a)  # sum of b^i a^(j - i), 1 <= i < j
    if sp.simplify(inner.subs(j, 1)) != 0 or sp.simplify(inner.subs(j, j + 1) - a * inner - a * b**j) != 0:
        raise ArithmeticError("the sum over the earlier modules")
    squares = powers.subs(x, b)
    pairs = (a * squares - b * powers.subs(x, a)) / (b - a)
    return squares / L - (squares + 2 * pairs) / L**2


def pairs(statement, point) -> bool:
    kind, n, eta, count = CASES[int(point[CASE])]
    first, second = (sp.expand(_residual.factor(kind, n, eta, k)) for k in (1, 2))
    exact = _residual.empirical_variance([first] * count, [second] * count)
    gap = statement.rhs.subs({a: first, b: second, L: count}) - exact
    return sp.simplify(gap) == 0 if kind == "linear" else bool(abs(sp.N(gap, 60)) < sp.Float(10) ** -50)


def package(statement, point) -> bool:
    from derive.finite_width import ResidualReLU

    kind, n, eta, count = CASES[int(point[CASE])]
    exact = ResidualReLU([eta] * count, n, kind).empirical_variance()
    first, second = (_residual.factor(kind, n, eta, k) for k in (1, 2))
    gap = sp.N(statement.rhs.subs({a: first, b: second, L: count}) - exact, 60)
    return bool(abs(gap) < sp.Float(10) ** -50)


CASES = [("linear", 3, sp.Rational(1, 2), 4), ("linear", 1, sp.Integer(1), 7), ("relu", 1, sp.Rational(1, 3), 3)]


def checks():
    points = [{CASE: i} for i in range(len(CASES))]
    yield holds("all pairs", pairs, points, method="sums over pairs of modules of exact factors")
    yield holds("package", package, points, method="the sweep of ResidualReLU from the last module, 50 digits")
