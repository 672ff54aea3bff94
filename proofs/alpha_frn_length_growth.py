r"""The length of an alpha-ReLU full residual network: a power of the depth, for alpha below 1."""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import decay
from derive.networks.residual.equations import SYMBOLS as S

from . import _alpha
from ._alpha import NORM, alpha, l

p = sp.Function("p")
K = S.sigma_v2 * S.sigma_w2**alpha * NORM
LAW = (K * (1 - alpha) * l) ** (1 / (1 - alpha))

CLAIM = Claim(
    id="alpha_frn_length_growth",
    title="growth of the length, alpha-ReLU full residual network, alpha < 1",
    statement=sp.Eq(p(l), LAW),
    source=Source("yang2017", "section 5.2 and theorem B.2.1, dynamics of p for alpha < 1 (formula stripped, rebuilt)"),
    meaning="mean-normalised squared length of the stream at layer l",
    variables={
        alpha: "0 < alpha < 1",
        l: "l = 1, 2, 3, ... layers",
        S.sigma_v2: "sigma_v2 > 0",
        S.sigma_w2: "sigma_w2 > 0",
    },
    assumptions="sigma_a2, sigma_b2 and the start come in at relative order log(l)/l, or l**(-alpha/(1 - alpha))",
    error=l ** (1 / (1 - alpha)) * (sp.log(l) / l + l ** (-alpha / (1 - alpha))),
    limit=(l, sp.oo),
    uses=("frn_length_recurrence",),
    printed=Printed(text="p grows like (K (1 - alpha) l)^(1/(1 - alpha))", statement=sp.Eq(p(l), LAW)),
)


def derive() -> sp.Expr:
    """Abel's equation of x -> x + K x^alpha + a with a symbolic alpha, inverted to first order."""
    from derive.difference import Recurrence

    x, k, a = sp.symbols("x k a", positive=True)
    law = Recurrence(x, x + k * x**alpha + a).asymptotics(terms=1, interval={alpha: (sp.Rational(1, 2), 1)})
    lower = Recurrence(x, x + k * x**alpha + a).asymptotics(
        terms=1, interval={alpha: (sp.Rational(1, 4), sp.Rational(1, 2))}
    )
    assert sp.simplify(law.expr.subs(law.n, l) - lower.expr.subs(lower.n, l)) == 0
    return law.expr.subs({law.n: l, k: K})


def iteration(point, digits):
    """Layers in float64, compensated."""
    given = [float(point[s]) for s in (alpha, S.sigma_v2, S.sigma_w2)]
    return mpmath.mpf(_alpha.lengths(*given, 0.25, 0.5, 1.0, 1 << 19)[0][int(point[l])])


def checks():
    yield decay(
        "direct iteration",
        iteration,
        l,
        [2**k for k in range(12, 20)],
        points=[
            {alpha: sp.Rational(3, 4), S.sigma_v2: sp.Rational(9, 8), S.sigma_w2: sp.Rational(3, 4)},
            {alpha: sp.Rational(3, 5), S.sigma_v2: sp.Rational(1, 2), S.sigma_w2: sp.Rational(9, 4)},
        ],
        error=l ** (1 / (1 - alpha)) * sp.log(l) / l,
        factor=Fraction(19, 20),
        digits=14,
        method="524288 layers in float64 with compensated sums",
    )


def printed_checks():
    yield from checks()
