r"""The metric expressivity of a tanh reduced residual network: s = l - A l^(2/pi) + O(sqrt(l))."""

from functools import lru_cache

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay, symbolic

l, A = sp.symbols("l A", positive=True)
s = sp.Function("s")

CLAIM = Claim(
    id="tanh_rrn_metric_expressivity",
    title="growth of the metric expressivity, tanh reduced residual network",
    statement=sp.Eq(s(l), l - A * l ** (2 / sp.pi)),
    source=Source("yang2017", "Table 2, row s, reduced network (formula stripped, rebuilt)"),
    meaning=(
        "s = p - gamma = (1 - e) p for |e_0| < 1.  A is the amplitude of e, e_l ~ A l^(-(1 - 2/pi)); it depends on the "
        "start and the variances, the leading term does not"
    ),
    variables={l: "l = 1, 2, 3, ... layers", A: "A, the amplitude of e (any sign)"},
    error=sp.sqrt(l),
    limit=(l, sp.oo),
    uses=("tanh_rrn_length_growth", "tanh_rrn_cosine_decay"),
)


def derive() -> sp.Expr:
    """The transseries of s, cut above the square root."""
    from derive.networks import ReducedResidual

    law = ReducedResidual("tanh").asymptotics("s", terms=3)
    kept = sp.Add(*(t for t, p in zip(law.terms, law.powers, strict=True) if p > sp.Rational(1, 2)))
    (free,) = kept.free_symbols - {law.n}
    return kept.subs({law.n: l, free: A})


def product() -> sp.Expr:
    """(1 - e) p from the two claims, without what is of the order of the square root or below."""
    from .tanh_rrn_cosine_decay import CLAIM as COSINE
    from .tanh_rrn_length_growth import CLAIM as LENGTH

    e = A * l ** (-COSINE.statement.rhs)
    terms = sp.Add.make_args(sp.expand((1 - e) * LENGTH.statement.rhs))
    return sp.Add(*(sp.powsimp(t) for t in terms if sp.limit(sp.sqrt(l) / t, l, sp.oo) == 0))


@lru_cache(maxsize=1)
def _run():
    from derive.networks import ReducedResidual

    return ReducedResidual("tanh").compile()(1 << 18, trajectory=True, p0=1.0, e0=0.5, sigma_w2=0.75, sigma_b2=0.25)[
        "s"
    ]


def _without_amplitude(at, point):
    """f(4l) - 4^(2/pi) f(l), free of the term with A."""
    return at(4 * point[l]) - mpmath.mpf(4) ** (2 / mpmath.pi) * at(point[l])


def iteration(point, digits):
    return _without_amplitude(lambda depth: mpmath.mpf(float(_run()[int(depth)])), point)


def law(statement, point, digits):
    at = lambda depth: mpmath.mpf(str(statement.rhs.subs({A: 100, l: depth}).evalf(30)))  # noqa: E731
    return _without_amplitude(at, point)


def checks():
    yield symbolic("product", product, method="(1 - e) p, the leading laws of e and p multiplied")
    yield decay(
        "direct iteration",
        iteration,
        l,
        [2**k for k in range(8, 17)],
        error=sp.sqrt(l),
        formula=law,
        digits=12,
        method="262144 layers by generated code in float64; f(4l) - 4^(2/pi) f(l), in which A cancels, whatever it is",
    )
