r"""A covariance with one variance and one covariance keeps that form, and follows the fully connected recurrence."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds
from derive.networks.convolution.equations import SYMBOLS, MeanOfProduct, Sigma_

from . import _conv

after = sp.Symbol("after", real=True)
q, lam = sp.Symbol("q", positive=True), sp.Symbol("lam", real=True)
STATEMENT = sp.Eq(after, SYMBOLS.sigma_w2 * MeanOfProduct(q, q, lam) + SYMBOLS.sigma_b2)

CLAIM = Claim(
    id="conv_fixed_point_has_two_values",
    title="Sigma* has the q* and c* of a fully connected network",
    statement=STATEMENT,
    source=Source("pabari", "equation (18)"),
    meaning=(
        "after = the covariance of any two different positions when before the layer all variances are q and all "
        "covariances lam, for any shares of the taps that add up to 1; the same as in a fully connected network, so "
        "q*(delta + (1 - delta)c*) is a fixed point"
    ),
    variables={
        q: "q > 0",
        lam: "|lam| <= q",
        SYMBOLS.sigma_w2: "sigma_w2 > 0",
        SYMBOLS.sigma_b2: "sigma_b2 >= 0",
    },
    uses=("conv_covariance_recurrence",),
    printed=Printed(text="Sigma* = q*(delta + (1 - delta) c*), c* of the fully connected network", statement=STATEMENT),
)


def derive() -> sp.Expr:
    """Put two values into the covariance map; the shares add up to 1."""
    from derive.networks.convolution.equations import general_covariance_equation

    rhs = general_covariance_equation(_conv.kernel(), 0, 1).rhs
    rhs = rhs.replace(Sigma_, lambda i, j: q if (i - j) % 3 == 0 else lam)
    return sp.expand(rhs.subs(_conv.v2, 1 - _conv.v0 - _conv.v1))


def explicit(statement, point) -> bool:
    """Three positions, the activation x^2, all weights averaged one by one."""
    two = sp.Matrix(3, 3, lambda i, j: point[q] if i == j else point[lam])
    rhs = statement.rhs.replace(MeanOfProduct, lambda x, y, xy: x * y + 2 * xy**2)
    numbers = {SYMBOLS.sigma_w2: _conv.VALUES[_conv.w2], SYMBOLS.sigma_b2: _conv.VALUES[_conv.b2]}
    value = rhs.subs(numbers | {q: point[q], lam: point[lam]})
    return all(value == _conv.explicit_layer(i, j, two) for i, j in ((0, 1), (1, 2), (2, 0)))


def check():
    points = [{q: sp.Rational(3, 2), lam: sp.Rational(2, 5)}, {q: 2, lam: -1}]
    return holds("sum over all weights", explicit, points, method="exact means of x^2 on three positions")


def checks():
    yield check()


def printed_checks():
    yield check()
