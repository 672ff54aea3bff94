r"""The tempered alpha-ReLU (x + eps)^alpha - eps^alpha has the leading variance of x^alpha; what comes next."""

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import decay

from ._alpha import NORM, alpha

q, eps = sp.symbols("q epsilon", positive=True)
V = sp.Function("V")
LAW = NORM * q**alpha - 2 * eps**alpha * NORM.subs(alpha, alpha / 2) * q ** (alpha / 2)

CLAIM = Claim(
    id="tempered_alpha_relu_variance",
    title="V of the tempered alpha-ReLU at large variance",
    statement=sp.Eq(V(q), LAW),
    source=Source("yang2017", "section 5, note 2: tempered alpha-ReLU (formula stripped, rebuilt)"),
    meaning=(
        "V(q) = E phi(sqrt(q) z)^2, phi(x) = (x + epsilon)^alpha - epsilon^alpha for x > 0, else 0.  The first term is "
        "that of x^alpha, so the length keeps its law K(1 - alpha) l to the power 1/(1 - alpha); the second is smaller "
        "by q^(-alpha/2) only, where sigma_a2 comes in at q^(-alpha)"
    ),
    variables={q: "q > 0", eps: "epsilon > 0", alpha: "1/2 < alpha < 1"},
    error=q ** (alpha - sp.Rational(1, 2)),
    limit=(q, sp.oo),
    printed=Printed(
        text="p behaves as for x^alpha, K the same (V is asymptotic to c_alpha q^alpha)", statement=sp.Eq(V(q), LAW)
    ),
)


def derive() -> sp.Expr:
    """The square of the activation expanded in epsilon/x, term by term in moments of half a normal variable."""
    x, u = sp.symbols("x u", positive=True)  # u = epsilon/x
    head = x**alpha * (1 + alpha * u) - eps**alpha  # what is left is of the order x^(alpha - 2)
    square = sp.expand(head**2).subs(u, 0)  # terms with u are of the orders 2 alpha - 1 and alpha - 1
    density = sp.exp(-(x**2) / (2 * q)) / sp.sqrt(2 * sp.pi * q)
    total = sp.Integer(0)
    for term in sp.Add.make_args(sp.powsimp(square)):
        if term.has(x):
            total += sp.integrate(term * density, (x, 0, sp.oo), conds="none")
    return sp.powsimp(sp.simplify(total))


def trapezoid(point, digits):
    a, e, width = (mpmath.mpf(point[s].p) / point[s].q for s in (alpha, eps, q))
    width = mpmath.sqrt(width)

    top, h, total = mpmath.log(width), mpmath.mpf(1) / 12, mpmath.mpf(0)
    for k in range(-540, 40):  # x = exp(t); the integrand is analytic in a strip of half width pi/4
        x = mpmath.exp(top + k * h)
        total += ((x + e) ** a - e**a) ** 2 * mpmath.npdf(x, 0, width) * x
    return h * total


def _checks():
    R = sp.Rational
    points = [{alpha: R(3, 4), eps: R(1, 2)}, {alpha: R(3, 5), eps: R(1, 3)}]
    yield decay(
        "trapezoidal sums",
        trapezoid,
        q,
        [16**k for k in range(4, 11)],
        points=points,
        error=q ** (alpha - R(1, 2)),
        digits=13,
        method="trapezoidal sums in the logarithm of the input, in mpmath",
    )


def checks():
    yield from _checks()


def printed_checks():
    yield from _checks()
