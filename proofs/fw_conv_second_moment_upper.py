r"""ConvNets: the constant of the sum of reciprocal fan-ins is five times the size of the kernel, and no less."""

from fractions import Fraction

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

from . import _fw

E2, S, k = sp.symbols("E2 S k", positive=True)
CASE = sp.Symbol("case", integer=True, nonnegative=True)

CLAIM = Claim(
    id="fw_conv_second_moment_upper",
    title="upper bound of the second moment of the squared length of ConvNets",
    statement=sp.Le(E2, sp.exp(5 * k * S)),
    source=Source("hanin2018", "section 5, below Theorem 5: the constants depend on the kernel's size"),
    meaning=(
        "E2 is E M_d^2, M_0 = 1, of ReLU ConvNets whose positions wrap around, critical Gaussian weights, no biases, "
        "any image, kernels of at most k taps; S is the sum of the reciprocal fan-ins n_j = k C_j. A layer of C "
        "channels gives at most the factor 1 + 5/C = 1 + 5 k/n, whatever the size of the image; an image with equal "
        "positions attains it, so no constant below 5 k will do"
    ),
    variables={E2: "E M_d^2", S: "sum of 1/(k C_j)", k: "taps"},
    uses=("fw_conv_second_moment_layer",),
    printed=Printed(
        text="the constants of Theorem 5 depend on the bound for the kernel's size, n_j being the fan-in",
        statement=sp.Le(E2, sp.exp(5 * k * S)),
    ),
)


def proof():
    """E y^2 y'^2 <= (E y^4 E y'^4)^(1/2) = (3/2) K K' by Cauchy and Schwarz; then factor by factor."""
    from . import fw_conv_second_moment_layer as layer

    top = layer.CLAIM.statement.rhs.subs(layer.c, 1)  # every pair at the bound
    _fw.step(sp.simplify(top - (1 + 5 / layer.C)) == 0, "the factor of a layer")
    # unequal variances: sum over pairs of l l' K K' (3/2) = (3/2) (sum l K)^2, against the mean (1/2) sum l K squared
    total = sp.Symbol("total", positive=True)
    _fw.step(sp.Rational(3, 2) * total**2 / (total / 2) ** 2 - 1 == 5, "pairs of positions in one channel")
    x = sp.Symbol("x", nonnegative=True)
    _fw.not_negative_from_zero(sp.exp(5 * x) - 1 - 5 * x, x, 2)
    return sp.Le(E2, sp.exp(5 * x).subs(x, k * S))


# channels, taps, image (None: equal positions, any number of them)
NETS = [([1, 10, 10], 3, None), ([1, 1], 2, None), ([1, 500, 500, 500], 3, None), ([1, 3], 2, [1, 2, 0])]


def exact(statement, point):
    channels, taps, image = NETS[int(point[CASE])]
    if image is None:  # every channel is one unit, repeated at all positions
        second = sp.prod([_fw.rational(1 + (_fw.layer_factor(1, 2) - 1) / c) for c in channels[1:]])
    else:
        second = _pairs(image, taps, channels[1])
    total = sum(sp.Rational(1, taps * c) for c in channels[1:])
    return _fw.relation_at(statement, {E2: second, S: total, k: taps})


def _pairs(row, taps, channels):
    """One layer, one channel in: E M^2/M_0^2 over pairs of positions, from the arccosine kernel."""
    size = len(row)
    patches = [[row[(i + b - taps // 2) % size] for b in range(taps)] for i in range(size)]
    dot = [[Fraction(sum(a * b for a, b in zip(p, q, strict=True))) for q in patches] for p in patches]
    trace, one = sum(dot[i][i] for i in range(size)), sp.Integer(0)
    for p in range(size):
        for q in range(size):
            cos = _fw.rational(dot[p][q]) / sp.sqrt(_fw.rational(dot[p][p] * dot[q][q]))
            angle = sp.acos(cos)
            kernel = (3 * sp.sin(angle) * cos + (sp.pi - angle) * (1 + 2 * cos**2)) / (2 * sp.pi)
            one += _fw.rational(dot[p][p] * dot[q][q]) * kernel
    mean = _fw.rational(trace) / 2
    return sp.N((channels * one + channels * (channels - 1) * mean**2) / (channels * mean) ** 2, 60)


def bounded(statement, point):
    """An image of five positions and three layers: the package's upper bound lies below."""
    from derive.finite_width import ReLUConvNet

    channels, image = [1, 6, 6, 8], [[1, -1, 2, 0, 3]]
    net = ReLUConvNet(channels, 5, 3, input=image)
    total = sum(sp.Rational(1, 3 * c) for c in channels[1:])
    high = sp.N(net.bounds().upper / net.moment(1) ** 2, 60)
    return _fw.relation_at(statement, {E2: high, S: total, k: 3})


def _exact():
    points = [{CASE: i} for i in range(len(NETS))]
    return holds(
        "images", exact, points, method="chi-square mixtures for equal positions; arccosine kernels for one layer"
    )


def checks():
    yield _fw.shown(
        "channel by channel", proof, method="Cauchy and Schwarz over pairs of positions; 1 + 5 x <= exp(5 x)"
    )
    yield _exact()
    yield holds("package", bounded, method="the proved upper bound of ReLUConvNet for three layers")


def printed_checks():
    yield _exact()
