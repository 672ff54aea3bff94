r"""One ReLU layer of a ConvNet: the second moment depends on how the patches of the image are correlated."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, holds

c = sp.Symbol("c", real=True)
C, S = sp.symbols("C S", positive=True, integer=True)
f = sp.Function("f")
J2 = (3 * c * sp.sqrt(1 - c**2) + (sp.pi - sp.acos(c)) * (1 + 2 * c**2)) / (3 * sp.pi)

CLAIM = Claim(
    id="fw_conv_second_moment_layer",
    title="second moment of the squared length after a convolutional layer",
    statement=sp.Eq(f(C, S, c), 1 + (6 * (1 + (S - 1) * J2) / S - 1) / C),
    source=Source("hanin2018", "section 5, below Theorem 5: the constants depend on the kernel's size"),
    meaning=(
        "f = E M'^2/(E M')^2 for C channels out and S positions, Gaussian weights, no biases, an image whose patches "
        "have equal lengths and the correlation c, the same for every two positions: 1 + 5/C at c = 1, where the "
        "positions are equal"
    ),
    variables={c: "correlation of two patches, -1/(S - 1) <= c <= 1", C: "channels out", S: "positions"},
)


def derive() -> sp.Expr:
    """Channels are independent; E y^2 y'^2 = (3/2) J_2(c) at variance 1, and E y^2 = 1/2."""
    from derive.kernels import J

    h = sp.Symbol("h", real=True)
    density = sp.exp(-(h**2) / 2) / sp.sqrt(2 * sp.pi)
    second, fourth = (sp.integrate(h**k * density, (h, 0, sp.oo)) for k in (2, 4))
    one = S * fourth + S * (S - 1) * fourth * J(2, c).doit()  # E (sum of y^2 over the positions)^2 of a channel
    mean = S * second
    return sp.expand((C * one + C * (C - 1) * mean**2) / (C * mean) ** 2)


def quadrature(point, digits):
    """Two positions: the double integral over the quadrant, in polar coordinates a single one."""
    rho, channels = point[c], int(point[C])
    cos = mpmath.mpf(int(rho.p)) / int(rho.q)

    def angular(t):
        u, w = mpmath.cos(t), cos * mpmath.cos(t) + mpmath.sqrt(1 - cos**2) * mpmath.sin(t)
        return max(u, 0) ** 2 * max(w, 0) ** 2

    edge = mpmath.acos(cos)
    low, high = edge - mpmath.pi / 2, mpmath.pi / 2  # where both are positive
    product = mpmath.quad(angular, [low, (low + high) / 2, high]) * 8 / (2 * mpmath.pi)  # int r^5 e^(-r^2/2) = 8
    one = 2 * mpmath.mpf(3) / 2 + 2 * product
    return (channels * one + channels * (channels - 1)) / mpmath.mpf(channels) ** 2


def package(statement, point) -> bool:
    """Images of S positions under one tap: rows of a Cholesky factor of the correlations as channels."""
    from derive.finite_width import ReLUConvNet

    size, value = int(point[S]), point[c]
    root = sp.Matrix(size, size, lambda i, j: 1 if i == j else value).cholesky()
    image = [list(root[:, j]) for j in range(size)]
    net = ReLUConvNet([size, int(point[C])], size, 1, input=image)
    gap = sp.N(net.moment(2) / net.moment(1) ** 2 - statement.rhs.subs(point), 40)
    return bool(abs(gap) < sp.Float(10) ** -35)


def checks():
    half = sp.Rational(1, 2)
    points = [{S: 2, C: 1, c: half}, {S: 2, C: 5, c: -sp.Rational(1, 3)}, {S: 2, C: 3, c: sp.Rational(9, 10)}]
    yield digits("quadrature", quadrature, points, digits=25, method="mpmath.quad over the angle of two positions")
    points = [{S: 2, C: 3, c: -half}, {S: 3, C: 4, c: half}, {S: 4, C: 2, c: sp.Rational(1, 5)}]
    yield holds("package", package, points, method="ReLUConvNet with one tap, 35 digits")
