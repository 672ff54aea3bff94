r"""The length of one tanh full residual network after 10^12 layers, proved to lie in a ball."""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, enclosure

from .tanh_frn_length_constant import VALUES

p = sp.Symbol("p", positive=True)

CLAIM = Claim(
    id="tanh_frn_length_at_depth",
    title="length after 10^12 layers",
    statement=sp.Eq(p, sp.Rational(155999835470732631487665800047, 10**17)),
    source=Source("derive", "networks: any depth"),
    meaning=(
        "p after 10^12 layers of a tanh full residual network with sigma_v2 = 1.13, sigma_w2 = 0.77, sigma_a2 = 0.43, "
        "sigma_b2 = 0.31, p_0 = 1, to 17 decimals"
    ),
    variables={p: "the length"},
    uses=("tanh_frn_length_constant",),
)


def ball(point, bits):
    from derive.networks import FullResidual

    return FullResidual("tanh").at(10**12, "p", digits=32, certified=True, **VALUES, p0=1).arb


def series_by_hand(point, digits):
    """Solve A(P) = l + c with the four terms of the Abel function and the constant that other claims state."""
    from .tanh_frn_abel_function import CLAIM as ABEL
    from .tanh_frn_abel_function import P, S
    from .tanh_frn_length_constant import CLAIM as CONSTANT

    values = {getattr(S, name): sp.Rational(text) for name, text in VALUES.items()}
    abel = sp.lambdify(P, ABEL.statement.rhs.subs(values), "mpmath")
    c = mpmath.mpf(CONSTANT.statement.rhs.p) / CONSTANT.statement.rhs.q
    start = mpmath.mpf("1.56e12")
    root = mpmath.findroot(lambda length: abel(length) - 10**12 - c, start)
    return root - mpmath.mpf(31) / 77


def checks():
    yield enclosure(
        "enclosure",
        ball,
        radius=Fraction(1, 10**28),
        within=Fraction(1, 10**16),
        method="Abel series, defect bounded on a circle, remainder of V's series, all side conditions in balls",
    )
    yield digits(
        "four terms of the Abel function",
        series_by_hand,
        digits=20,
        method="mpmath.findroot on A(P) = l + c",
    )
