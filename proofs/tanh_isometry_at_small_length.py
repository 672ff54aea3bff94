r"""A tanh network comes close to isometry on the critical line only as q tends to 0: the spread is 8 q^2."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

q = sp.Symbol("q", positive=True)
spread = sp.Function("spread")

CLAIM = Claim(
    id="tanh_isometry_at_small_length",
    title="spread of the squared singular values of tanh at small q",
    statement=sp.Eq(spread(q), 8 * q**2),
    source=Source("pabari", "section 3.2: tanh with orthogonal weights can achieve isometry"),
    meaning=(
        "spread(q) = E phi'^4/(E phi'^2)^2 - 1, the variance of the squared singular values of one layer with "
        "orthogonal "
        "weights at chi_1 = 1; positive for every q > 0, so isometry is a limit (sigma_b2 -> 0, sigma_w2 -> 1)"
    ),
    variables={q: "q > 0"},
    error=q**3,
    limit=(q, sp.Integer(0)),
)


def derive() -> sp.Expr:
    """Taylor coefficients of the slope, Gaussian moments, and the quotient as a series in q."""
    x = sp.Symbol("x")

    def mean(power):
        series = sp.series((1 - sp.tanh(x) ** 2) ** power, x, 0, 6).removeO()
        return sum(c * sp.factorial2(k - 1) * q ** (k // 2) for (k,), c in sp.Poly(series, x).terms())

    return sp.series(mean(4) / mean(2) ** 2 - 1, q, 0, 3).removeO()


def quadrature(point, _digits):
    """mpmath's quadrature of both means."""
    import mpmath

    root = mpmath.sqrt(mpmath.mpf(point[q].p) / point[q].q)
    grid = [0, 1, 3, 6, 12]
    mean = lambda k: 2 * mpmath.quad(lambda z: mpmath.sech(root * z) ** (2 * k) * mpmath.npdf(z), grid)  # noqa: E731
    return mean(4) / mean(2) ** 2 - 1


def checks():
    yield decay(
        "error over q^3 settles",
        quadrature,
        q,
        [sp.Rational(1, 2**k) for k in range(5, 13)],
        error=q**3,
        method="mpmath.quad at halving q",
    )
