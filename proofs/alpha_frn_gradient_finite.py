r"""The gradient of an alpha-ReLU network is polynomial for alpha > 1/2 only: below, its mean square is infinite."""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, enclosure, outside, under

from . import _alpha
from ._alpha import alpha

eps = sp.Symbol("epsilon", positive=True)
above = sp.Function("above")
FRONT = alpha**2 * 2 ** (alpha - 2) / sp.sqrt(sp.pi)
LAW = FRONT * sp.uppergamma(alpha - sp.Rational(1, 2), eps**2 / 2)
WHOLE = FRONT * sp.gamma(alpha - sp.Rational(1, 2))

CLAIM = Claim(
    id="alpha_frn_gradient_finite",
    title="the mean square slope of alpha-ReLU away from 0",
    statement=sp.Eq(above(eps), LAW),
    source=Source("yang2017", "sections 1, 4 and 5.2: for alpha < 1 the gradient grows only polynomially"),
    meaning=(
        "above(epsilon) = E[psi'(z)^2; z > epsilon].  As epsilon tends to 0 it tends to the value in the gradient's "
        "recurrence for alpha > 1/2; for smaller alpha it grows like epsilon^(2 alpha - 1), one layer has an infinite "
        "mean square gradient, and no power of the depth bounds it.  Note 5 of section 5.2 names the bound 1/2; "
        "sections 1 and 4 do not"
    ),
    variables={eps: "epsilon > 0", alpha: "0 < alpha < 1"},
    printed=Printed(
        text="for alpha < 1 the gradient's recurrence has the finite coefficient alpha^2 c_(alpha-1)",
        statement=sp.Eq(above(eps), WHOLE),
        condition="alpha > 1/2 (epsilon tends to 0)",
    ),
)


def derive() -> sp.Expr:
    """y = x^2/2 turns the integral into an incomplete gamma function."""
    x, y = sp.symbols("x y", positive=True)
    density = sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi)
    inside = (alpha * x ** (alpha - 1)) ** 2 * density / x  # dx = dy/x
    moved = sp.powsimp(sp.expand(sp.powdenest(inside.subs(x, sp.sqrt(2 * y)), force=True)))
    rest, power = sp.S.One, sp.S.Zero
    for factor in sp.Mul.make_args(sp.expand_power_base(moved, force=True)):
        base, exponent = factor.as_base_exp()
        if base == y:
            power += exponent
        elif not (factor.has(sp.exp) and factor.has(y)):
            rest *= factor
    return sp.simplify(rest * sp.uppergamma(power + 1, eps**2 / 2))


def quadrature(point, digits):
    """In t = log x."""
    a, cut = _alpha.number(point[alpha]), _alpha.number(point[eps])
    f = lambda t: (a * mpmath.exp((a - 1) * t)) ** 2 * mpmath.exp(t - mpmath.exp(2 * t) / 2)  # noqa: E731
    low = mpmath.log(cut)
    return mpmath.quad(f, [low, low / 2, 0, 1, 2, 3, 4]) / mpmath.sqrt(2 * mpmath.pi)


def ball(point, bits):
    """The incomplete gamma function in balls."""
    from flint import arb, ctx

    from derive.numerics.compile import to_arb

    with ctx.workprec(bits + 200):
        a, cut = to_arb(point[alpha]), to_arb(point[eps])
        gamma = (cut * cut / 2).gamma_upper(a - arb(1) / 2)
        return a * a * arb(2) ** (a - 2) / arb.pi().sqrt() * gamma


def formula(statement, point, bits):
    """The right-hand side by SymPy's digits, as a ball of the last ones."""
    from flint import arb, ctx

    value = statement.rhs.subs(point).evalf(60)
    with ctx.workprec(bits + 200):
        return arb(str(value)) + arb(0, 1) * arb(10) ** -50 * abs(arb(str(value)))


def checks():
    points = [{alpha: sp.Rational(2, 5), eps: sp.Rational(1, 50)}, {alpha: sp.Rational(4, 5), eps: sp.Rational(1, 3)}]
    yield digits("quadrature", quadrature, points, digits=20, method="mpmath.quad in the logarithm of the input")


def _enclosure(a):
    return enclosure(
        "incomplete gamma function in balls",
        ball,
        [{alpha: a, eps: sp.Rational(1, 10**60)}],
        radius=Fraction(1, 10**20),
        within=Fraction(1, 10**20),
        formula=formula,
        method="above(10^-60) in balls",
    )


def printed_checks():
    yield under(_enclosure(sp.Rational(4, 5)))
    yield outside(_enclosure(sp.Rational(2, 5)))
