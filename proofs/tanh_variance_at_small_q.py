r"""V tanh at small variance, from the Taylor coefficients of tanh."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

q = sp.Symbol("q", positive=True)
V = sp.Function("V_tanh")

CLAIM = Claim(
    id="tanh_variance_at_small_q",
    title="V tanh for small variance",
    statement=sp.Eq(V(q), q - 2 * q**2 + sp.Rational(17, 3) * q**3),
    source=Source("yang2017", "appendix C, V tanh near 0 (formula stripped, rebuilt)"),
    meaning="V_tanh(q) = E tanh(u)^2 for u normal with mean 0 and variance q",
    variables={q: "q > 0"},
    error=q**4,
    limit=(q, sp.Integer(0)),
)


def derive() -> sp.Expr:
    """Gaussian moments of the Taylor polynomial of tanh^2."""
    from derive.activations import activation
    from derive.expectations.asymptotic.small import variance_small_terms

    return sp.Add(*(a * q**k for k, a in variance_small_terms(activation("tanh"), 4).items()))


def quadrature(point, digits):
    scale = mpmath.sqrt(mpmath.mpf(point[q].p) / point[q].q)
    return 2 * mpmath.quad(lambda z: mpmath.tanh(scale * z) ** 2 * mpmath.npdf(z), [0, 1, 2, 4, 8, 16])


def checks():
    yield decay(
        "quadrature at halving q",
        quadrature,
        q,
        [sp.Rational(1, 50 * 2**k) for k in range(8)],
        error=q**4,
        method="mpmath.quad of the defining integral; the remainder over q^4 settles",
        digits=25,
    )
