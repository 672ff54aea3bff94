r"""(16): the matrix-valued R-transform of an R-diagonal branch, from the definition of R-diagonality."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits

from . import _rdiagonal, _spectrum

A = sp.Function("A")
R12 = sp.Symbol("R_12", real=True)
G12, G21 = sp.symbols("G_12 G_21", real=True)

CLAIM = Claim(
    id="isometry_block_r_transform",
    title="matrix-valued R-transform of an R-diagonal branch",
    statement=sp.Eq(R12, G12 * A(G12 * G21)),
    source=Source("tarnowski2019", "equations (15), (16)"),
    meaning=(
        "upper right entry of the R-transform of diag(X, X^T) at the block trace (G_ij), A(x) = sum c_2k x^(k-1); the "
        "lower left entry is G_21 A(G_12 G_21), the diagonal is 0"
    ),
    assumptions=_rdiagonal.DEFINITION,
    variables={G12: "real", G21: "real"},
)

a, z, c2, c4, c6 = sp.symbols("a z c2 c4 c6", real=True)
POINTS = [
    {a: 1, c2: sp.Rational(1, 8), c4: sp.Rational(1, 3), c6: -2, z: 10**9},
    {a: sp.Rational(1, 2), c2: 1, c4: sp.Rational(-3, 4), c6: sp.Rational(5, 7), z: 10**10},
]


def derive() -> sp.Expr:
    """The sum over alternating words of letters, a power of one matrix."""
    from derive.spectrum import transforms as t

    found = t.block_r_transform(A)
    if found[0, 0] != 0 or found[1, 1] != 0:
        raise ArithmeticError("the diagonal of the R-transform does not vanish")
    return found[0, 1].subs({t.G12: G12, t.G21: G21})


def partitions(point, digits):
    """Green's function from moments over non-crossing partitions of up to ten letters."""
    skip, place = sp.Rational(point[a]), sp.Rational(point[z])
    return _spectrum.number(_rdiagonal.green(skip, [sp.Rational(point[c]) for c in (c2, c4, c6)] + [0, 0], place))


def _iterated(entry, skip, place):
    """G_12 by iterating (15) with ``entry`` as R_12 and, with the indices exchanged, R_21."""
    scalars = mpmath.matrix([[-skip, 1], [place, -skip]])
    blocks = scalars ** (-1)
    for _ in range(40):
        upper, lower = entry(blocks[0, 1], blocks[1, 0]), entry(blocks[1, 0], blocks[0, 1])
        blocks = (scalars - mpmath.matrix([[0, upper], [lower, 0]])) ** (-1)
    return blocks[0, 1]


def formula(statement, point, digits):
    skip, place, *numbers = (_spectrum.number(sp.Rational(point[s])) for s in (a, z, c2, c4, c6))
    determining = {"A": lambda x: numbers[0] + numbers[1] * x + numbers[2] * x * x}
    return _iterated(sp.lambdify((G12, G21), statement.rhs, [determining, "mpmath"]), skip, place)


def orthogonal(point, digits):
    """X a Haar orthogonal matrix: Y Y^T = 1 + a^2 + a (X + X^T), and X + X^T has the arcsine law on [-2, 2]."""
    skip, place = (_spectrum.number(sp.Rational(point[s])) for s in (a, z))
    return 1 / mpmath.sqrt((place - 1 - skip**2) ** 2 - 4 * skip**2)


def formula_orthogonal(statement, point, digits):
    """c_2k of a Haar orthogonal matrix are the signed Catalan numbers."""
    skip, place = (_spectrum.number(sp.Rational(point[s])) for s in (a, z))
    determining = {"A": lambda x: 2 / (1 + mpmath.sqrt(1 + 4 * x))}
    return _iterated(sp.lambdify((G12, G21), statement.rhs, [determining, "mpmath"]), skip, place)


def checks():
    yield digits(
        "non-crossing partitions",
        partitions,
        POINTS,
        digits=40,
        formula=formula,
        method="moments of up to ten letters, all non-crossing partitions of the definition's cumulants, at large z",
    )
    yield digits(
        "orthogonal matrix",
        orthogonal,
        [{a: sp.Rational(1, 3), z: 900}, {a: 1, z: 4000}],
        digits=30,
        formula=formula_orthogonal,
        method="Haar orthogonal X, where Y Y^T has a shifted arcsine law",
    )
