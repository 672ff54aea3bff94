r"""Fourth moments of a scaled orthogonal matrix: squares of entries are correlated by terms of order 1/N."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds

from . import _orthogonal
from ._orthogonal import N

L, sigma_w2 = sp.symbols("L sigma_w2", positive=True)
row, column = sp.symbols("row column", nonnegative=True)
mean = sp.Function("mean")

CLAIM = Claim(
    id="isometry_orthogonal_squares",
    title="fourth moments of a scaled orthogonal matrix",
    statement=sp.Eq(
        mean(row, column),
        (sigma_w2 / L) ** 2
        * ((N + 1) * (1 + 2 * row * column) - 2 * (row + column + row * column))
        / (N * (N - 1) * (N + 2)),
    ),
    source=Source("tarnowski2019", "section 3.2, below (27): entries can be approximated as independent Gaussians"),
    meaning=(
        f"E (u.W s)^2 (t.W r)^2 for unit vectors, {_orthogonal.HAAR}; row = (u.t)^2, column = (s.r)^2 (1 or 0 for "
        "entries).  Independent Gaussian entries have (sigma_w2/(N L))^2 (1 + 2 row column): the difference is of "
        "relative order 1/N"
    ),
    variables={row: "0 to 1", column: "0 to 1", N: "N >= 2", L: "> 0", sigma_w2: "> 0"},
)


def derive() -> sp.Expr:
    """The three pairings of four places: the one within equal vectors gives 1, the other two the cosine squared."""
    found, inverse = _orthogonal.weingarten(4)

    def weight(pairing: tuple, same: sp.Symbol) -> sp.Expr:
        return sp.Integer(1) if (0, 1) in pairing else same

    total = sum(
        weight(one, row) * weight(two, column) * inverse[r, c]
        for r, one in enumerate(found)
        for c, two in enumerate(found)
    )
    return (sigma_w2 / L) ** 2 * sp.factor(total)


def rotations(statement, point):
    """N = 3, exactly, for unit vectors with rational cosines."""
    matrix, scale = _orthogonal.rotation(), (point[sigma_w2] / point[L]) ** 2
    first = sp.Matrix([1, 0, 0])
    t, r = (sp.Matrix([cosine, sp.sqrt(1 - cosine**2), 0]) for cosine in (sp.sqrt(point[row]), sp.sqrt(point[column])))
    exact = _orthogonal.mean_over_rotations((first.T * matrix * first)[0] ** 2 * (t.T * matrix * r)[0] ** 2)
    return bool(statement.rhs.subs({**point, N: 3}) == scale * sp.Rational(exact.numerator, exact.denominator))


def constraints(statement, point):
    """Rows of length 1 and orthogonal: sums over all columns of squares times squares, for any N."""
    rhs = statement.rhs.subs({L: 1, sigma_w2: 1})
    same_row = rhs.subs({row: 1, column: 1}) + (N - 1) * rhs.subs({row: 1, column: 0})
    other_row = rhs.subs({row: 0, column: 1}) + (N - 1) * rhs.subs({row: 0, column: 0})
    return bool(sp.simplify(same_row - 1 / N) == 0 and sp.simplify(other_row - 1 / N) == 0)


def checks():
    points = [
        {row: r, column: c, L: 5, sigma_w2: sp.Rational(2, 3)}
        for r, c in ((1, 1), (1, 0), (0, 1), (sp.Rational(9, 25), sp.Rational(16, 25)))
    ]
    yield holds("three dimensions", rotations, points, method="rotations by quaternions, integrals over the sphere")
    yield holds(
        "rows of length 1",
        constraints,
        method="sum over l of W_kl^2 is sigma_w2/L, so E W_ij^2 times it is known, for every N",
        sees=lambda statement, wrong: not constraints(wrong, {}),
    )
