r"""All moments of the squared length after a linear residual module: Laguerre polynomials."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds

eta = sp.Symbol("eta", positive=True)
n, k = sp.symbols("n k", positive=True, integer=True)
f = sp.Function("f")

CLAIM = Claim(
    id="fw_linear_module_moments",
    title="moments of every order of the squared length after a linear residual module",
    statement=sp.Eq(
        f(k, eta, n),
        (4 * eta**2 / n) ** k * sp.factorial(k) * sp.assoc_laguerre(k, n / 2 - 1, -n / (4 * eta**2)),
    ),
    source=Source("hanin2018", "Theorem 6: E M_L^K for residual nets"),
    meaning=(
        "f(k, eta, n) = E |x + eta W x|^(2k)/|x|^(2k) for Gaussian W of variance 2/n; E M_L^k is M_0^k times the "
        "product over the modules. With hidden layers the power eta^(2j) in it is multiplied by the moment of order j "
        "of |h|^2/|x|^2"
    ),
    variables={eta: "scale", n: "width", k: "order"},
)


def derive() -> sp.Expr:
    """The generating function of noncentral chi-square moments is that of the Laguerre polynomials."""
    s, a, u = sp.symbols("s a u", positive=True)
    b, t, xi, x, alpha = sp.symbols("b t xi x alpha", real=True)
    # E exp(t (1 + s xi)^2) and E exp(t (s xi)^2), by the integral of exp(b xi - a xi^2), a = 1/2 - t s^2
    whole = sp.simplify(sp.integrate(sp.exp(b * xi - a * xi**2), (xi, -sp.oo, sp.oo)) / sp.sqrt(2 * sp.pi))
    first = sp.exp(t) * whole.subs(b, 2 * t * s)
    rest = whole.subs(b, 0) ** (n - 1)
    logarithm = sp.expand_log(sp.log(first) + sp.log(rest), force=True)
    laguerre = (1 - u) ** (-alpha - 1) * sp.exp(-x * u / (1 - u))  # sum of L_k^alpha(x) u^k
    # (k + 1) L_(k+1) = (2k + 1 + alpha - x) L_k - (k + alpha) L_(k-1), summed over k
    slope = sp.diff(-(alpha + 1) * sp.log(1 - u) - x * u / (1 - u), u)  # of its logarithm
    if sp.simplify((1 - u) ** 2 * slope - ((1 - u) * (1 + alpha) - x)) != 0:
        raise ArithmeticError("the generating function does not satisfy the recurrence of the Laguerre polynomials")
    at = {alpha: n / 2 - 1, x: -1 / (2 * s**2)}
    stated = sp.expand_log(sp.log(laguerre.subs(at)), force=True)
    place = {a: (1 - u) / 2, t: u / (2 * s**2)}
    gap = sp.expand_log(sp.expand(logarithm.subs(place, simultaneous=True) - stated), force=True)
    if sp.simplify(gap) != 0:
        raise ArithmeticError("the generating functions differ")
    moment = sp.factorial(k) * (2 * s**2) ** k * sp.assoc_laguerre(k, *(at[v] for v in (alpha, x)))
    return moment.subs(s, eta * sp.sqrt(2 / n))


def entries(statement, point):
    """All entries of W x kept as separate Gaussian variables."""
    width, scale, order = int(point[n]), point[eta], int(point[k])
    g = sp.symbols(f"g0:{width}")
    square = sp.expand(((1 + scale * g[0]) ** 2 + sum((scale * b) ** 2 for b in g[1:])) ** order)
    poly, v = sp.Poly(square, *g), sp.Rational(2, width)
    total = sp.Integer(0)
    for powers, c in zip(poly.monoms(), poly.coeffs(), strict=True):
        if all(q % 2 == 0 for q in powers):
            total += c * sp.prod([v ** (q // 2) * sp.factorial2(q - 1) for q in powers])
    return sp.simplify(statement.rhs.subs(point) - total) == 0


def package(statement, point):
    """The operators on polynomials in M, by binomial sums of rising products."""
    from derive.finite_width import ResidualReLU

    width = int(point[n])
    net = ResidualReLU([point[eta]], width, "linear", input=[1] + [0] * (width - 1))
    return sp.simplify(statement.rhs.subs(point) - net.moment(int(point[k]))) == 0


def checks():
    half = sp.Rational(1, 2)
    points = [{n: a, eta: b, k: c} for a, b, c in ((1, 1, 2), (2, half, 3), (3, 3, 4), (5, half, 3))]
    yield holds("entries", entries, points, method="Gaussian moments of every entry")
    points = [{n: a, eta: b, k: c} for a, b, c in ((1, 2, 7), (6, half, 5), (20, half, 9))]
    yield holds("package", package, points, method="products over modules of ResidualReLU")
