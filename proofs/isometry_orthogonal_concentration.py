r"""Units of a layer with scaled orthogonal weights have covariances of order 1/N, so layer means concentrate."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay, holds

from . import _orthogonal, _spectrum
from ._orthogonal import N, first_correction, q

covariance = sp.Function("covariance")
v1, w1 = sp.symbols("v1 w1", real=True)
s, t = sp.symbols("s t", integer=True, positive=True)

CLAIM = Claim(
    id="isometry_orthogonal_concentration",
    title="means over a layer with scaled orthogonal weights do not fluctuate in the limit of wide layers",
    statement=sp.Eq(covariance(N), -2 * q**2 * v1 * w1 / N),
    source=Source("tarnowski2019", "section 3.2: ergodicity, and below (27) for scaled orthogonal weights"),
    meaning=(
        f"covariance of f(h_1) and g(h_2), h = W x, {_orthogonal.HAAR}, q = sigma_w2 p/L; v1, w1 are the derivatives "
        "by q of the means of f and g over a Gaussian of variance q.  The variance of a mean over the layer is at most "
        "(variance of f)/N plus this"
    ),
    assumptions="f, g bounded, with bounded derivatives up to order 8, or polynomials",
    variables={q: "q > 0", v1: "v'(q)", w1: "w'(q)", N: "N -> oo"},
    error=1 / N**2,
    limit=(N, sp.oo),
    uses=("isometry_orthogonal_layer_means",),
)


def derive() -> sp.Expr:
    """E h_1^(2i) h_2^(2j) has the Gaussian factors times the correction of order i + j; the covariance is what differs.

    With q i q^(i-1) for f and the same for g the coefficient is an operator of first order in each.
    """
    i, j = sp.symbols("i j", integer=True, nonnegative=True)
    mixed = sp.expand(first_correction(i + j) - first_correction(i) - first_correction(j))
    factor, rest = sp.div(sp.Poly(mixed, i, j), sp.Poly(i * j, i, j))
    if not rest.is_zero or factor.total_degree() != 0:
        raise ArithmeticError(f"{mixed} is not a multiple of i j")
    return factor.as_expr() * q**2 * v1 * w1 / N


def sphere(point, digits):
    """f = cos(s h), g = cos(t h): plane waves on the sphere, all of them Bessel functions."""
    size, count = mpmath.mpf(point[q].p) / point[q].q, mpmath.mpf(int(point[N]))

    def wave(square):
        return mpmath.hyp0f1(count / 2, -square * size * count / 4)

    one, two = (mpmath.mpf(int(point[x])) ** 2 for x in (s, t))
    return wave(one + two) - wave(one) * wave(two)


def gaussian(statement, point, digits):
    """The statement with v = exp(-s^2 q/2), w = exp(-t^2 q/2)."""
    size = mpmath.mpf(point[q].p) / point[q].q
    first, second = (mpmath.mpf(int(point[x])) ** 2 / 2 for x in (s, t))
    values = {q: size, v1: -first * mpmath.exp(-first * size), w1: -second * mpmath.exp(-second * size)}
    return _spectrum.evaluate(statement.rhs, {**values, N: int(point[N])})


def squares(statement, point):
    """f = 2 h^2, g = 3 h^2 in three dimensions, x = (1, 2, 2)/3: E h_1^2 h_2^2 by quaternions is N/(N+2) q^2."""
    image = _orthogonal.rotation() * sp.Matrix([1, 2, 2]) / 3
    exact = _orthogonal.mean_over_rotations(image[0] ** 2 * image[1] ** 2)
    mixed, u = q**2 * N / (N + 2), sp.Symbol("u")
    if mixed.subs({N: 3, q: sp.Rational(1, 3)}) != sp.Rational(exact.numerator, exact.denominator):
        return False
    head = sp.series(6 * (mixed - q**2).subs(N, 1 / u), u, 0, 2).removeO().subs(u, 1 / N)
    return bool(sp.simplify(head - statement.rhs.subs({v1: 2, w1: 3})) == 0)


def checks():
    yield decay(
        "plane waves",
        sphere,
        N,
        [2**n for n in range(2, 14)],
        [{q: sp.Rational(1, 2), s: 1, t: 1}, {q: 1, s: 2, t: 1}],
        error=CLAIM.error,
        formula=gaussian,
        digits=25,
        method="Poisson's integral: the mean of a plane wave over a sphere is a Bessel function",
    )
    yield holds("squares", squares, method="a fourth moment in dimension 3 by quaternions, and its expansion")
