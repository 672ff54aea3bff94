r"""Two inputs of a tanh reduced residual network become orthogonal, like l^(-(1 - 2/pi))."""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

from . import _cosine

l = sp.Symbol("l", positive=True)
exponent = sp.Symbol("exponent", positive=True)

CLAIM = Claim(
    id="tanh_rrn_cosine_decay",
    title="decay of the cosine distance, tanh reduced residual network",
    statement=sp.Eq(exponent, 1 - 2 / sp.pi),
    source=Source("yang2017", "theorem B.1.1: e* = 0 and its rate (formula stripped, rebuilt)"),
    meaning="e_l behaves like l**-exponent for every start with |e_0| < 1",
    variables={exponent: "the exponent"},
    uses=("tanh_frn_cosine_rate", "tanh_frn_cosine_limit_unique"),
)

P = sp.Symbol("P", positive=True)


def derive() -> sp.Expr:
    """The exponent of the homogeneous part of the transseries of e."""
    from derive.networks import ReducedResidual

    return ReducedResidual("tanh").asymptotics("e", terms=1).exponent


def contraction(point, digits):
    """P (1 - c_next/c) for a small correlation: what one layer takes off, per unit of growth."""
    length, c = float(point[P]), 1e-3
    _, cosine = _cosine.correlation_step(length, c, 1.0, 1.0, 0.0)
    return mpmath.mpf(length * (1 - cosine / c))


def checks():
    yield decay(
        "contraction of one layer",
        contraction,
        P,
        [24 * 2**k for k in range(7)],
        error=P ** sp.Rational(-1, 2),
        factor=Fraction(9, 10),
        digits=7,
        method="one layer at c = 1/1000 by double trapezoidal sums in float64; the rest times sqrt(P) settles",
    )
