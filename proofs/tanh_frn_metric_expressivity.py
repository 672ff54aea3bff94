r"""The metric expressivity s = p - gamma of a tanh full residual network grows linearly."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay
from derive.networks.residual.equations import SYMBOLS as S

from . import _tanh

e = sp.Symbol("e", positive=True)
growth = sp.Function("growth")
P = sp.Symbol("P", positive=True)

CLAIM = Claim(
    id="tanh_frn_metric_expressivity",
    title="growth of the metric expressivity per layer",
    statement=sp.Eq(growth(e), (1 - e) * (S.sigma_v2 + S.sigma_a2)),
    source=Source("yang2017", "Table 2, row s (formula stripped, rebuilt)"),
    meaning=(
        "growth = lim s_l/l for every start with e_0 < 1, e = e*; a reduced network (sigma_v2 = 1, sigma_a2 = 0) has 1"
    ),
    variables={e: "e = e*, 0 <= e* < 1", S.sigma_v2: "sigma_v2 > 0", S.sigma_a2: "sigma_a2 > 0"},
    uses=("tanh_frn_cosine_limit_unique", "tanh_frn_length_growth"),
)


def derive() -> sp.Expr:
    """The leading term of the transseries of s."""
    from derive.networks import FullResidual
    from derive.networks.residual.overlap import LIMIT

    law = FullResidual("tanh").asymptotics("s", terms=2)
    (term,) = (t for t, p in zip(law.terms, law.powers, strict=True) if p == 1)
    return (term / law.n).subs(LIMIT, e)


def _limit(sv2, sa2):
    t = sv2 / (sv2 + sa2)
    excess = lambda x: t * 2 / mpmath.pi * mpmath.asin(x) + 1 - t - x  # noqa: E731
    return mpmath.findroot(excess, (mpmath.mpf(0), mpmath.mpf("0.999")), solver="anderson")


def one_layer(point, digits):
    """sigma_v2 (V - W) at the limit correlation: what one layer adds to s."""
    sv2, sa2, length = (float(point[s]) for s in (S.sigma_v2, S.sigma_a2, P))
    second, _ = _tanh.float_means(length)
    return mpmath.mpf(sv2 * (1 - second - _tanh.covariance_of_tanh(length, float(_limit(sv2, sa2)))))


def formula(statement, point, digits):
    limit = _limit(*(mpmath.mpf(point[s].p) / point[s].q for s in (S.sigma_v2, S.sigma_a2)))
    value = statement.rhs.subs(
        {S.sigma_v2: point[S.sigma_v2], S.sigma_a2: point[S.sigma_a2], e: sp.Float(str(limit), 20)}
    )
    return mpmath.mpf(str(sp.N(value, 20)))


def checks():
    yield decay(
        "one layer at doubling length",
        one_layer,
        P,
        [12 * 2**k for k in range(7)],
        points=[
            {S.sigma_v2: sp.Rational(3, 2), S.sigma_a2: sp.Rational(1, 4)},
            {S.sigma_v2: 1, S.sigma_a2: 1},
        ],
        error=P ** sp.Rational(-1, 2),
        formula=formula,
        method="increment of s by double trapezoidal sums in float64 at sigma_w2 = 1; the rest times sqrt(P) settles",
        digits=11,
    )
