r"""V tanh at large variance: :math:`1 - \sqrt{2/\pi q} + \dots`, from the moments of sech^2."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

from . import _tanh

q = sp.Symbol("q", positive=True)
V = sp.Function("V_tanh")

CLAIM = Claim(
    id="tanh_variance_at_large_q",
    title="V tanh for large variance",
    statement=sp.Eq(
        V(q),
        1
        - sp.sqrt(2 / sp.pi) * q ** sp.Rational(-1, 2)
        + sp.sqrt(2) * sp.pi ** sp.Rational(3, 2) / 24 * q ** sp.Rational(-3, 2)
        - 7 * sp.sqrt(2) * sp.pi ** sp.Rational(7, 2) / 1920 * q ** sp.Rational(-5, 2),
    ),
    source=Source("yang2017", "appendix C, expansion of V tanh (formula stripped, rebuilt)"),
    meaning="V_tanh(q) = E tanh(u)^2 for u normal with mean 0 and variance q",
    variables={q: "q > 0"},
    error=q ** sp.Rational(-7, 2),
    limit=(q, sp.oo),
)


def derive() -> sp.Expr:
    """Moments of 1 - tanh^2 by partial fractions in exp(-2x), and Taylor's formula for the Gaussian factor."""
    from derive.activations import activation
    from derive.expectations.asymptotic.large import variance_terms

    return sp.Add(*(c * q**e for e, c in variance_terms(activation("tanh"), sp.Rational(7, 2)).items()))


def quadrature(point, digits):
    return _tanh.variance_of_tanh(mpmath.mpf(point[q].p) / point[q].q)


def checks():
    yield decay(
        "quadrature at doubling q",
        quadrature,
        q,
        [8 * 2**k for k in range(8)],
        error=q ** sp.Rational(-7, 2),
        method="mpmath.quad of E sech(u)^2 in u; the remainder times q^(7/2) settles",
        digits=25,
    )
