r"""The spectrum of the Jacobian of the covariance map on three positions: chi_q and chi_c times the three modes."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, holds

from . import _conv

x, chi_q, chi_c, half = sp.symbols("x chi_q chi_c half", real=True)
v = sp.Symbol("v", nonnegative=True)
polynomial = sp.Function("polynomial")

CLAIM = Claim(
    id="conv_spectrum_on_an_odd_ring",
    title="spectrum of the Jacobian on a ring of three positions",
    statement=sp.Eq(
        polynomial(x, chi_q, chi_c, v),
        (x - chi_q) * (x - chi_c) * (x - chi_q * (1 - 3 * v)) ** 2 * (x - chi_c * (1 - 3 * v)) ** 2,
    ),
    source=Source("pabari", "section 3.3, equations (19) to (21)"),
    meaning=(
        "polynomial = the characteristic polynomial of the Jacobian of Sigma -> A * C(Sigma) on symmetric 3 x 3 "
        "matrices, "
        "taps with the shares v, 1 - 2v, v; lambda_0 = 1, lambda_1 = lambda_2 = 1 - 3v"
    ),
    variables={
        x: "indeterminate",
        chi_q: "slope of a variance",
        chi_c: "slope of a covariance",
        v: "0 <= v <= 1/2",
    },
    uses=("conv_covariance_recurrence", "conv_jacobian_is_not_diagonal"),
)


def derive() -> sp.Expr:
    """Determinant of x - J with the coupling of covariances to variances left as a symbol, which drops out."""
    J = _conv.jacobian(3, {0: 1 - 2 * v, 1: v, -1: v}, chi_q, chi_c, half)
    result = sp.factor((x * sp.eye(6) - J).det(method="berkowitz"))
    assert not result.has(half)
    return result


def numbers(statement, point) -> bool:
    """Determinant at exact numbers by elimination, with a coupling that is not zero."""
    J = _conv.jacobian(3, {0: 1 - 2 * point[v], 1: point[v], -1: point[v]}, point[chi_q], point[chi_c], sp.Integer(7))
    return (point[x] * sp.eye(6) - J).det() == statement.rhs.subs(point)


POINTS = [
    {x: 2, chi_q: sp.Rational(1, 3), chi_c: sp.Rational(3, 4), v: sp.Rational(1, 5)},
    {x: -1, chi_q: sp.Rational(2, 5), chi_c: sp.Rational(1, 7), v: sp.Rational(1, 4)},
]


def checks():
    yield holds("elimination", numbers, POINTS, method="exact determinants of 6 x 6 matrices")
    yield digits(
        "the map itself",
        by_differences,
        [{x: 2, chi_q: 0, chi_c: 0, v: sp.Rational(1, 5)}],
        digits=10,
        method="central differences of one layer of an erf network by mpmath, all entries of the covariance",
        formula=at_erf,
    )


W2, B2 = 2, sp.Rational(1, 10)
_star: dict = {}


def erf_point():
    """q*, c* and the slopes of an erf network from the closed arcsine forms, by iteration in mpmath."""
    import mpmath

    if not _star:
        mean = lambda qa, qb, s: 2 / mpmath.pi * mpmath.asin(2 * s / mpmath.sqrt((1 + 2 * qa) * (1 + 2 * qb)))  # noqa: E731
        q, s = mpmath.mpf(1), mpmath.mpf("0.5")
        for _ in range(2000):
            q, s = W2 * mean(q, q, q) + mpmath.mpf(1) / 10, W2 * mean(q, q, s) + mpmath.mpf(1) / 10
        _star.update(mean=mean, q=q, s=s)
    return _star


def at_erf(statement, point, _digits):
    import mpmath

    star = erf_point()
    q, s = star["q"], star["s"]
    slopes = {
        chi_q: W2 * mpmath.diff(lambda t: star["mean"](t, t, t), q),
        chi_c: W2 * mpmath.diff(lambda t: star["mean"](q, q, t), s),
    }
    values = [slopes.get(a, mpmath.mpf(point[a].p) / point[a].q) for a in (x, chi_q, chi_c, v)]
    return sp.lambdify([x, chi_q, chi_c, v], statement.rhs, "mpmath")(*values)


def by_differences(point, _digits):
    """The Jacobian from 12 evaluations of the map, then its characteristic polynomial."""
    import mpmath

    star, share = erf_point(), mpmath.mpf(point[v].p) / point[v].q
    pairs = [(a, b) for a in range(3) for b in range(a, 3)]
    shares = {0: 1 - 2 * share, 1: share, 2: share}
    h = mpmath.mpf(10) ** -8

    def layer(S):
        C = [[W2 * star["mean"](S[a][a], S[b][b], S[a][b]) for b in range(3)] for a in range(3)]
        return [mpmath.fsum(w * C[(a + k) % 3][(b + k) % 3] for k, w in shares.items()) for a, b in pairs]

    J = mpmath.matrix(6)
    for column, (a, b) in enumerate(pairs):
        sides = []
        for sign in (1, -1):
            S = [[star["q"] if i == j else star["s"] for j in range(3)] for i in range(3)]
            S[a][b] += sign * h
            S[b][a] = S[a][b]
            sides.append(layer(S))
        for row in range(6):
            J[row, column] = (sides[0][row] - sides[1][row]) / (2 * h)
    return mpmath.det(point[x].p * mpmath.eye(6) - J)
