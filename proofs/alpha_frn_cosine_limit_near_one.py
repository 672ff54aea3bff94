r"""As alpha tends to 1 the limit e* of the cosine distance tends to 1 with the fourth power of 1 - alpha."""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

from . import _alpha

eps = sp.Symbol("epsilon", positive=True)
gap = sp.Function("gap")

CLAIM = Claim(
    id="alpha_frn_cosine_limit_near_one",
    title="1 - e* for alpha close to 1",
    statement=sp.Eq(gap(eps), 9 * sp.pi**2 / 8 * eps**4),
    source=Source("derive", "networks: alpha_cosine; paper 000 has e* by its equation only"),
    meaning="gap(epsilon) = 1 - e* for alpha = 1 - epsilon; a figure with a linear axis cannot show it for alpha > 0.9",
    variables={eps: "0 < epsilon < 1/2"},
    error=eps**5 * sp.log(1 / eps),
    limit=(eps, sp.Integer(0)),
    uses=("alpha_frn_cosine_rate",),
)


def derive() -> sp.Expr:
    """1 - J(1 - d) = s d - k d^(3/2) + ...: s = alpha^2/(2 alpha - 1) = 1 + eps^2 + ..., k that of ReLU."""
    a, d = 1 - eps, sp.Symbol("d", positive=True)
    excess = sp.series(a**2 / (2 * a - 1) - 1, eps, 0, 3).removeO()
    angle = sp.acos(1 - d**2)  # d stands for sqrt(1 - c)
    relu = (sp.sin(angle) + (sp.pi - angle) * sp.cos(angle)) / sp.pi
    k = sp.series(1 - relu - d**2, d, 0, 4).removeO().coeff(d, 3)
    root = sp.solve(excess + k * d, d)
    return sp.expand(root[0] ** 2)


def root(point, digits):
    """1 - e* by mpmath's root finder in its logarithm."""
    e = _alpha.number(point[eps])
    return _gap(e, mpmath.mp.dps)


def _gap(e, dps):
    with mpmath.workdps(2 * dps + 20):
        a = 1 - e
        start = mpmath.log(11 * e**4)
        x = mpmath.findroot(lambda x: (1 - _alpha.kernel(a, 1 - mpmath.exp(x))) * mpmath.exp(-x) - 1, start)
        return mpmath.exp(x)


def checks():
    yield decay(
        "root finding",
        root,
        eps,
        [sp.Rational(1, 2**k) for k in range(4, 13)],
        error=eps**5 * sp.log(1 / eps),
        factor=Fraction(19, 20),
        digits=15,
        method="mpmath: the kernel by the hypergeometric series, its fixed point by findroot",
    )
