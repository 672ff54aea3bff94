r"""W tanh at large variance and fixed correlation: the arcsine law and its first two corrections."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

from . import _tanh

q = sp.Symbol("q", positive=True)
c = sp.Symbol("c", real=True)
W = sp.Function("W_tanh")

CLAIM = Claim(
    id="tanh_covariance_at_large_q",
    title="W tanh for large variance at fixed correlation",
    statement=sp.Eq(W(q, c), 2 * sp.asin(c) / sp.pi - sp.pi * c / (6 * sp.sqrt(1 - c**2)) / q),
    source=Source("yang2017", "appendix C, asymptotics of W tanh (formula stripped, rebuilt)"),
    meaning="W_tanh(q, c) = E tanh(u1) tanh(u2) for variances q and correlation c",
    variables={q: "q > 0", c: "-1 < c < 1"},
    assumptions="c is fixed: the expansion is not uniform as c tends to 1, where q (1 - c) is what has to be large",
    error=q**-2,
    limit=(q, sp.oo),
)


def derive() -> sp.Expr:
    """tanh as a step plus derivatives of Dirac's delta; their means are derivatives of the normal density at 0."""
    from derive.activations import activation
    from derive.expectations.asymptotic.covariance_large import covariance_terms

    return sp.Add(*(w * q**e for e, w in covariance_terms(activation("tanh"), 2, c).items()))


def double_sum(point, digits):
    return mpmath.mpf(_tanh.covariance_of_tanh(float(point[q]), float(point[c])))


def checks():
    yield decay(
        "double trapezoidal sum at doubling q",
        double_sum,
        q,
        [3 * 2**k for k in range(6)],
        points=[{c: sp.Rational(3, 10)}, {c: sp.Rational(-3, 5)}],
        error=q**-2,
        method="two-dimensional trapezoidal sum in float64; the remainder times q^2 settles",
        digits=12,
    )
