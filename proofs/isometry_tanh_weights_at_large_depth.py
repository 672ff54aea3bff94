r"""tanh at large depth: sigma_w2 = c + 2 c (e^c - 1)/L + O(1/L^2)."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

from . import _spectrum_networks

c, L = sp.symbols("c L", positive=True)
sigma_w2 = sp.Function("sigma_w2")

CLAIM = Claim(
    id="isometry_tanh_weights_at_large_depth",
    title="law of the weight variance for tanh at large depth",
    statement=sp.Eq(sigma_w2(L), c + 2 * c * (sp.exp(c) - 1) / L),
    source=Source("derive", "spectrum: the law behind appendix D of tarnowski2019"),
    meaning="sigma_w2 that gives the effective cumulant c at depth L; input of mean square 1, no biases",
    variables={c: "c > 0", L: "L -> oo"},
    error=L**-2,
    limit=(L, sp.oo),
    uses=("isometry_preactivation_recurrence",),
)


def derive() -> sp.Expr:
    """Invert the expansion of c to order 1/L."""
    from derive.activations import activation
    from derive.spectrum.deep_limit import deep_expansion

    found, weight, depth, p0 = deep_expansion(activation("tanh"))
    found = sp.expand(found.subs(p0, 1))
    correction = sp.expand((found - weight) * depth)  # c = weight + correction/depth
    return c - sp.factor(correction.subs(weight, c)) / L


def inverted(point, digits):
    """sigma_w2 by secants on the independent recursion."""
    target, depth = mpmath.mpf(point[c].p) / point[c].q, int(point[L])
    return mpmath.findroot(
        lambda w: _spectrum_networks.cumulant(_spectrum_networks.tanh_means, w, depth) - target,
        (target, target * (1 + mpmath.mpf(1) / depth)),
        tol=mpmath.mpf(10) ** (-2 * digits),
    )


def checks():
    yield decay(
        "independent recursion",
        inverted,
        L,
        [2**k for k in range(1, 7)],
        [{c: sp.Rational(1, 8)}],
        error=CLAIM.error,
        digits=12,
        method="(26) and (27) with trapezoidal sums, solved for sigma_w2 at depths 2 to 64",
    )
