r"""Entries of a scaled orthogonal matrix: mean 0, covariance sigma_w2/(N L) between equal entries only."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds

from . import _orthogonal
from ._orthogonal import N

left, right = sp.symbols("left right", real=True)
L, sigma_w2 = sp.symbols("L sigma_w2", positive=True)
covariance = sp.Function("covariance")

CLAIM = Claim(
    id="isometry_orthogonal_entries",
    title="mean and covariance of the entries of a scaled orthogonal matrix",
    statement=sp.Eq(covariance(left, right), sigma_w2 / (N * L) * left * right),
    source=Source("tarnowski2019", "section 3.2, below (27)"),
    meaning=(
        f"E (u.W s)(t.W r) for vectors with u.t = left and s.r = right, {_orthogonal.HAAR}; for unit vectors the "
        "covariance of the entries, sigma_w2/(N L) for equal ones and 0 else.  The mean of W is 0: O and -O have the "
        "same law"
    ),
    variables={left: "u.t", right: "s.r", N: "N >= 1", L: "> 0", sigma_w2: "> 0"},
)


def derive() -> sp.Expr:
    """The only pairing of two places, weighted so that O O^T = 1; a pair of vectors is an inner product."""
    (_,), inverse = _orthogonal.weingarten(2)
    return sigma_w2 / L * left * right * inverse[0, 0]


VECTORS = (sp.Matrix([1, 0, 0]), sp.Matrix([1, 2, -2]), sp.Matrix([0, 3, 1]))


def rotations(statement, point):
    """N = 3: all products of entries of a rotation, as integrals over unit quaternions."""
    matrix = _orthogonal.rotation()
    u, t, s, r = (VECTORS[int(point[p])] for p in PLACES)
    exact = _orthogonal.mean_over_rotations((u.T * matrix * s)[0] * (t.T * matrix * r)[0])
    found = statement.rhs.subs({N: 3, L: 5, sigma_w2: sp.Rational(2, 3), left: u.dot(t), right: s.dot(r)})
    return bool(found == sp.Rational(2, 15) * sp.Rational(exact.numerator, exact.denominator))


def plane(statement, point):
    """N = 2: rotations and reflections by an angle, integrated by SymPy."""
    angle = sp.Symbol("angle", real=True)
    turn = sp.Matrix([[sp.cos(angle), -sp.sin(angle)], [sp.sin(angle), sp.cos(angle)]])
    u, t, s, r = sp.Matrix([1, 2]), sp.Matrix([3, 1]), sp.Matrix([2, 2]), sp.Matrix([1, -3])
    mean = sp.Integer(0)
    for matrix in (turn, turn * sp.diag(1, -1)):
        product = sp.expand((u.T * matrix * s)[0] * (t.T * matrix * r)[0])
        mean += sp.integrate(product, (angle, 0, 2 * sp.pi)) / (4 * sp.pi)
    found = statement.rhs.subs({N: 2, L: 5, sigma_w2: sp.Rational(2, 3), left: u.dot(t), right: s.dot(r)})
    return bool(sp.simplify(found - sp.Rational(2, 15) * mean) == 0)


PLACES = sp.symbols("u t s r", integer=True, nonnegative=True)


def checks():
    points = [dict(zip(PLACES, places, strict=True)) for places in ((0, 0, 0, 0), (0, 1, 1, 2), (1, 2, 0, 0))]
    yield holds("three dimensions", rotations, points, method="entries of a rotation, by unit quaternions")
    yield holds("two dimensions", plane, method="integrals over the angle of rotations and reflections")
