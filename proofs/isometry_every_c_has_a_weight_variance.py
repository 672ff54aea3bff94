r"""At every finite depth the effective cumulant grows without bound with the weights, so every c > 0 is reached."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

first = sp.Function("first")
sigma, p0, L, area = sp.symbols("sigma p0 L area", positive=True)

CLAIM = Claim(
    id="isometry_every_c_has_a_weight_variance",
    title="a weight variance exists for every effective cumulant at finite depth",
    statement=sp.Eq(first(sigma), sigma * area / sp.sqrt(2 * sp.pi * p0 * L)),
    source=Source("tarnowski2019", "section 5: it is always possible to set the variances of the weights"),
    meaning=(
        "first layer's part of c, a lower bound of c, for large sigma = sigma_w, no biases, area = int phi'(x)^2 dx "
        "(where that is infinite the bound only grows).  c is continuous in sigma_w and 0 at 0, so it takes every "
        "value c > 0 unless phi is constant.  Not uniformly in depth: isometry_sigmoid_cumulant_vanishes"
    ),
    assumptions="phi' and x phi' square integrable",
    variables={sigma: "sigma -> oo", p0: "mean square of the input > 0", L: "depth", area: "> 0"},
    error=1 / sigma,
    limit=(sigma, sp.oo),
)


def derive() -> sp.Expr:
    """c_1 = (sigma^2/L) int phi'^2 n_q dx at q = sigma^2 p0/L; the normal density n_q tends to its value at 0."""
    x, q = sp.symbols("x q", positive=True)
    density = sp.exp(-(x**2) / (2 * q)) / sp.sqrt(2 * sp.pi * q)
    top = sp.limit(density * sp.sqrt(q), q, sp.oo)  # n_q <= top/sqrt(q), so the limit may be taken inside
    return sp.simplify(sigma**2 / L * area * top / sp.sqrt(sigma**2 * p0 / L))


def layer(point, digits):
    """tanh: (sigma^2/L) E sech^4 by mpmath's quadrature."""
    size, square, depth = (mpmath.mpf(point[s].p) / point[s].q for s in (sigma, p0, L))
    q = size**2 * square / depth

    def integrand(x):
        return mpmath.sech(x) ** 4 * mpmath.exp(-x * x / (2 * q))

    return size**2 / depth * 2 * mpmath.quad(integrand, [0, 1, 3, 8, 20, 60]) / mpmath.sqrt(2 * mpmath.pi * q)


def checks():
    yield decay(
        "tanh",
        layer,
        sigma,
        [2**k for k in range(2, 14)],
        [{p0: sp.Rational(3, 2), L: 10, area: sp.Rational(4, 3)}],
        error=CLAIM.error,
        digits=12,
        method="E sech^4 by adaptive quadrature; the area under sech^4 is 4/3",
    )
