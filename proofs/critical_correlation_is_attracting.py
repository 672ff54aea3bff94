r"""On the critical line c = 1 attracts: an exact example, the activation exp(-x^2) at chi_1 = 1."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds, symbolic

gap = sp.Function("gap")
c = sp.Symbol("c", real=True)
Q = (1 + sp.sqrt(2)) / 2
W2 = (3 + 2 * sp.sqrt(2)) / 2

CLAIM = Claim(
    id="critical_correlation_is_attracting",
    title="c = 1 attracts where chi_1 = 1",
    statement=sp.Eq(gap(c), (3 + 2 * sp.sqrt(2)) * (1 - c**2) ** 2),
    source=Source("pabari", "below equation (8)"),
    meaning=(
        "gap(c) = (sigma_w2/q*)^2 - c^2 ((1 + 2q*)^2 - 4 q*^2 c^2), which has the sign of c' - c for 0 < c < 1, for "
        "phi = "
        "exp(-x^2), sigma_w2 = (3 + 2 sqrt 2)/2, sigma_b2 = 0, q* = (1 + sqrt 2)/2, where chi_1 = 1.  It is positive "
        "below c = 1, so every start tends to c = 1"
    ),
    variables={c: "0 < c < 1"},
    printed=Printed(
        text="c = 1 is stable if chi_1 < 1 and unstable otherwise (so c' < c at chi_1 = 1)",
        statement=sp.Lt(gap(c), 0),
    ),
)


def derive() -> sp.Expr:
    """c' = (sigma_w2/q) E e^(-u1^2 - u2^2), a Gaussian determinant; compare the squares of c' and c."""
    M = sp.Matrix([[Q, c * Q], [c * Q, Q]])
    determinant = sp.expand((sp.eye(2) + 2 * M).det())
    return sp.factor(sp.expand(sp.simplify((W2 / Q) ** 2) - c**2 * sp.expand(determinant)), extension=sp.sqrt(2))


def double_root():
    """Even, of degree four, with double roots at c = 1 and -1 (fixed point, chi_1 = 1): a multiple of (1 - c^2)^2."""
    return sp.expand((W2 / Q) ** 2) * (1 - c**2) ** 2


def map_value(statement, point) -> bool:
    """The map itself at exact c: E e^(-u1^2 - u2^2) = 1/sqrt((1 + 2q)^2 - 4 q^2 c^2), squares compared."""
    C = point[c]
    after = (W2 / Q) ** 2 / ((1 + 2 * Q) ** 2 - 4 * Q**2 * C**2)
    value = sp.radsimp(sp.expand((after - C**2) * ((1 + 2 * Q) ** 2 - 4 * Q**2 * C**2)))
    if isinstance(statement, sp.Equality):
        return sp.simplify(value - statement.rhs.subs(point)) == 0
    positive = bool(value > 0)
    return positive if isinstance(statement, (sp.StrictGreaterThan, sp.GreaterThan)) else not positive


def _check():
    return holds(
        "the map at three correlations", map_value, [{c: sp.Rational(k, 4)} for k in (1, 2, 3)], method="exact"
    )


def checks():
    yield symbolic("double roots", double_root, method="degree and double roots at c = 1 and -1")
    yield _check()


def printed_checks():
    yield _check()
