r"""The covariance map of a convolutional layer, from the layer definition."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds
from derive.networks.convolution.equations import SYMBOLS, MeanOfProduct, Sigma_

from . import _conv

after = sp.Symbol("after", real=True)
M = sp.symbols("M0:3", real=True)
S = SYMBOLS


def stated(shares) -> sp.Expr:
    return S.sigma_w2 * sum(v * m for v, m in zip(shares, M, strict=True)) + S.sigma_b2


CLAIM = Claim(
    id="conv_covariance_recurrence",
    title="covariance map of a convolutional layer",
    statement=sp.Eq(after, stated(_conv.V)),
    source=Source("pabari", "equations (13) to (17)"),
    meaning=(
        "after = the covariance of positions a and b after a wide layer with three taps, shares v0, v1, v2 of the "
        "offsets "
        "0, 1, -1; Mk = E phi(u1) phi(u2) with the covariances of the positions a and b moved by the k-th offset"
    ),
    variables={
        S.sigma_w2: "sigma_w2 > 0",
        S.sigma_b2: "sigma_b2 >= 0",
        **dict.fromkeys(M, "mean product before the layer"),
        **dict.fromkeys(_conv.V, "share of a tap, >= 0"),
    },
    printed=Printed(
        text="Sigma' = A * C(Sigma) with the equal shares 1/(2k + 1) of section 3.3, here k = 1",
        statement=sp.Eq(after, stated([sp.Rational(1, 3)] * 3)),
    ),
)


def derive() -> sp.Expr:
    """Pair the weights of the layer definition and average over the channels."""
    from derive.networks.convolution.equations import general_covariance_equation

    a, b = sp.symbols("a b", integer=True)
    rhs = general_covariance_equation(_conv.kernel(), a, b).rhs
    names = {}
    for shift, name in zip((0, 1, -1), M, strict=True):
        p, q = a + shift, b + shift
        names[MeanOfProduct(Sigma_(p, p), Sigma_(q, q), Sigma_(p, q))] = name
    return sp.expand(rhs.xreplace(names))


def compared(shares):
    def agrees(statement, point) -> bool:
        """The statement with the means of x^2 put in, against the sum over all weights."""
        i, j = int(point[a]), int(point[b])
        means = [_conv.gaussian_pair((i + s) % 3, (j + s) % 3, _conv.COVARIANCE) for s in (0, 1, -1)]
        numbers = {S.sigma_w2: _conv.VALUES[_conv.w2], S.sigma_b2: _conv.VALUES[_conv.b2]}
        numbers |= dict(zip((*_conv.V, *M), (*shares, *means), strict=True))
        return statement.rhs.subs(numbers) == _conv.explicit_layer(i, j, shares=shares)

    return agrees


a, b = sp.symbols("a b", integer=True)
POINTS = [{a: 0, b: 1}, {a: 1, b: 1}, {a: 2, b: 0}]
METHOD = "activation x^2, two channels, three positions: every pair of weights averaged one by one, exact"


def checks():
    yield holds("sum over all weights", compared(_conv.SHARES), POINTS, method=METHOD)


def printed_checks():
    yield holds("equal shares", compared((sp.Rational(1, 3),) * 3), POINTS, method=METHOD)
