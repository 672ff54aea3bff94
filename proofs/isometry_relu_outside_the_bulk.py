r"""At c = 1/8 and depth 100 the largest singular value of a ReLU network is more than twice the end of the bulk."""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, enclosure

ratio = sp.Symbol("ratio", positive=True)

CLAIM = Claim(
    id="isometry_relu_outside_the_bulk",
    title="isometry for any activation and the largest singular value of ReLU networks",
    statement=sp.Eq(ratio, sp.Rational(2300767, 10**6)),
    source=Source("tarnowski2019", "title and section 4.1, isometry for any activation; section 2.1, its definition"),
    meaning=(
        "|J x_0|/|x_0| over the upper end of the universal spectrum, to six decimals, for c = 1/8, depth 100, skip "
        "1, no "
        "biases, an input of mean 0 and mean square 1; a lower bound of s_max over that end.  The density of singular "
        "values is as printed: a single one leaves it"
    ),
    variables={ratio: "the ratio"},
    uses=("isometry_edges", "isometry_preactivation_recurrence"),
    printed=Printed(
        text="all singular values concentrate (definition), for any activation (title), whatever the depth",
        statement=sp.Eq(ratio, 1),
    ),
)


def ball(point, bits):
    from flint import arb

    kappa, depth = arb(1) / 8, 100
    size, mean = arb(1), arb(0)
    for _ in range(depth):
        length = 2 * kappa * size / depth
        first = (length / (2 * arb.pi())).sqrt()
        size, mean = size + length / 2 + 2 * mean * first, mean + first
    edge = (kappa * (kappa + 2)).sqrt() + (1 + kappa).acosh()
    return size.sqrt() / (edge / 2).exp()


def simulated_layers(point, digits):
    """The same with Gaussian means by numerical quadrature of max(u, 0) and its square."""
    size, mean = mpmath.mpf(1), mpmath.mpf(0)
    second = mpmath.quad(lambda z: z * z * mpmath.npdf(z), [0, 3, 12])
    first = mpmath.quad(lambda z: z * mpmath.npdf(z), [0, 3, 12])
    for _ in range(100):
        length = size / 400
        size, mean = size + length * second + 2 * mean * first * mpmath.sqrt(length), mean + first * mpmath.sqrt(length)
    v = mpmath.sqrt(17)  # sqrt((kappa + 2)/kappa)
    return mpmath.sqrt(size) / mpmath.exp((mpmath.log((v + 1) / (v - 1)) + v / 8) / 2)


def _enclosure():
    return enclosure(
        "100 layers in balls",
        ball,
        radius=Fraction(1, 10**7),
        within=Fraction(1, 10**6),
        method="recurrence of length and mean in ball arithmetic, end of the spectrum in closed form",
    )


def checks():
    yield _enclosure()
    yield digits("100 layers by quadrature", simulated_layers, digits=6, method="Gaussian means by mpmath.quad")


def printed_checks():
    yield _enclosure()
