r"""The second cumulant of a branch D W with Gaussian weights: c_4 = sigma_w^4 Var(phi'^2)."""

from itertools import product

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds

c4 = sp.Symbol("c_4", real=True)
sigma_w2, d2, d4 = sp.symbols("sigma_w2 d2 d4", positive=True)

CLAIM = Claim(
    id="isometry_branch_cumulants",
    title="what of the activation the first 1/L correction sees",
    statement=sp.Eq(c4, sigma_w2**2 * (d4 - d2**2)),
    source=Source("derive", "spectrum: determining sequence of a branch, (16) of tarnowski2019"),
    meaning=(
        "A(x) = c_2 + c_4 x + ... for X = D W, entries of W Gaussian of variance sigma_w2/N, D diagonal and "
        "independent; "
        "d2 = E phi'^2, d4 = E phi'^4; c_2 = sigma_w2 d2"
    ),
    variables={sigma_w2: "> 0", d2: "> 0", d4: ">= d2^2"},
)


def derive() -> sp.Expr:
    """The determining sequence of D W is that of the free cumulants of D^2 in powers of sigma_w2."""
    from derive.spectrum.cumulant import free_cumulants

    return sigma_w2**2 * free_cumulants([d2, d4])[1]


def pairings(statement, point):
    """E Tr (X X^T)^2/N by Wick's theorem at widths 2, 4, 6 and its limit as a polynomial in 1/N; c_4 = m - 2 c_2^2.

    D has two values in equal parts; at even N exactly half of the units have each.
    """
    low, high, weight = point[sp.Symbol("low")], point[sp.Symbol("high")], point[sigma_w2]

    def mean(size):
        slopes = [low] * (size // 2) + [high] * (size // 2)
        total = sp.Integer(0)
        for i, j, k, m in product(range(size), repeat=4):
            # W_ij W_kj W_km W_im with slopes d_i^2 d_k^2
            wick = int(i == k) + int(j == m) + int(i == k and j == m)
            total += slopes[i] ** 2 * slopes[k] ** 2 * wick
        return total * (weight / size) ** 2 / size

    x = sp.Symbol("x")
    limit = sp.interpolate([(sp.Rational(1, n), mean(n)) for n in (2, 4, 6)], x).subs(x, 0)
    second, fourth = (low**2 + high**2) / 2, (low**4 + high**4) / 2
    stated = statement.rhs.subs({sigma_w2: weight, d2: second, d4: fourth})
    return bool(sp.simplify(limit - 2 * (weight * second) ** 2 - stated) == 0)


def checks():
    low, high = sp.symbols("low high")
    points = [{low: 0, high: 1, sigma_w2: 2}, {low: sp.Rational(1, 4), high: 1, sigma_w2: sp.Rational(1, 3)}]
    yield holds(
        "Wick pairings",
        pairings,
        points,
        method="all pairings of (X X^T)^2 at widths 2, 4 and 6, extrapolated exactly in 1/N",
    )
