r"""The recursion of J J^T over layers: the last factor is transposed, which the print leaves out."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

trace = sp.Symbol("trace", real=True)
y = sp.symbols("y1:5", real=True)
k11, k12, k22 = sp.symbols("k11 k12 k22", real=True)
Y, K = sp.Matrix(2, 2, y), sp.Matrix([[k11, k12], [k12, k22]])

CLAIM = Claim(
    id="isometry_recursion_of_jacobians",
    title="J J^T of one more layer",
    statement=sp.Eq(trace, sp.expand((Y * K * Y.T).trace())),
    source=Source("tarnowski2019", "section 3.1, between (10) and (11)"),
    meaning="trace of J_L J_L^T for 2 x 2 matrices, J_L = Y J_(L-1), Y = (y1 y2; y3 y4) and K = J_(L-1) J_(L-1)^T",
    variables={**dict.fromkeys(y, "entries of Y"), k11: "K_11", k12: "K_12", k22: "K_22"},
    printed=Printed(text="Y K Y, without the transpose", statement=sp.Eq(trace, sp.expand((Y * K * Y).trace()))),
)


def derive() -> sp.Expr:
    """Expand the squared entries of the product Y J with J J^T = K."""
    j = sp.Matrix(2, 2, sp.symbols("j1:5", real=True))
    total = sp.expand(sum(entry**2 for entry in Y * j))
    # J = (r, 0; s, t) has K = (r^2, r s; r s, s^2 + t^2): every K that is positive definite
    r, s, t = sp.symbols("r s t", positive=True)
    put = dict(zip(j, (r, 0, s, t), strict=True))
    polynomial = sp.Poly(total.subs(put), r, s, t)
    found = sp.Integer(0)
    for (i, m, n), coefficient in polynomial.terms():
        found += coefficient * {(2, 0, 0): k11, (1, 1, 0): k12, (0, 2, 0): k22, (0, 0, 2): 0}[(i, m, n)]
    return sp.expand(found)


def matrices(statement, point):
    """Integer matrices multiplied out."""
    factor = sp.Matrix(2, 2, [point[s] for s in y])
    before = sp.Matrix(2, 2, [2, 1, -1, 5])
    gram = before * before.T
    exact = ((factor * before) * (factor * before).T).trace()
    return bool(statement.rhs.subs({**point, k11: gram[0, 0], k12: gram[0, 1], k22: gram[1, 1]}) == exact)


POINTS = [dict(zip(y, row, strict=True)) for row in ([1, 2, -3, 4], [0, 1, 1, 5], [3, -2, 7, 1])]


def checks():
    yield holds("integer matrices", matrices, POINTS, method="products of integer matrices")


def printed_checks():
    yield holds("integer matrices", matrices, POINTS, method="products of integer matrices")
