r"""The length of a residual network with any tanh-like activation whose 1 - phi^2 is integrable."""

from functools import lru_cache

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay
from derive.networks.residual.equations import SYMBOLS as S

from . import _tanh_like
from ._tanh_like import ERF, I0, RAMP

l, sa2 = sp.Symbol("l", positive=True), S.sigma_a2
p = sp.Function("p")
G = S.sigma_v2 + sa2
a = S.sigma_v2 * sp.sqrt(2 / sp.pi) * I0 / sp.sqrt(S.sigma_w2)

CLAIM = Claim(
    id="tanh_like_length_growth",
    title="growth of p, tanh-like activations",
    statement=sp.Eq(p(l), G * l - 2 * a * sp.sqrt(l / G) - a**2 * sp.log(l) / G**2),
    source=Source(
        "yang2017", "theorem B.1.1, first statement of the second part, and theorem B.1.2 (stripped, rebuilt)"
    ),
    meaning=(
        "I_0 is the integral of 1 - phi(x)^2 over x > 0.  q = sigma_w2 p + sigma_b2.  sigma_v2 = 1, sigma_a2 = 0 is "
        "the reduced network: p ~ l and q ~ sigma_w2 l, as printed, with the next terms for every such phi; "
        "I_0 = 1 gives those of tanh"
    ),
    variables={
        l: "l = 1, 2, 3, ... layers",
        I0: "I_0 > 0",
        S.sigma_v2: "sigma_v2 > 0",
        S.sigma_w2: "sigma_w2 > 0",
        sa2: "sigma_a2 >= 0",
    },
    assumptions="phi is odd, and x^2 (1 - phi^2) is integrable; p(0) > 0 or a bias",
    error=sp.Integer(1),
    limit=(l, sp.oo),
    uses=("frn_length_recurrence", "rrn_length_recurrence", "tanh_like_variance_at_large_q"),
)


def derive() -> sp.Expr:
    """Abel's equation of the layer map with V from its claim, inverted; the part that grows."""
    from derive.difference import Recurrence

    from .tanh_like_variance_at_large_q import CLAIM as VARIANCE
    from .tanh_like_variance_at_large_q import q

    x, c1, c2, gain = sp.symbols("x c1 c2 gain", positive=True)
    V = sp.expand(VARIANCE.statement.rhs.subs(q, S.sigma_w2 * x))
    first = -V.coeff(1 / sp.sqrt(x))
    law = Recurrence(x, x + gain - c1 * x ** sp.Rational(-1, 2) + c2 * x ** sp.Rational(-3, 2)).asymptotics(terms=3)
    expression = sp.expand(law.expr.subs(law.n, l))
    kept = [t for t in sp.Add.make_args(expression) if t.has(l) and sp.limit(1 / t, l, sp.oo) == 0]
    return sp.Add(*kept).subs({c1: S.sigma_v2 * first, gain: G})


@lru_cache(maxsize=8)
def _run(kind, sv2, sw2, sa2, depth=1 << 18):
    point = ERF if kind else RAMP
    p, low, out = 1.0, 0.0, [1.0]
    for _ in range(depth):
        step = sv2 * (1 - _tanh_like.lost(point, sw2 * p + 0.25)) + sa2 + low
        new = p + step
        low = step - (new - p)
        p = new
        out.append(p)
    return out


def iteration(point, digits):
    given = [float(point[s]) for s in (S.sigma_v2, S.sigma_w2, sa2)]
    return mpmath.mpf(_run(_tanh_like.is_erf(point), *given)[int(point[l])])


def checks():
    R = sp.Rational
    variances = {S.sigma_v2: R(9, 8), S.sigma_w2: R(3, 4), sa2: R(3, 8)}
    yield decay(
        "erf and the ramp",
        iteration,
        l,
        [4096 * 2**k for k in range(7)],
        points=[{I0: ERF[I0], **variances}, {I0: RAMP[I0], S.sigma_v2: 1, S.sigma_w2: R(1, 4), sa2: R(1, 100)}],
        error=sp.Integer(1),
        digits=13,
        method="262144 layers in float64, V of erf by an arcsine, of the ramp by moments; the rest settles",
    )
