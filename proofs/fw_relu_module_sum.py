r"""The sum of the entries of the stream after a residual module ending with ReLU, which makes lengths grow.

From it, for A >= 0: E A'^2 >= A^2 (1 + eta/sqrt(pi))^2 (|A| <= sqrt(n M)), A never falls, and n M >= A^2. So
E M_L >= (A_0^2/n) prod (1 + eta_l/sqrt(pi))^2 for every number of modules.
"""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits

M, eta = sp.symbols("M eta", positive=True)
A = sp.Symbol("A", real=True)
n = sp.Symbol("n", positive=True, integer=True)
EA2 = sp.Symbol("EA2", positive=True)

CLAIM = Claim(
    id="fw_relu_module_sum",
    title="mean square of the sum of the entries after a residual module ending with ReLU",
    statement=sp.Eq(EA2, (A + eta * sp.sqrt(n * M / sp.pi)) ** 2 + eta**2 * M * (1 - 1 / sp.pi)),
    source=Source("hanin2018", "Theorems 2 and 6: growth with the sum of the scales"),
    meaning=(
        "EA2 is the mean of the square of the sum of the entries of x + eta ReLU(W x) given x, W Gaussian of "
        "variance 2/n"
    ),
    variables={M: "|x|^2", A: "sum of the entries of x", n: "width", eta: "scale of the module"},
)


def derive() -> sp.Expr:
    """The units are independent given x: mean and variance of a sum."""
    h = sp.Symbol("h", real=True)
    variance = 2 * M / n
    density = sp.exp(-(h**2) / (2 * variance)) / sp.sqrt(2 * sp.pi * variance)
    first, second = (sp.integrate(h**k * density, (h, 0, sp.oo)) for k in (1, 2))
    return (A + eta * n * first) ** 2 + eta**2 * n * (second - first**2)


def quadrature(point, digits):
    """Width two: the double integral over both pre-activations, split where a unit is inactive."""
    size, scale, total = (mpmath.mpf(int(point[s].p)) / int(point[s].q) for s in (M, eta, A))
    deviation = mpmath.sqrt(size)  # 2 M/n at n = 2

    def moment(k):
        return mpmath.quad(lambda z: (deviation * z) ** k * mpmath.npdf(z), [0, 2, 6, 20])

    # (A + eta (y1 + y2))^2 expanded over independent y; E y^0 counts the inactive half too
    one, two = moment(1), moment(2)
    return total**2 + 2 * total * scale * 2 * one + scale**2 * (2 * two + 2 * one**2)


def checks():
    points = [{n: 2, M: m, A: a, eta: e} for m, a, e in ((5, 3, 1), (1, 0, sp.Rational(1, 3)), (2, -1, 2))]
    yield digits(
        "quadrature", quadrature, points, digits=30, method="mpmath.quad over the pre-activations at width two"
    )
