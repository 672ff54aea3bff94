r"""A residual module that is one linear Gaussian layer: the factor of E M^2."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds

eta = sp.Symbol("eta", positive=True)
n = sp.Symbol("n", positive=True, integer=True)
f2 = sp.Function("f2")

CLAIM = Claim(
    id="fw_linear_module_second_moment",
    title="second moment of the squared length after a linear residual module",
    statement=sp.Eq(f2(eta, n), 1 + 4 * eta**2 * (1 + 2 / n) + 4 * eta**4 * (1 + 2 / n)),
    source=Source("hanin2018", "Theorem 6: E M_L^K for residual nets"),
    meaning="f2 = E |x + eta W x|^4/|x|^4 for Gaussian W of variance 2/n; E M_L^2 is the product over the modules",
    variables={eta: "scale", n: "width"},
)


def derive() -> sp.Expr:
    """W x/|x| is a Gaussian vector: 1 + 2 s xi + s^2 (xi^2 + chi^2_(n-1)), squared, with s^2 = 2 eta^2/n."""
    s, xi, rest = sp.symbols("s xi rest")
    poly = sp.Poly(sp.expand((1 + 2 * s * xi + s**2 * (xi**2 + rest)) ** 2), xi, rest)
    normal = {0: 1, 1: 0, 2: 1, 3: 0, 4: 3}
    chi = {0: 1, 1: n - 1, 2: (n - 1) * (n + 1)}
    total = sum(c * normal[a] * chi[b] for (a, b), c in zip(poly.monoms(), poly.coeffs(), strict=True))
    return sp.expand(sp.expand(total).subs(s, eta * sp.sqrt(2 / n)))


def entries(statement, point):
    """All entries of W x kept as separate Gaussian variables."""
    width, scale = int(point[n]), point[eta]
    g = sp.symbols(f"g0:{width}")
    x = [sp.Integer(1)] + [sp.Integer(0)] * (width - 1)
    square = sp.expand(sum((a + scale * b) ** 2 for a, b in zip(x, g, strict=True)) ** 2)
    poly, v = sp.Poly(square, *g), sp.Rational(2, width)
    total = sp.Integer(0)
    for powers, c in zip(poly.monoms(), poly.coeffs(), strict=True):
        if all(k % 2 == 0 for k in powers):
            total += c * sp.prod([v ** (k // 2) * sp.factorial2(k - 1) for k in powers])
    return statement.rhs.subs(point) == total


def package(statement, point):
    from derive.finite_width import ResidualReLU

    width = int(point[n])
    return statement.rhs.subs(point) == ResidualReLU(
        [point[eta]], width, "linear", input=[1] + [0] * (width - 1)
    ).moment(2)


def checks():
    points = [{n: a, eta: b} for a, b in ((1, 1), (2, sp.Rational(1, 2)), (5, 3))]
    yield holds("entries", entries, points, method="Gaussian moments of every entry")
    yield holds("package", package, points, method="products over modules of ResidualReLU")
