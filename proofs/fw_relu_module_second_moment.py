r"""The second moment of the squared length after a residual module of one layer of ReLUs, given the stream before."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits

M, eta = sp.symbols("M eta", positive=True)
A = sp.Symbol("A", real=True)
n = sp.Symbol("n", positive=True, integer=True)
EM2 = sp.Symbol("EM2", positive=True)

CLAIM = Claim(
    id="fw_relu_module_second_moment",
    title="second moment of the squared length after a residual module ending with ReLU",
    statement=sp.Eq(
        EM2,
        ((1 + eta**2) * M + 2 * eta * A * sp.sqrt(M / (sp.pi * n))) ** 2
        + 4 * eta**2 * M**2 / n * (1 - 1 / sp.pi)
        + 12 * eta**3 * A * (M / n) ** sp.Rational(3, 2) / sp.sqrt(sp.pi)
        + 5 * eta**4 * M**2 / n,
    ),
    source=Source("hanin2018", "Theorems 4 and 6: moments for modules that end with ReLU"),
    meaning=(
        "EM2 is the mean of |x + eta ReLU(W x)|^4 given x, W Gaussian of variance 2/n. Higher moments are polynomials "
        "in the power sums of the entries and sqrt(M); the next module needs the mean of A M^(3/2), which no finite "
        "set of moments gives"
    ),
    variables={M: "|x|^2", A: "sum of the entries of x", n: "width", eta: "scale of the module"},
)


def derive() -> sp.Expr:
    """The joint cumulants of the package, with s^2 = 2 eta^2 M/n and E z_+ = 1/sqrt(2 pi) put in."""
    from derive.finite_width.relu_growth import joint_moment

    moment = joint_moment(0, 2)
    s = eta * sp.sqrt(2 * M / n)
    values = {"n": n, "A": A, "M": M, "P": sp.Integer(0), "s": s, "c": 1 / sp.sqrt(2 * sp.pi), "x": sp.Integer(0)}
    return sp.expand(moment.as_expr(*(values[str(g)] for g in moment.ring.symbols)))


INPUTS = [(1, 2), (-1, 3, 1), (sp.Rational(1, 2), 0, 0, -1)]
SCALES = [1, sp.Rational(1, 3), 2]


def _point(vector, scale):
    return {M: sum(x**2 for x in vector), A: sum(vector), n: len(vector), eta: scale}


def quadrature(point, digits):
    """Means and variances of the squares of the entries, integrals over one pre-activation; units are independent."""
    vector = next(v for v in INPUTS if len(v) == point[n])
    entries = [mpmath.mpf(int(sp.Rational(x).p)) / int(sp.Rational(x).q) for x in vector]
    deviation = mpmath.sqrt(2 * sum(x**2 for x in entries) / len(entries))
    scale = mpmath.mpf(int(point[eta].p)) / int(point[eta].q)
    mean = variance = mpmath.mpf(0)
    for e in entries:
        second, fourth = (
            mpmath.quad(lambda z, e=e, k=k: (e + scale * deviation * z) ** k * mpmath.npdf(z), [0, 2, 6, 20]) + e**k / 2
            for k in (2, 4)
        )
        mean += second
        variance += fourth - second**2
    return mean**2 + variance


def checks():
    points = [_point(v, s) for v, s in zip(INPUTS, SCALES, strict=True)]
    yield digits("quadrature", quadrature, points, digits=30, method="mpmath.quad over each pre-activation")
