r"""Means over a layer with scaled orthogonal weights tend to Gaussian ones like 1/N."""

from functools import lru_cache

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay, holds

from . import _orthogonal, _spectrum
from ._orthogonal import N, first_correction, k, q

mean = sp.Function("mean")
v, v2 = sp.symbols("v v2", real=True)
case = sp.Symbol("case", integer=True, positive=True)

CLAIM = Claim(
    id="isometry_orthogonal_layer_means",
    title="pre-activations of scaled orthogonal weights are Gaussian for wide layers",
    statement=sp.Eq(mean(N), v - q**2 * v2 / N),
    source=Source("tarnowski2019", "section 3.2, below (27): the same holds for scaled orthogonal weights"),
    meaning=(
        f"E f(h_i), h = W x, {_orthogonal.HAAR}, x fixed with mean square p over its entries, q = sigma_w2 p/L; v(q) "
        "is the mean of f over a Gaussian of variance q and v2 its second derivative by q.  As E f(h_i) x_i = x_i E "
        "f(h_i), (26) and (27) hold with these means in place of the Gaussian ones, and in the limit of wide layers as "
        "printed"
    ),
    assumptions="f bounded, with bounded derivatives up to order 8, or a polynomial",
    variables={q: "q > 0", v: "v(q)", v2: "v''(q)", N: "N -> oo"},
    error=1 / N**2,
    limit=(N, sp.oo),
    uses=("isometry_orthogonal_entries", "isometry_preactivation_recurrence"),
)


def derive() -> sp.Expr:
    """On even powers h^(2k) the coefficient of 1/N is an operator in q, on others all means are 0."""
    total, rest = sp.div(sp.Poly(first_correction(k), k), sp.Poly(k * (k - 1), k))  # q^2 (q^k)'' = k (k-1) q^k
    if not rest.is_zero or total.degree() != 0:
        raise ArithmeticError(f"the first correction {first_correction(k)} is not an operator of second order in q")
    return v + total.as_expr() * q**2 * v2 / N


def gaussian_cosine(statement, point, digits):
    """The statement for f = cos(case h): v = exp(-case^2 q/2)."""
    size, rate = mpmath.mpf(point[q].p) / point[q].q, mpmath.mpf(int(point[case])) ** 2 / 2
    value = mpmath.exp(-rate * size)
    return _spectrum.evaluate(statement.rhs, {q: size, v: value, v2: rate**2 * value, N: int(point[N])})


def sphere_cosine(point, digits):
    """E cos(case h_1) on the sphere of radius sqrt(N q): a Bessel function (Poisson's integral)."""
    size, order = mpmath.mpf(point[q].p) / point[q].q, mpmath.mpf(int(point[N])) / 2 - 1
    x = int(point[case]) * mpmath.sqrt(size * int(point[N]))
    return mpmath.hyp0f1(order + 1, -(x**2) / 4)


@lru_cache(maxsize=16)
def tanh_values(size, precision):
    """(v, v'') of tanh^2 at q = size by quadrature; v'' is a quarter of the mean of the fourth derivative."""

    def integral(f):
        return mpmath.quad(lambda z: f(mpmath.tanh(mpmath.sqrt(size) * z) ** 2) * mpmath.npdf(z), [-12, -4, 0, 4, 12])

    return integral(lambda t2: t2), integral(lambda t2: -8 * (1 - t2) * (2 - 15 * t2 + 15 * t2**2)) / 4


def tanh_gaussian(statement, point, digits):
    """The statement for f = tanh^2."""
    size = mpmath.mpf(point[q].p) / point[q].q
    value, second = tanh_values(size, mpmath.mp.prec)
    return _spectrum.evaluate(statement.rhs, {q: size, v: value, v2: second, N: int(point[N])})


def tanh_sphere(point, digits):
    """tanh^2 against the law of one coordinate on the sphere, (1 - t^2/N)^((N-3)/2)."""
    size, count = mpmath.mpf(point[q].p) / point[q].q, int(point[N])
    end = mpmath.sqrt(count)
    end = min(end, mpmath.mpf(16))
    parts = [0, *(x for x in (1, 2, 4, 8) if x < end), end]

    def integral(f):
        return mpmath.quad(lambda t: f(t) * max(0, 1 - t * t / count) ** (mpmath.mpf(count - 3) / 2), parts)

    return integral(lambda t: mpmath.tanh(mpmath.sqrt(size) * t) ** 2) / integral(lambda t: mpmath.mpf(1))


def quartic(statement, point):
    """f(h) = h^4: 3 q^2 N/(N+2), exact in three dimensions by quaternions; the statement is its expansion."""
    entry = (_orthogonal.rotation() * sp.Matrix([1, 2, 2]) / 3)[0]  # |x|^2 = 1, so q = 1/3
    exact = _orthogonal.mean_over_rotations(entry**4)
    fourth, u = 3 * q**2 * N / (N + 2), sp.Symbol("u")
    if fourth.subs({N: 3, q: sp.Rational(1, 3)}) != sp.Rational(exact.numerator, exact.denominator):
        return False
    head = sp.series(fourth.subs(N, 1 / u), u, 0, 2).removeO().subs(u, 1 / N)
    return bool(sp.simplify(head - statement.rhs.subs({v: 3 * q**2, v2: 6})) == 0)


def checks():
    grid = [2**k for k in range(2, 14)]
    yield decay(
        "cosine",
        sphere_cosine,
        N,
        grid,
        [{q: sp.Rational(1, 2), case: 1}, {q: 1, case: 2}],
        error=CLAIM.error,
        formula=gaussian_cosine,
        digits=25,
        method="Poisson's integral: the mean of a plane wave over a sphere is a Bessel function",
    )
    yield decay(
        "tanh^2",
        tanh_sphere,
        N,
        [2**k for k in range(3, 11)],
        [{q: sp.Rational(1, 2), case: 1}],
        error=CLAIM.error,
        formula=tanh_gaussian,
        digits=15,
        method="the exact law of one coordinate by quadrature",
    )
    yield holds(
        "fourth power", quartic, method="the fourth moment in three dimensions by quaternions, and its expansion"
    )
