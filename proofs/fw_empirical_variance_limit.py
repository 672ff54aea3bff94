r"""The mean empirical variance in the limit of depth and width growing together.

Derived for Gaussian weights.  Another kurtosis K adds 2 (K - 3) T/n to E |act|^4 (fw_second_moment_layer), and after
one layer the sum T of fourth powers is O(|act|^4/n), so a layer changes by O(1/n^2) and the limit not at all.
"""

from itertools import pairwise

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, symbolic

beta = sp.Symbol("beta", positive=True)
EV = sp.Function("EV")

CLAIM = Claim(
    id="fw_empirical_variance_limit",
    title="mean empirical variance for depth and width growing together",
    statement=sp.Eq(EV(beta), ((5 * beta - 2) * sp.exp(5 * beta) + 5 * beta + 2) / (25 * beta**2)),
    source=Source("hanin2018", "Corollary 2: exponential in beta = sum 1/n_j"),
    meaning=(
        "EV(beta) is the limit of E Var[M] as n, d -> oo with d/n = beta, critical Gaussian nets without biases, "
        "M_0 = 1 (the kurtosis of other symmetric weights enters at order 1/n^2 per layer); 5 beta/6 for small beta"
    ),
    variables={beta: "depth over width"},
    uses=("fw_empirical_variance",),
)


def derive() -> sp.Expr:
    """The sum over the layers becomes an integral: E M_(xd)^2 = exp(5 beta x), weight 2x - 1."""
    from derive.finite_width.laws import second_moment_rate

    x = sp.Symbol("x", positive=True)
    return sp.integrate((2 * x - 1) * sp.exp(second_moment_rate() * beta * x), (x, 0, 1))


def limit_of_exact() -> sp.Expr:
    """The limit of the exact formula for d = beta n."""
    from . import fw_empirical_variance as exact

    h, size = sp.symbols("h size", positive=True)
    formula = exact.CLAIM.statement.rhs.subs({exact.d: beta * size, exact.n: size})
    # (1 + 5/n)^(beta n) = exp(5 beta) (1 + O(1/n)); the rest is rational in 1/n
    power = sp.Symbol("power")
    formula = formula.replace(lambda e: e.is_Pow and e.exp == beta * size, lambda e: power)
    return sp.limit(sp.cancel(formula.subs(size, 1 / h)), h, 0).subs(power, sp.exp(5 * beta))


def extrapolated(point, digits):
    """Direct sums over the layers of nets of growing width, Richardson extrapolation in 1/n."""
    b = mpmath.mpf(int(point[beta].p)) / int(point[beta].q)
    rows = []
    with mpmath.workdps(60):
        for k in range(12):
            n = 8 * 2**k
            d = int(b * n)
            s = mpmath.mpf(5) / n
            term, total = mpmath.mpf(1), mpmath.mpf(0)
            for j in range(1, d + 1):
                term *= 1 + s
                total += term * (2 * j - 1 - d)
            rows.append(total / d**2)
        for order in range(1, len(rows)):
            rows = [(2**order * b2 - a2) / (2**order - 1) for a2, b2 in pairwise(rows)]
    return rows[0]


def checks():
    yield symbolic("limit", limit_of_exact, method="limit of the exact formula at d = beta n")
    yield digits(
        "extrapolation",
        extrapolated,
        [{beta: sp.Rational(1, 2)}, {beta: 2}],
        digits=15,
        method="sums over the layers at widths 8 to 16384, Richardson extrapolation",
    )
