r"""Theorem 5, (4): rare large biases have an infinite sum of variances and leave the lengths bounded.

One direction holds: M_d - sum nu_j/2 is a martingale (fw_mean_length), bounded below where the sum is finite, so M_d
converges almost surely.  The other needs more than symmetry of the biases.  Let the bias of a unit of layer j be 0 but
for a chance of 1/j^2, and then j or -j: every variance is 1.  Yet by Borel and Cantelli only finitely many biases
differ from 0, and from the last one on M_d is a martingale without a lower drift, and converges.

Where the mean of M_j given that it is the first to exceed K is bounded in j for every K (Gaussian weights and Gaussian
biases of bounded variance, say), (4) does hold.  Stop at that time T: as M_d - sum nu_j/2 has a constant mean,
E[M_T; T <= d] is at least P(T > d) (sum nu_j/2 - K) up to a constant, and bounded, so P(T = oo) = 0 where the sum
diverges.
"""

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, holds

P = sp.Function("P")
n = sp.Symbol("n", positive=True, integer=True)
m = sp.Symbol("m", positive=True, integer=True)

CLAIM = Claim(
    id="fw_almost_sure_limit",
    title="lengths that stay bounded almost surely although the sum of the bias variances is infinite",
    statement=sp.Eq(P(n, m), (1 - 1 / m) ** n),
    source=Source("hanin2018", "Theorem 5, (4)"),
    meaning=(
        "P(n, m) is the chance that no bias from layer m >= 2 on differs from 0, in nets of n units per layer whose "
        "biases in layer j are 0 with chance 1 - 1/j^2 and else j or -j: symmetric, of variance 1 for every j. M_d is "
        "then from layer m on a martingale that is not negative, and converges; as m grows P tends to 1, so limsup M_d "
        "is finite almost surely. For Gaussian weights and biases of bounded variance the equivalence holds"
    ),
    variables={n: "width", m: "first layer without biases, m >= 2"},
    uses=("fw_mean_length",),
    printed=Printed(
        text=(
            "almost surely limsup M_d is finite if and only if the sum of the bias variances is, for any symmetric "
            "laws: the sum diverges here, so that P(n, m), which bounds the chance of a finite limsup from below, is 0"
        ),
        statement=sp.Eq(P(n, m), 0),
    ),
)


def derive() -> sp.Expr:
    """The product over the layers j >= m of (1 - 1/j^2)^n."""
    d = sp.Symbol("d", positive=True, integer=True)
    chance = (1 - 1 / m) * (1 + 1 / d)  # of the layers m, ..., d at width one
    if sp.simplify(chance.subs(d, d + 1) / chance - (1 - 1 / (d + 1) ** 2)) != 0:
        raise ArithmeticError("one more layer")
    if sp.simplify(chance.subs(d, m) - (1 - 1 / m**2)) != 0:
        raise ArithmeticError("the first layer")
    return sp.limit(chance, d, sp.oo) ** n


POINTS = [{n: 1, m: 2}, {n: 4, m: 2}, {n: 3, m: 7}]


def product(point, digits):
    """The infinite product by mpmath, from its logarithms."""
    total = mpmath.nsum(lambda j: mpmath.log1p(-1 / mpmath.mpf(j) ** 2), [int(point[m]), mpmath.inf])
    return mpmath.exp(int(point[n]) * total)


def _between():
    def test(statement, point):
        """Partial products lie above the limit, and what 1000 layers leave is at least 1 - sum 1/j^2 > 998/999."""
        partial = sp.prod([1 - sp.Rational(1, j * j) for j in range(int(point[m]), 1000)])
        high, low = partial ** point[n], (partial * sp.Rational(998, 999)) ** point[n]
        return bool(low <= statement.rhs.subs(point) <= high)

    return holds("partial products", test, POINTS, method="exact partial products, the rest by its sum")


def checks():
    yield digits("product", product, POINTS, digits=20, method="mpmath.nsum of the logarithms")
    yield _between()


def printed_checks():
    yield _between()
