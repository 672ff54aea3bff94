r"""What competes with l^(-delta*): the term that V's square root forces on the cosine distance, of order l^(-1/2)."""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay
from derive.networks.residual.equations import SYMBOLS as S

from . import _cosine

e, delta = sp.symbols("e delta", positive=True)
K = sp.Function("K")
B = S.sigma_v2 + S.sigma_a2

CLAIM = Claim(
    id="tanh_frn_cosine_forced_term",
    title="the forced term of the cosine distance",
    statement=sp.Eq(
        K(e, delta),
        -sp.sqrt(2 / sp.pi)
        * S.sigma_v2
        * e
        / (sp.sqrt(S.sigma_w2) * B ** sp.Rational(3, 2) * (sp.Rational(1, 2) - delta)),
    ),
    source=Source("derive", "networks: two inputs; paper 000 gives the exponent delta* only"),
    meaning=(
        "e_l = e* + A l**-delta + K l**(-1/2) + ..., with A set by the start and K by the variances alone; e = e*, "
        "delta = delta*.  As delta* < 1/2 the first wins in the end, but only by a power 1/2 - delta*, and K "
        "is large where "
        "that is small: for sigma_v2 = sigma_a2 the two differ by the factor l**0.019"
    ),
    variables={
        e: "e = e*, 0 < e* < 1",
        delta: "delta = delta*, 1 - 2/pi < delta* < 1/2",
        S.sigma_v2: "sigma_v2 > 0",
        S.sigma_w2: "sigma_w2 > 0",
        S.sigma_a2: "sigma_a2 > 0",
    },
    uses=("tanh_frn_cosine_rate", "tanh_frn_length_growth", "tanh_variance_at_large_q", "tanh_covariance_at_large_q"),
)


def derive() -> sp.Expr:
    """The coefficient of n^(-1/2) in the transseries of e."""
    from derive.networks import FullResidual
    from derive.networks.residual.overlap import DELTA, LIMIT

    law = FullResidual("tanh").asymptotics("e", terms=3)
    (term,) = (t for t, p in zip(law.terms, law.powers, strict=True) if p == -sp.Rational(1, 2))
    return (term * sp.sqrt(law.n)).subs({LIMIT: e, DELTA: delta})


def _limit(sv2, sa2):
    """e* and delta* by bisection in mpmath."""
    t = sv2 / (sv2 + sa2)
    excess = lambda x: t * 2 / mpmath.pi * mpmath.asin(x) + 1 - t - x  # noqa: E731
    root = mpmath.findroot(excess, (mpmath.mpf(0), mpmath.mpf("0.999")), solver="anderson")
    return root, 1 - 2 / mpmath.pi * t / mpmath.sqrt(1 - root**2)


P = sp.Symbol("P", positive=True)


def residual(statement, point, digits):
    """P^(3/2) times what one layer leaves of e* + k P^(-1/2), k = K sqrt(B), at P and 4P.

    If K is right both are small of order P^(-1/2), and twice the second minus the first of order 1/P.
    """
    sv2, sw2, sa2, length = (float(point[s]) for s in (S.sigma_v2, S.sigma_w2, S.sigma_a2, P))
    limit, exponent = _limit(mpmath.mpf(sv2), mpmath.mpf(sa2))
    given = {s: v for s, v in point.items() if s != P}
    value = statement.rhs.subs({**given, e: sp.Float(str(limit), 20), delta: sp.Float(str(exponent), 20)})
    if not value.is_real:
        return mpmath.nan
    k = float(value) * (sv2 + sa2) ** 0.5
    forced = lambda p: float(limit) + k / p**0.5  # noqa: E731

    def left(p):
        after, cosine = _cosine.correlation_step(p, forced(p), sv2, sw2, sa2)
        return (cosine - forced(after)) * p**1.5

    return mpmath.mpf(2 * left(4 * length) - left(length))


def checks():
    yield decay(
        "residual of one layer",
        lambda point, digits: mpmath.mpf(0),
        P,
        [192 * 2**k for k in range(6)],
        points=[
            {S.sigma_v2: sp.Rational(3, 2), S.sigma_w2: sp.Rational(1, 4), S.sigma_a2: sp.Rational(1, 4)},
        ],
        error=sp.Integer(1),
        limit=lambda point: sp.Integer(0),
        factor=Fraction(3, 5),
        formula=residual,
        method="one layer by double trapezoidal sums in float64; the extrapolated residual times P^(3/2) tends to 0",
        digits=9,
    )
