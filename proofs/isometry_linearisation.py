r"""(13), (14): the upper right block of the linear resolvent is (z - Y^T Y)^(-1), Y = a + X."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds

trace = sp.Symbol("trace", real=True)
z, m1, m2 = sp.symbols("z m1 m2", real=True)

CLAIM = Claim(
    id="isometry_linearisation",
    title="the block resolvent holds Green's function of Y Y^T",
    statement=sp.Eq(trace, (2 * z - m1) / (z**2 - z * m1 + m2)),
    source=Source("tarnowski2019", "equations (13), (14)"),
    meaning=(
        "trace of the upper right 2 x 2 block of the inverse of ((-Y, 1), (z, -Y^T)) for a real 2 x 2 matrix Y; m1 "
        "and m2 "
        "are trace and determinant of Y Y^T, so the right side is the trace of (z - Y Y^T)^(-1)"
    ),
    variables={z: "not an eigenvalue", m1: "Tr Y Y^T", m2: "det Y Y^T"},
)

ENTRIES = sp.symbols("y1:5", real=True)


def derive() -> sp.Expr:
    """Invert by blocks: with H = (z - Y^T Y)^(-1) the upper right block is H; then its trace by the eigenvalues."""
    from derive.spectrum.transforms import linearisation

    block, inverse = linearisation()
    Y, Yt, H = sp.symbols("Y Yt H", commutative=False)
    place = next(iter(block.free_symbols - {Y, Yt}))
    product = (block * inverse).applyfunc(sp.expand)
    unit = product.applyfunc(lambda e: sp.expand(e.subs(Yt * Y * H, place * H - 1)))
    if unit != sp.eye(2):
        raise ArithmeticError(f"the product of block matrix and inverse is {unit}")
    one, two = sp.symbols("one two")
    total = sp.together(1 / (z - one) + 1 / (z - two))
    numerator, denominator = (sp.expand(part) for part in sp.fraction(total))
    put = {one + two: m1, one * two: m2}
    symmetric = [sp.symmetrize(part, [one, two], formal=True) for part in (numerator, denominator)]
    found = []
    for expression, rest, mapping in symmetric:
        if rest != 0:
            raise ArithmeticError("the trace is not symmetric in the eigenvalues")
        found.append(expression.subs({name: put.get(value, value) for name, value in mapping}))
    return found[0] / found[1]


def matrices(statement, point):
    """A rational matrix: the 4 x 4 inverse, exactly."""
    y = sp.Matrix(2, 2, [point[s] for s in ENTRIES])
    place = point[z]
    top = (-y).row_join(sp.eye(2))
    bottom = (place * sp.eye(2)).row_join(-y.T)
    block = top.col_join(bottom).inv()[:2, 2:]
    gram = y * y.T
    return bool(block.trace() == statement.rhs.subs({z: place, m1: gram.trace(), m2: gram.det()}))


def checks():
    rows = ([2, sp.Rational(1, 3), -1, 5], [1, -4, sp.Rational(2, 7), 3])
    points = [{**dict(zip(ENTRIES, row, strict=True)), z: place} for row in rows for place in (7, sp.Rational(1, 2))]
    yield holds("rational matrices", matrices, points, method="exact inverse of the 4 x 4 block matrix")
