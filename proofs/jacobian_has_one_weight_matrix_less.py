r"""The Jacobian dy^D/dz^0 of the layers z^l = W^l y^l + b^l, y^(l+1) = phi(z^l) holds D - 1 weight matrices, not D."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds, symbolic

D = sp.Symbol("D", integer=True, positive=True)
count = sp.Function("count")

CLAIM = Claim(
    id="jacobian_has_one_weight_matrix_less",
    title="factors of the input-output Jacobian",
    statement=sp.Eq(count(D), D - 1),
    source=Source("pabari", "equations (1) and (11)"),
    meaning=(
        "count(D) = the number of weight matrices in J = dy^D/dz^0, J = A^(D-1) W^(D-1) ... A^1 W^1 A^0; the "
        "product of D "
        "factors A^l W^l, l = 1..D, is dy^(D+1)/dy^1"
    ),
    variables={D: "number of layers"},
    printed=Printed(text="dy^D/dz^0 is the product of A^l W^l over l = 1..D", statement=sp.Eq(count(D), D)),
)


def derive() -> sp.Expr:
    """y^1 = phi(z^0) has none, and each further layer brings one."""
    f, k = sp.Function("f"), sp.Symbol("k", integer=True, positive=True)
    return sp.rsolve(f(k + 1) - f(k) - 1, f(k), {f(1): 0}).subs(k, D)


def chain_rule(statement, point) -> bool:
    """Width one, activation x^3: the power of a common weight in the derivative, from the chain rule itself."""
    z, w = sp.symbols("z w", positive=True)
    y, slopes, at = z**3, [], z
    slopes.append(3 * at**2)
    for _ in range(1, int(point[D])):
        at = w * y
        slopes.append(3 * at**2)
        y = at**3
    ratio = sp.simplify(sp.diff(y, z) / sp.Mul(*slopes))
    value = statement.rhs.subs(point)
    return bool(sp.simplify(ratio - w**value) == 0)


def by_recursion():
    """Solve the difference equation count' - count = 1 with count(1) = 0 by summation."""
    j = sp.Symbol("j", integer=True, positive=True)
    return sp.summation(1, (j, 1, D - 1))


def _check():
    return holds("width one", chain_rule, [{D: 1}, {D: 2}, {D: 4}], method="chain rule for x^3 with one unit, exact")


def checks():
    yield _check()
    yield symbolic("summation", by_recursion, method="SymPy summation")


def printed_checks():
    yield _check()
