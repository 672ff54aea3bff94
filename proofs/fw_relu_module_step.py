r"""One residual module ending with ReLU: the sum of the entries of the stream enters, so no product formula holds."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits

M, eta = sp.symbols("M eta", positive=True)
A = sp.Symbol("A", real=True)
n = sp.Symbol("n", positive=True, integer=True)
EM = sp.Symbol("EM", positive=True)

CLAIM = Claim(
    id="fw_relu_module_step",
    title="mean squared length after a residual module ending with ReLU",
    statement=sp.Eq(EM, (1 + eta**2) * M + 2 * eta * A * sp.sqrt(M / (sp.pi * n))),
    source=Source("hanin2018", "Theorem 2; section 3.2"),
    meaning=(
        "EM is the mean of |x + eta ReLU(W x)|^2 given x, W Gaussian of variance 2/n; with |A| <= sqrt(n M) the factor "
        "of M lies between 1 + eta^2 (A = 0) and 1 + 2 eta/sqrt(pi) + eta^2 (equal entries)"
    ),
    variables={M: "|x|^2", A: "sum of the entries of x", n: "width", eta: "scale of the module"},
)


def derive() -> sp.Expr:
    """Sum over the entries of E (x_i + eta ReLU(h))^2, h normal of variance 2 M/n."""
    h, x = sp.symbols("h x", real=True)
    variance = 2 * M / n
    density = sp.exp(-(h**2) / (2 * variance)) / sp.sqrt(2 * sp.pi * variance)
    first, second = (sp.integrate(h**k * density, (h, 0, sp.oo)) for k in (1, 2))
    entry = sp.Poly(x**2 + 2 * eta * x * first + eta**2 * second, x)
    sums = {2: M, 1: A, 0: n}
    return sum(c * sums[k] for (k,), c in zip(entry.monoms(), entry.coeffs(), strict=True))


INPUTS = [(1, 2), (-1, 3, 1), (sp.Rational(1, 2), 0, 0, -1)]


def _point(vector, scale):
    return {M: sum(x**2 for x in vector), A: sum(vector), n: len(vector), eta: scale}


POINTS = [_point(v, s) for v, s in zip(INPUTS, (1, sp.Rational(1, 3), 2), strict=True)]


def quadrature(point, digits):
    """Entry by entry, the defining integral over one pre-activation."""
    vector = next(v for v in INPUTS if len(v) == point[n])
    deviation = mpmath.sqrt(mpmath.mpf(2) * sum(mpmath.mpf(float(x)) ** 2 for x in vector) / len(vector))
    scale = mpmath.mpf(int(point[eta].p)) / int(point[eta].q)
    total = mpmath.mpf(0)
    for x in vector:
        entry = mpmath.mpf(float(x))
        inside = [0, 2, 6, 20]
        active = mpmath.quad(lambda z, e=entry: (e + scale * deviation * z) ** 2 * mpmath.npdf(z), inside)
        total += active + entry**2 / 2
    return total


def checks():
    yield digits("quadrature", quadrature, POINTS, digits=30, method="mpmath.quad over each pre-activation")
