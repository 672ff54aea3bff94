r"""The critical line of sin leaves the corner like a cube root of sigma_b2."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

s = sp.Symbol("s", positive=True)
weight = sp.Function("sigma_w2")

CLAIM = Claim(
    id="ff_critical_line_small_bias",
    title="critical line at small sigma_b2, sin",
    statement=sp.Eq(weight(s), 1 + 3 ** sp.Rational(1, 3) * s ** sp.Rational(1, 3) - sp.Rational(3, 5) * s),
    source=Source("derive", "schoenholz2017, fig. 1 (a) near sigma_b = 0"),
    meaning=(
        "sigma_w2 with chi_1 = 1 at sigma_b2 = s; for any odd phi the first power is 1/3, for others with a corner 1/2"
    ),
    variables={s: "s > 0"},
    error=s ** sp.Rational(5, 3),
    limit=(s, sp.Integer(0)),
)


def derive() -> sp.Expr:
    """sigma_w2 = 1/E phi'^2 and sigma_b2 = q - V/E phi'^2 from Taylor coefficients; q eliminated."""
    from derive.networks import FeedForward

    corner = FeedForward("sin").near_criticality(3)
    return corner.line.subs(corner.sigma_b2_symbol, s)


def closed(point, digits):
    """sin in closed form: sigma_b2 = q - tanh q, sigma_w2 = 2/(1 + exp(-2q))."""
    import mpmath

    bias = mpmath.mpf(point[s].p) / point[s].q
    guess = mpmath.cbrt(3 * bias)
    with mpmath.workdps(3 * digits):
        q = mpmath.findroot(lambda t: t - mpmath.tanh(t) - bias, guess)
        return 2 / (1 + mpmath.exp(-2 * q))


def checks():
    values = [sp.Rational(1, 8**k) for k in range(3, 13)]
    yield decay("closed form", closed, s, values, error=s ** sp.Rational(5, 3), method="mpmath.findroot of q - tanh q")
