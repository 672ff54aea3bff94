r"""chi_1 = 1 may lie on a branch that no network reaches: GELU at sigma_b2 = 1/20."""

from fractions import Fraction
from functools import lru_cache

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, enclosure

chi_q = sp.Symbol("chi_q", positive=True)

CLAIM = Claim(
    id="ff_gelu_edge_is_unstable",
    title="chi_q where chi_1 = 1, GELU at sigma_b2 = 1/20",
    statement=sp.Eq(chi_q, sp.Rational(108511, 10**5)),
    source=Source("schoenholz2017", "abstract: xi_c diverges at any order-to-chaos transition, for any activation"),
    meaning=(
        "chi_q = dq'/dq at the only point with chi_1 = 1 in the range searched, to five decimals: above 1, so lengths "
        "leave it, and xi_c jumps instead of diverging.  GELU is unbounded, which section 6 leaves out; for tanh the "
        "sentence holds (ff_divergence_of_xi_c)"
    ),
    variables={chi_q: "the factor"},
    printed=Printed(
        text="xi_c diverges at any transition, whatever the activation (read: a stable q* with chi_1 = 1, chi_q <= 1)",
        statement=sp.Eq(chi_q, 1),
    ),
)


@lru_cache(maxsize=1)
def measured(bits):
    from derive.networks import FeedForward

    (found,) = FeedForward("gelu").critical_points(sigma_b2=sp.Rational(1, 20), digits=12, certified=True)
    return found.chi_q


def ball(point, bits):
    return measured(bits)


def sums(point, digits):
    """Trapezoidal sums in float64 and bisection."""
    import numpy as np
    from scipy.special import ndtr

    z = np.linspace(-12, 12, 2401)
    weight = np.exp(-z * z / 2)
    weight /= weight.sum()

    def means(q):
        x = np.sqrt(q) * z
        density, value = np.exp(-x * x / 2) / np.sqrt(2 * np.pi), x * ndtr(x)
        slope = ndtr(x) + x * density
        return weight @ value**2, weight @ slope**2, weight @ (value * (2 - x * x) * density)

    low, high = 0.6, 0.8
    for _ in range(60):
        q = (low + high) / 2
        second, square, bend = means(q)
        low, high = (q, high) if q - second / square < 0.05 else (low, q)
    return float(1 + bend / square)


def _enclosure():
    return enclosure(
        "balls",
        ball,
        radius=Fraction(1, 10**8),
        within=Fraction(1, 10**5),
        method="q between two signs, means as balls",
    )


def checks():
    yield _enclosure()
    yield digits("float64", sums, digits=5, method="trapezoidal sums and bisection, no code of the package")


def printed_checks():
    yield _enclosure()
