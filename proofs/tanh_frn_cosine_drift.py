r"""How the cosine of two inputs drifts in a deep tanh residual network: the equation behind the limit e*."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay
from derive.networks.residual.equations import SYMBOLS as S

from . import _cosine

e = sp.Symbol("e", real=True)
P = sp.Symbol("P", positive=True)
drift = sp.Function("drift")

CLAIM = Claim(
    id="tanh_frn_cosine_drift",
    title="drift of the cosine distance at large length, tanh full residual network",
    statement=sp.Eq(drift(P, e), S.sigma_v2 * (2 / sp.pi) * sp.asin(e) + S.sigma_a2 - (S.sigma_v2 + S.sigma_a2) * e),
    source=Source("yang2017", "section 5.1, equation of the fixed point e* (formula stripped, rebuilt)"),
    meaning=(
        "drift(P, e) = P (e_next - e) with P = p + sigma_b2/sigma_w2 and e = G/P; its zero below 1 is the limit e*. "
        "With sigma_v2 = 1, sigma_a2 = 0 it is the drift of a reduced network"
    ),
    variables={
        e: "-1 < e < 1",
        P: "P > 0",
        S.sigma_v2: "sigma_v2 > 0",
        S.sigma_a2: "sigma_a2 >= 0",
    },
    error=P ** sp.Rational(-1, 2),
    limit=(P, sp.oo),
)


def derive() -> sp.Expr:
    """The layer equations at P -> oo, V and W replaced by their leading terms."""
    from derive.activations import activation
    from derive.expectations import V, W
    from derive.expectations.asymptotic.covariance_large import covariance_terms
    from derive.expectations.asymptotic.large import variance_terms
    from derive.networks.residual.driver import G, P, length_map, overlap_map

    phi = activation("tanh")
    variance = variance_terms(phi, sp.Rational(1, 2))[sp.Integer(0)]
    covariance = covariance_terms(phi, 1, e)[sp.Integer(0)]
    grown = length_map("full", phi).subs(V(phi, S.sigma_w2 * P), variance)
    overlap = overlap_map("full", phi).subs(W(phi, S.sigma_w2 * P, S.sigma_w2 * G), covariance).subs(G, e * P)
    return sp.limit(sp.cancel(P * (overlap / grown - e)), P, sp.oo)


def layer_map(point, digits):
    sv2, sa2, length, start = (float(point[s]) for s in (S.sigma_v2, S.sigma_a2, P, e))
    _, after = _cosine.correlation_step(length, start, sv2, 1.3, sa2)
    return mpmath.mpf(length * (after - start))


def checks():
    yield decay(
        "layer map at doubling P",
        layer_map,
        P,
        [10 * 2**k for k in range(7)],
        points=[
            {S.sigma_v2: sp.Rational(3, 2), S.sigma_a2: sp.Rational(1, 4), e: sp.Rational(3, 10)},
            {S.sigma_v2: sp.Rational(1, 2), S.sigma_a2: 1, e: sp.Rational(-7, 10)},
        ],
        error=P ** sp.Rational(-1, 2),
        method="one layer by double trapezoidal sums in float64 at sigma_w2 = 1.3; the remainder times sqrt(P) settles",
        digits=11,
    )
