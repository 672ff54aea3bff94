r"""Equal effective cumulants do not make equal spectra at finite depth: ReLU against linear layers."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

from . import _rdiagonal

gap = sp.Symbol("gap", real=True)
c, L = sp.symbols("c L", positive=True)

CLAIM = Claim(
    id="isometry_equal_c_leaves_a_gap",
    title="second moments of ReLU and linear networks at one effective cumulant",
    statement=sp.Eq(gap, c**2 * (1 + c / L) ** (2 * L - 2) / L),
    source=Source("derive", "spectrum: networks of the same c at finite depth, section 5 of tarnowski2019"),
    meaning=(
        "E lam^2 of L ReLU layers less that of L linear layers, both with effective cumulant c, skip 1, layers free, "
        "width -> oo; it vanishes only as L -> oo"
    ),
    variables={c: "c > 0", L: "depth"},
    printed=Printed(
        text="with equal c the spectra are exactly the same, irrespective of the activation function",
        statement=sp.Eq(gap, 0),
    ),
    uses=("isometry_layer_s", "isometry_branch_cumulants"),
)


def derive() -> sp.Expr:
    """Lagrange's inversion with the cumulants c/L, (c/L)^2 of ReLU (Var phi'^2 = (E phi'^2)^2) and c/L, 0."""
    from derive.spectrum import finite_depth

    one = sp.Integer(1)
    values = [finite_depth.moment(2, [((one, (c / L, fourth)), L)]) for fourth in ((c / L) ** 2, sp.Integer(0))]
    found = sp.simplify(sp.simplify((values[0] - values[1]) / (1 + c / L) ** (2 * L)) * (1 + c / L) ** 2)
    return found * (1 + c / L) ** (2 * L - 2)


def free_products(statement, point):
    """m_2 of a product of free factors: m2(ab) = m2(a) m1(b)^2 + m1(a)^2 m2(b) - m1(a)^2 m1(b)^2, layer after layer."""
    depth, width = int(point[L]), sp.Rational(point[c])
    values = []
    for fourth in ((width / depth) ** 2, sp.Integer(0)):
        sequence = (width / depth, fourth)
        one, two = (_rdiagonal.moment((0, 1) * k, sp.Integer(1), sequence) for k in (1, 2))
        total = (one, two)
        for _ in range(depth - 1):
            mean, square = total
            total = (mean * one, square * one**2 + mean**2 * two - mean**2 * one**2)
        values.append(total[1])
    return bool(sp.simplify(statement.rhs.subs({c: width, L: depth}) - (values[0] - values[1])) == 0)


POINTS = [{c: sp.Rational(1, 8), L: 3}, {c: 2, L: 1}, {c: sp.Rational(5, 3), L: 7}]
METHOD = "second moments of a layer over non-crossing partitions, of products by the definition of freeness, exactly"


def checks():
    yield holds("free products", free_products, POINTS, method=METHOD)


def printed_checks():
    yield holds("free products", free_products, POINTS, method=METHOD)
