r"""The rate at which the cosine distance approaches its limit: the bias forces a slower one for small alpha."""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, enclosure, outside, under

from . import _alpha
from ._alpha import alpha

t = sp.Symbol("t", positive=True)
rate = sp.Function("rate")
OWN, FORCED = (1 - t) / (1 - alpha), alpha / (1 - alpha)

CLAIM = Claim(
    id="alpha_frn_cosine_rate",
    title="exponent of the approach of e to e*, alpha-ReLU full residual network with sigma_a > 0",
    statement=sp.Eq(rate(alpha, t), sp.Min(OWN, FORCED)),
    source=Source("yang2017", "section 5.2 and theorem B.2.1, rate of e for alpha < 1 (formula stripped, rebuilt)"),
    meaning=(
        "|e_l - e*| = l^(-rate + o(1)), t = J_alpha'(e*).  The part that the start determines decays like l^-mu, mu = "
        "(1 - t)/(1 - alpha); sigma_a^2 forces a part of order P^-alpha, so l^(-alpha/(1 - alpha)).  Without sigma_a "
        "the rate is mu.  mu is the smaller for alpha above 0.26484..., where 1 - t = alpha"
    ),
    variables={alpha: "0 < alpha < 1", t: "t = J_alpha'(e*), 0 < t < 1"},
    assumptions="sigma_a > 0, e_0 < 1, and the start is not the one at which the amplitude of l^-mu vanishes",
    uses=("alpha_frn_length_growth", "frn_overlap_recurrence"),
    printed=Printed(
        text="e_l - e* behaves like l^-mu, mu = (1 - J'(e*))/(1 - alpha) independent of the variances, for alpha < 1",
        statement=sp.Eq(rate(alpha, t), OWN),
        condition="sigma_a = 0 or 1 - J'(e*) <= alpha, that is alpha > 0.26484...",
    ),
)


def derive() -> sp.Expr:
    """The exponents of the homogeneous and of the forced solution of the linearised recurrence of c - e*."""
    from derive.difference import Recurrence

    P, K, a, E0, e = sp.symbols("P K a E_0 e", positive=True)
    length = Recurrence(P, P + K * P**alpha + a).asymptotics(terms=1, interval={alpha: (sp.Rational(1, 2), 1)})
    growth = sp.simplify(length.n * sp.diff(sp.expand_log(sp.log(length.expr), force=True), length.n))  # P ~ n^growth
    # homogeneous: eta'/eta = 1 - (1-t) K P^(alpha-1), and K P^(alpha-1) is the relative growth of P, growth/n
    own = sp.simplify((1 - t) * growth)
    # forced: eta = E0 P^-alpha leaves -alpha K E0 = -(1-t) K E0 + a (1-e) at the order 1/P, and no other power fits
    (amplitude,) = sp.solve(-alpha * K * E0 + (1 - t) * K * E0 - a * (1 - e), E0)
    return sp.Min(own, sp.simplify(alpha * growth)) if amplitude != 0 else own


def _limit(point):
    """t in balls, at the rational alpha of the point."""
    from flint import ctx

    from derive.expectations.homogeneous import Homogeneous
    from derive.networks.homogeneous.cosine import kernel_limit

    found = kernel_limit(Homogeneous(point[alpha], sp.S.One, sp.S.Zero), 30)
    with ctx.workprec(160):
        return found.contraction


def ball(point, bits):
    """The smaller exponent, decided in balls."""
    from flint import ctx

    from derive.numerics.compile import to_arb

    own = _limit(point)
    with ctx.workprec(bits):
        a = to_arb(point[alpha])
        assert own < a or own > a
        return (own if own < a else a) / (1 - a)


def formula(statement, point, bits):
    """The right-hand side with the ball of t."""
    from flint import ctx

    from derive.numerics.compile import compile_ball, to_arb

    with ctx.workprec(bits + 64):
        slope = 1 - _limit(point)
        a = to_arb(point[alpha])
        values = [compile_ball(part, [alpha, t])(a, slope) for part in sp.Min.make_args(statement.rhs)]
        least = values[0]
        for value in values[1:]:
            least = value if value < least else least
        return least


def far_apart(point, digits):
    """log of the quotient of e_l - e* at two depths, 10^30 and 10^33, over the log of the quotient of the depths."""
    from derive.activations import activation
    from derive.networks import FullResidual

    net = FullResidual(activation("alpha_relu", alpha=point[alpha]))
    sigma = {"sigma_v2": 1, "sigma_w2": sp.Rational(1, 2), "sigma_a2": 1, "sigma_b2": 0}
    a = _alpha.number(point[alpha])
    with mpmath.workdps(50):
        limit = 1 - mpmath.exp(mpmath.findroot(lambda x: _alpha.kernel(a, 1 - mpmath.exp(x)) - 1 + mpmath.exp(x), -3))
        away = [mpmath.mpf(str(net.at(10**k, "e", digits=11, p0=1, e0=0, **sigma))) - limit for k in (30, 33)]
        return -mpmath.log(away[1] / away[0]) / (3 * mpmath.log(10))


def by_slope(statement, point, digits):
    """The right-hand side with J' by numerical differentiation."""
    a = _alpha.number(point[alpha])
    x = mpmath.findroot(lambda x: _alpha.kernel(a, 1 - mpmath.exp(x)) - 1 + mpmath.exp(x), -3)
    slope = _alpha.slope(a, 1 - mpmath.exp(x))
    return mpmath.mpf(str(statement.rhs.subs({alpha: point[alpha], t: sp.Float(str(slope), 25)}).evalf(20)))


SMALL, LARGE = {alpha: sp.Rational(1, 5)}, {alpha: sp.Rational(3, 5)}


def _enclosure(points):
    return enclosure(
        "exponents in balls",
        ball,
        points,
        radius=Fraction(1, 10**20),
        within=Fraction(1, 10**20),
        formula=formula,
        method="e* by signs, J' by its hypergeometric form, in balls; the smaller of both exponents",
    )


def checks():
    yield digits(
        "layers 10^30 and 10^33",
        far_apart,
        [SMALL, LARGE],
        digits=3,
        formula=by_slope,
        method="the layer map followed to great depth; J' by numerical differentiation in mpmath",
    )


def printed_checks():
    yield under(_enclosure([LARGE]))
    yield outside(_enclosure([SMALL]))
