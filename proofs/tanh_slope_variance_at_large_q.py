r"""V tanh' at large variance, from the moments of sech^4."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

from . import _tanh

q = sp.Symbol("q", positive=True)
V = sp.Function("V_slope")

CLAIM = Claim(
    id="tanh_slope_variance_at_large_q",
    title="V tanh' for large variance",
    statement=sp.Eq(
        V(q),
        2 * sp.sqrt(2 / sp.pi) / 3 * q ** sp.Rational(-1, 2)
        - sp.sqrt(2 / sp.pi) * (sp.pi**2 - 6) / 36 * q ** sp.Rational(-3, 2),
    ),
    source=Source("yang2017", "appendix C, expansion of V tanh' (formula stripped, rebuilt)"),
    meaning="V_slope(q) = E tanh'(u)^2 for u normal with mean 0 and variance q",
    variables={q: "q > 0"},
    error=q ** sp.Rational(-5, 2),
    limit=(q, sp.oo),
)


def derive() -> sp.Expr:
    """Moments of tanh'^2 by partial fractions in exp(-2x), and Taylor's formula for the Gaussian factor."""
    from derive.activations import activation
    from derive.expectations.asymptotic.large import variance_terms

    return sp.Add(*(c * q**e for e, c in variance_terms(activation("tanh").diff(1), sp.Rational(5, 2)).items()))


def quadrature(point, digits):
    return _tanh.variance_of_slope(mpmath.mpf(point[q].p) / point[q].q)


def checks():
    yield decay(
        "quadrature at doubling q",
        quadrature,
        q,
        [8 * 2**k for k in range(8)],
        error=q ** sp.Rational(-5, 2),
        method="mpmath.quad of E sech(u)^4 in u; the remainder times q^(5/2) settles",
        digits=25,
    )
