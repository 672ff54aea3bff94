r"""The squared spectral radius of an R-diagonal element is its second cumulant, whatever the higher ones are."""

from itertools import pairwise

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, holds

from . import _rdiagonal, _spectrum

radius2 = sp.Function("radius2")
c2 = sp.Symbol("c_2", positive=True)
fraction = sp.Symbol("fraction", positive=True)
power = sp.Symbol("power", integer=True, positive=True)

CLAIM = Claim(
    id="isometry_spectral_radius",
    title="the second cumulant of a branch is its squared spectral radius",
    statement=sp.Eq(radius2(c2), c2),
    source=Source("tarnowski2019", "section 3.1, below (21)"),
    meaning=(
        "squared spectral radius of X = D W in the limit of wide layers, c_2 = (1/N) E Tr X X^T.  "
        + _rdiagonal.DEFINITION
        + ".  X^n X^(n T) then has the S-transform S^n, S that of X X^T (the same theorems), and the spectral radius "
        "is lim |X^n|^(1/n) (Gelfand); the eigenvalues fill a ring with this outer radius (Haagerup and Larsen).  That "
        "D depends on W x moves no eigenvalue beyond it: the perturbation of rank one has the eigenvalue "
        "m E[phi'(h) h]/p, whose square is at most E phi'^2 E h^2/p = c_2 (Cauchy and Schwarz, m^2 <= p)"
    ),
    variables={c2: "c_2 > 0"},
    uses=("isometry_layer_s", "isometry_layer_second_cumulant"),
)


def branch_s() -> sp.Expr:
    """S of X X^T from the layer's equation (19) without skip: S = 1/((z+1) A), A = A(z (z+1) S)."""
    from derive.spectrum import transforms as t

    S, a, z, alpha = (t.SYMBOLS[n] for n in ("S", "a", "z", "alpha"))
    found = sp.solve(sp.factor(t.layer_s_quadratic().subs(a, 0)), S)
    # at z = 0 S is 1/(mean of X X^T) = 1/c_2, and A = c_2 there
    (root,) = (root for root in found if sp.denom(root).subs(z, 0) != 0)
    return root.subs({z: _Z, alpha: _A})


_Z, _A = sp.Symbol("z", positive=True), sp.Symbol("A", positive=True)


def derive() -> sp.Expr:
    """|X^n|^2, the end of the support of X^n X^(n T), is the least (1+z)/(z S^n), z > 0; its n-th root at z = x/n."""
    n, x, c4 = sp.Symbol("n", positive=True), sp.Symbol("x", positive=True), sp.Symbol("c_4", real=True)
    S = branch_s()
    # A(u) = c_2 + c_4 u + ... at u = z (z+1) S, to first order in z
    S = S.subs(_A, c2 + c4 * _Z / c2)
    logarithm = sp.expand_log(sp.log((1 + _Z) / _Z), force=True) / n - sp.log(S)
    # from above: any x gives a bound, with this limit; from below: (1+z)/z > 1 and S(z) <= S(0), so |X^n|^2 >= S(0)^-n
    above = sp.exp(sp.limit(logarithm.subs(_Z, x / n), n, sp.oo))
    below = 1 / S.subs(_Z, 0)
    if sp.simplify(above - below) != 0:
        raise ArithmeticError(f"the bounds {above} and {below} differ")
    return sp.simplify(above)


def words(statement, point):
    """tr X^n X^(n T) = radius^(2n) exactly, for cumulants of which all but c_2 should not matter: |X^n|_2 <= |X^n|."""
    n, value = int(point[power]), point[c2]
    total = _rdiagonal.moment((0,) * n + (1,) * n, 0, (value, sp.Rational(-1, 7), sp.Rational(3, 5), sp.Rational(2, 9)))
    return bool(sp.Rational(total) == statement.rhs.subs(c2, value) ** n)


def norms(point, digits):
    """ReLU-like branches: S = 1/(s (f + z)), f the part of units with slope 1, s = c_2/f: |X^(n+1)|^2/|X^n|^2, n -> oo.

    The S-transform is that of a projection times that of a Wishart matrix; the least (1+z)/(z S^n) solves a quadratic
    equation.  The ratio is a series in 1/n, extrapolated.
    """
    with mpmath.workdps(2 * digits + 30):
        part, value = (_spectrum.number(point[name]) for name in (fraction, c2))

        def log_norm(n):  # n z (1 + z) = part + z
            z = (1 - n + mpmath.sqrt((n - 1) ** 2 + 4 * n * part)) / (2 * n)
            return mpmath.log((1 + z) / z) + n * mpmath.log(value / part * (part + z))

        table = [mpmath.exp(log_norm(2**j + 1) - log_norm(mpmath.mpf(2) ** j)) for j in range(5, 25)]
        for order in range(1, len(table)):
            table = [(2**order * b - a) / (2**order - 1) for a, b in pairwise(table)]
        return table[0]


def checks():
    points = [{power: n, c2: value} for n, value in ((1, sp.Rational(1, 3)), (2, 2), (3, sp.Rational(5, 4)), (4, 2))]
    yield holds("words", words, points, method="sums over non-crossing partitions, from the definition alone")
    yield digits(
        "norms of powers",
        norms,
        [{c2: sp.Rational(1, 8), fraction: sp.Rational(1, 2)}, {c2: 2, fraction: sp.Rational(1, 5)}],
        digits=20,
        method="ends of the support of X^n X^(n T) at n up to 2^24, extrapolated; ReLU-like branches in closed form",
    )
