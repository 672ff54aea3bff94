r"""(16) for a Gaussian matrix: the matrix-valued R-transform has alpha G_12 and alpha G_21 off its diagonal."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits

R12 = sp.Symbol("R_12", real=True)
G12, G21 = sp.symbols("G_12 G_21", real=True)
alpha = sp.Symbol("alpha", positive=True)

CLAIM = Claim(
    id="isometry_block_r_transform",
    title="matrix-valued R-transform of a Gaussian branch",
    statement=sp.Eq(R12, alpha * G12),
    source=Source("tarnowski2019", "equations (15), (16), a constant determining sequence"),
    meaning=(
        "upper right entry of the R-transform of diag(X, X^T) at the block trace (G_ij), X with entries of variance "
        "alpha/N; the lower left entry has G_21, the diagonal is 0.  For other R-diagonal X the paper cites alpha = "
        "A(G_12 "
        "G_21); that form is not derived here"
    ),
    variables={G12: "real", alpha: "alpha > 0"},
)

a, z = sp.symbols("a z", positive=True)


def moments(skip, weight, count):
    """E Tr ((a+X)(a+X)^T)^k/N: non-crossing pairings of X with X^T among 2k slots, the others holding a."""
    size = 2 * count
    table = {(i, i): mpmath.mpf(1) for i in range(size + 1)}
    for length in range(1, size + 1):
        for i in range(size - length + 1):
            j = i + length
            total = skip * table[i + 1, j]
            for k in range(i + 1, j, 2):  # a slot of the other kind
                total += weight * table[i + 1, k] * table[k + 1, j]
            table[i, j] = total
    return [table[0, 2 * k] for k in range(count + 1)]


def series(point, digits):
    """Green's function from its moments."""
    skip, weight, place = (mpmath.mpf(point[s].p) / point[s].q for s in (a, alpha, z))
    return mpmath.fsum(m / place ** (k + 1) for k, m in enumerate(moments(skip, weight, 26)))


def formula(statement, point, digits):
    """G_12 by iterating (15) with the stated R-transform."""
    skip, weight, place = (mpmath.mpf(point[s].p) / point[s].q for s in (a, alpha, z))
    entry = sp.lambdify((G12, G21, alpha), statement.rhs, "mpmath")
    scalars = mpmath.matrix([[-skip, 1], [place, -skip]])
    blocks = scalars ** (-1)
    for _ in range(200):
        upper, lower = entry(blocks[0, 1], blocks[1, 0], weight), entry(blocks[1, 0], blocks[0, 1], weight)
        blocks = (scalars - mpmath.matrix([[0, upper], [lower, 0]])) ** (-1)
    return blocks[0, 1]


def checks():
    points = [{a: 1, alpha: sp.Rational(1, 8), z: 90}, {a: sp.Rational(1, 2), alpha: 1, z: 200}]
    yield digits(
        "non-crossing pairings",
        series,
        points,
        digits=25,
        formula=formula,
        method="26 moments counted by planar Wick pairings (no free probability), summed at large z",
    )
