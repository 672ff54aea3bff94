r"""All moments of the universal law: E lambda^k = e^(k kappa) 1F1(1-k; 2; -2 k kappa) in units of a^(2Lk)."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, holds

from . import _spectrum

moment = sp.Function("moment")
k = sp.Symbol("k", real=True)
kappa = sp.Symbol("kappa", positive=True)

CLAIM = Claim(
    id="isometry_moments",
    title="moments of any order of the universal spectrum",
    statement=sp.Eq(moment(k), sp.exp(k * kappa) * sp.hyper([1 - k], [2], -2 * k * kappa)),
    source=Source("derive", "spectrum: moments of equation (25) of tarnowski2019"),
    meaning="moment(k) = E (lambda/a^(2L))^k, kappa = c/a^2",
    variables={k: "any real order (complex ones too)", kappa: "kappa > 0"},
    uses=("isometry_greens_equation",),
)


def segment_integrand() -> tuple[sp.Expr, sp.Symbol]:
    """(log|lambda|, t) on 0 < t < 1, t = (1-v)/2, v = 2 lambda G - 1, from Green's equation (25).

    E e^(ky) is 1/(4 pi i k) times the integral of e^(k y(v)) dv around the curve of boundary values.  Shrunk to the
    segment -1 < v < 1, on whose sides y is real +- i pi, it is sin(pi k)/(2 pi k) times the integral along it.
    """
    from derive.spectrum import transforms as tr

    a, c, z, G = (tr.SYMBOLS[n] for n in ("a", "c", "z", "G"))
    t = sp.Symbol("t", positive=True)
    equation = tr.greens_equation()
    v = 1 - 2 * t
    # lambda G = (v+1)/2 and, from (25), G itself; lambda is their ratio, negative on the segment
    green = equation.rhs.subs(z, (v + 1) / (2 * G)) / (equation.lhs / G)
    scaled = sp.simplify((v + 1) / (2 * green.subs(a, 1).subs(c, kappa)))
    return sp.expand_log(sp.log(sp.simplify(-scaled)), force=True), t


def derive() -> sp.Expr:
    """The exponential in t term by term for |k| < 1: Beta integrals, whose ratio is that of a 1F1; then for all k."""
    n = sp.Symbol("n", integer=True, nonnegative=True)
    logarithm, t = segment_integrand()
    linear = sp.expand(logarithm - sp.log(1 - t) + sp.log(t))
    rate = sp.diff(linear, t)
    if sp.simplify(linear - linear.subs(t, 0) - rate * t) != 0:
        raise ArithmeticError(f"log|lambda| on the segment is not log((1-t)/t) plus a linear function: {logarithm}")
    # int t^(n-k) (1-t)^k dt = Gamma(n+1-k) Gamma(1+k)/Gamma(n+2); dv = 2 dt; sin(pi k) = pi k/(Gamma(1-k) Gamma(1+k))
    term = (k * rate) ** n / sp.factorial(n) * sp.gamma(n + 1 - k) * sp.gamma(1 + k) / sp.gamma(n + 2)
    first = sp.gammasimp(term.subs(n, 0) / (sp.gamma(1 - k) * sp.gamma(1 + k)))
    ratio = sp.factor(sp.gammasimp(sp.combsimp(term.subs(n, n + 1) / term)))  # (n + upper) x/((n + lower)(n + 1))
    (upper,), (lower,) = (
        [-root for root in sp.roots(part, n) if root != -1] for part in (sp.numer(ratio), sp.denom(ratio))
    )
    argument = sp.limit(ratio * n, n, sp.oo)
    return first * sp.exp(k * linear.subs(t, 0)) * sp.hyper([upper], [lower], argument)


def quadrature(point, digits):
    order, width = _spectrum.number(point[k]), _spectrum.number(point[kappa])
    return _spectrum.mean_of_log(lambda y: mpmath.exp(order * y) / order, width)


def lagrange(statement, point):
    """The coefficient of z^(k-1) in (1+z)^k e^(k kappa (1+2z)) over k, as an exact polynomial times e^(k kappa)."""
    order, z = int(point[k]), sp.Symbol("z")
    series = sum((2 * order * kappa * z) ** j / sp.factorial(j) for j in range(order + 1))
    coefficient = sp.expand((1 + z) ** order * series).coeff(z, order - 1) / order
    stated = sp.expand_func(sp.hyperexpand(statement.rhs.subs(k, order)))
    return sp.simplify(sp.expand(stated / sp.exp(order * kappa)) - coefficient) == 0


def checks():
    points = [
        {k: order, kappa: width}
        for order in (1, sp.Rational(7, 3), sp.Rational(-5, 2))
        for width in (sp.Rational(1, 8), 2)
    ]
    yield digits("quadrature", quadrature, points, digits=25, method="mpmath.quad over the explicit spectral curve")
    yield holds(
        "Lagrange's inversion",
        lagrange,
        [{k: order} for order in (2, 3, 5)],
        method="coefficients of the inverse of z/(1+z) e^(-kappa(1+2z)), exactly in kappa",
    )
