r"""The tempered alpha-ReLU has a finite mean square slope for every alpha; below 1/2 it decays like q^(-1/2)."""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, enclosure, outside, under

from ._alpha import alpha

power = sp.Function("power")
R = sp.Rational

CLAIM = Claim(
    id="tempered_alpha_relu_slope",
    title="decay of the mean square slope of the tempered alpha-ReLU",
    statement=sp.Eq(power(alpha), sp.Max(alpha - 1, -R(1, 2))),
    source=Source("yang2017", "section 5, note 2: the conclusions on alpha-ReLU hold similarly for the tempered one"),
    meaning=(
        "E phi'(sqrt(q) z)^2 is of the order q^power (times log q at alpha = 1/2), phi(x) = (x + epsilon)^alpha - "
        "epsilon^alpha for x > 0.  Above 1/2 it is asymptotic to alpha^2 c_(alpha-1) q^(alpha-1), as for x^alpha, and "
        "chi_0/chi_l grows like l^R.  Below 1/2 the factor of a layer is 1 + O(p^(-1/2)) with p like l^(1/(1-alpha)), "
        "and log(chi_0/chi_l) grows like l^((1 - 2 alpha)/(2 - 2 alpha)): finite now, but faster than any power"
    ),
    variables={alpha: "0 < alpha < 1, alpha != 1/2"},
    uses=("alpha_relu_slope_mean",),
    printed=Printed(
        text="the tempered activation behaves as x^alpha does: E phi'^2 of the order q^(alpha - 1), a power of l",
        statement=sp.Eq(power(alpha), alpha - 1),
        condition="alpha > 1/2",
    ),
)


def derive() -> sp.Expr:
    """The slope's square (x + eps)^(2 alpha - 2): its integral converges at infinity for alpha < 1/2, else x scales."""
    x, eps = sp.symbols("x epsilon", positive=True)
    a = sp.Symbol("a", positive=True)
    square = sp.diff((x + eps) ** a - eps**a, x) ** 2
    decay = sp.simplify(x * sp.diff(sp.log(square), x)).subs(eps, 0).simplify()  # exponent of x at large x
    scaled = decay.subs(a, alpha) / 2  # x = sqrt(q) t under the density: q^(decay/2), where that converges at t = 0
    return sp.Max(sp.expand(scaled), -R(1, 2))  # else the density at 0 alone, q^(-1/2), times the integral


def _slope_mean(a, q):
    """E phi'^2 at epsilon = 1, in balls: x = exp(t) - 1 by acb.integral, tails bounded."""
    from flint import acb, arb

    def f(t, _):
        x = t.exp() - 1
        return (t * (2 * a - 1) - x * x / (2 * q)).exp()

    top = (1 + (q * 600).sqrt()).log()
    total = acb.integral(f, acb(0), acb(top), abs_tol=arb(10) ** -60, rel_tol=arb(10) ** -25).real
    rest = (-arb(250)).exp()  # beyond x^2 = 600 q the density is below exp(-300), the square of the slope below 1
    return a * a * (total + arb(0).union(rest * q)) / (2 * arb.pi() * q).sqrt()


def ball(point, bits):
    """The slope of log E phi'^2 against log q between 10^30 and 10^36."""
    from flint import arb, ctx

    from derive.numerics.compile import to_arb

    with ctx.workprec(bits + 60):
        low, high = (_slope_mean(to_arb(point[alpha]), arb(10) ** k) for k in (30, 36))
        return (high / low).log() / (6 * arb(10).log())


def quadrature(point, digits):
    a = mpmath.mpf(point[alpha].p) / point[alpha].q

    def mean(k):
        width = mpmath.mpf(10) ** k
        f = lambda t: mpmath.exp((2 * a - 1) * t) * mpmath.npdf(mpmath.expm1(t), 0, width)  # noqa: E731
        top = mpmath.log(width)
        return mpmath.quad(f, [top * j / 16 for j in range(17)] + [top + 1, top + 2, top + 3])

    return mpmath.log(mean(18) / mean(15)) / (6 * mpmath.log(10))


def checks():
    points = [{alpha: R(1, 10)}, {alpha: R(9, 10)}]
    yield digits("quadrature", quadrature, points, digits=3, method="mpmath.quad at q = 10^30 and 10^36")


def _local(points):
    return enclosure(
        "local exponent",
        ball,
        points,
        radius=Fraction(1, 10**8),
        within=Fraction(1, 10**4),
        method="E phi'^2 at q = 10^30 and 10^36 by acb.integral; the slope on logarithmic scales",
    )


def printed_checks():
    yield under(_local([{alpha: R(3, 4)}, {alpha: R(9, 10)}]))
    yield outside(_local([{alpha: R(1, 4)}]))
