r"""Odd functions that are positive for x > 0 have a positive mean product where the correlation is positive."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits

x, y, q = sp.symbols("x y q", positive=True)
c = sp.Symbol("c", positive=True)
difference = sp.Function("difference")
v = q * (1 - c**2)

CLAIM = Claim(
    id="quadrants_of_a_gaussian_pair",
    title="the density of a Gaussian pair at (x, y) and at (x, -y)",
    statement=sp.Eq(
        difference(x, y), sp.exp(-(x**2 + y**2) / (2 * v)) * sp.sinh(c * x * y / v) / (sp.pi * sp.sqrt(q * v))
    ),
    source=Source("derive", "lemma behind the sentences on dropout of section 3 of schoenholz2017"),
    meaning=(
        "difference = density at (x, y) minus density at (x, -y), variances q, correlation c.  For odd f and g, "
        "E f(u1) g(u2) is twice the integral of f(x) g(y) difference(x, y) over x, y > 0, so it is not negative where "
        "f, g >= 0 for x > 0 and c >= 0"
    ),
    variables={x: "x > 0", y: "y > 0", q: "q > 0", c: "0 < c < 1"},
)


def derive() -> sp.Expr:
    """The two densities from the inverse of the covariance matrix."""
    matrix = sp.Matrix([[q, c * q], [c * q, q]])
    inverse = matrix.inv()

    def exponent(t):
        place = sp.Matrix([x, t])
        return sp.simplify(-(place.T * inverse * place)[0] / 2)

    even = sp.simplify((exponent(y) + exponent(-y)) / 2)
    odd = sp.simplify((exponent(y) - exponent(-y)) / 2)
    norm = 2 * sp.pi * sp.sqrt(sp.factor(matrix.det()))
    return sp.exp(even) * 2 * sp.sinh(odd) / norm


def conditional(point, digits):
    """Density of u1 times the one of u2 given u1, whose mean is c u1 and whose variance q (1 - c^2)."""
    at = {s: mpmath.mpf(point[s].p) / point[s].q for s in (x, y, q, c)}
    rest = mpmath.sqrt(at[q] * (1 - at[c] ** 2))
    pair = [mpmath.npdf(t, at[c] * at[x], rest) for t in (at[y], -at[y])]
    return mpmath.npdf(at[x], 0, mpmath.sqrt(at[q])) * (pair[0] - pair[1])


def checks():
    R = sp.Rational
    points = [{x: R(1, 2), y: R(2), q: R(3, 2), c: R(1, 3)}, {x: R(3), y: R(1, 5), q: R(2, 3), c: R(4, 5)}]
    yield digits("conditional density", conditional, points, digits=30, method="densities of mpmath")
