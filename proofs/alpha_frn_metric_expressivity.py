r"""The metric expressivity of an alpha-ReLU full residual network grows like the length, alpha below 1."""

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits
from derive.networks.residual.equations import SYMBOLS as S

from . import _alpha
from ._alpha import NORM, alpha, l

s = sp.Function("s")
e = sp.Symbol("e", positive=True)
K = S.sigma_v2 * S.sigma_w2**alpha * NORM
LAW = (1 - e) * (K * (1 - alpha) * l) ** (1 / (1 - alpha))

CLAIM = Claim(
    id="alpha_frn_metric_expressivity",
    title="growth of the metric expressivity, alpha-ReLU full residual network, alpha < 1",
    statement=sp.Eq(s(l), LAW),
    source=Source("yang2017", "Table 2, row s, and section 5.2: s grows like p for alpha < 1 (formula stripped)"),
    meaning="s = p - gamma = (1 - e) p for e_0 < 1, with e tending to e = e* = J_alpha(e*), the fixed point below 1",
    variables={
        alpha: "0 < alpha < 1",
        l: "l = 1, 2, 3, ... layers",
        e: "e = e* = J_alpha(e*) < 1",
        S.sigma_v2: "sigma_v2 > 0",
        S.sigma_w2: "sigma_w2 > 0",
    },
    assumptions="the remainder is smaller by l^-rate, alpha_frn_cosine_rate, or log(l)/l",
    error=l ** (1 / (1 - alpha)) / sp.log(l),
    limit=(l, sp.oo),
    uses=("alpha_frn_length_growth", "alpha_frn_cosine_limit_unique", "alpha_frn_cosine_rate"),
    printed=Printed(text="s grows like l^(1/(1 - alpha)), as p does", statement=sp.Eq(s(l), LAW)),
)


def derive() -> sp.Expr:
    """The leading term of the law of s with a symbolic alpha."""
    from derive.networks.homogeneous.laws import LIMIT
    from derive.networks.homogeneous.symbolic import alpha_relu_law

    law = alpha_relu_law("s", alpha)
    return law.terms[0].subs({law.n: l, LIMIT: e})


def far(point, digits):
    """The layer map followed to depth 10^30."""
    from derive.activations import activation
    from derive.networks import FullResidual

    net = FullResidual(activation("alpha_relu", alpha=point[alpha]))
    values = {"sigma_v2": point[S.sigma_v2], "sigma_w2": point[S.sigma_w2], "sigma_a2": 1, "sigma_b2": 1}
    return mpmath.mpf(str(net.at(int(point[l]), "s", digits=digits + 2, p0=1, e0=0, **values)))


def formula(statement, point, digits):
    """The right-hand side with e* by mpmath.findroot on the hypergeometric kernel."""
    a = _alpha.number(point[alpha])
    gap = mpmath.exp(_alpha.limit_gap(a, mpmath.mpf("0.1")))
    value = statement.rhs.subs({**point, e: sp.Float(str(1 - gap), 30)}).evalf(25)
    return mpmath.mpf(str(value)) if value.is_real else mpmath.nan


def _far():
    points = [
        {alpha: sp.Rational(2, 5), S.sigma_v2: 1, S.sigma_w2: sp.Rational(1, 2), l: 10**30},
        {alpha: sp.Rational(1, 5), S.sigma_v2: 2, S.sigma_w2: sp.Rational(3, 2), l: 10**30},
    ]
    method = "the layer map followed to layer 10^30; e* by mpmath"
    return digits("layer 10^30", far, points, digits=6, formula=formula, method=method)


def checks():
    yield _far()


def printed_checks():
    yield _far()
