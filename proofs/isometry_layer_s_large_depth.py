r"""(20) with its next term: log S of one layer whose variances are scaled by 1/L."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

log_s = sp.Function("log_S")
L, a, c2 = sp.symbols("L a c2", positive=True)
z, c4 = sp.symbols("z c4", real=True)

CLAIM = Claim(
    id="isometry_layer_s_large_depth",
    title="S-transform of one layer to second order in 1/L",
    statement=sp.Eq(
        log_s(L),
        -2 * sp.log(a)
        - c2 * (1 + 2 * z) / (a**2 * L)
        + (c2**2 * (6 * z**2 + 6 * z + 1) - 2 * c4 * z * (z + 1) * (2 * z + 1)) / (2 * a**4 * L**2),
    ),
    source=Source("tarnowski2019", "equation (20), with the term of order 1/L^2"),
    meaning="logarithm of the S-transform of Y Y^T, Y = a + X/sqrt(L), X with determining sequence c2 + c4 x + ...",
    variables={L: "L -> oo", a: "a > 0", c2: "c2 > 0", c4: "real", z: "real, bounded"},
    error=L**-3,
    limit=(L, sp.oo),
    uses=("isometry_layer_s",),
)


def derive() -> sp.Expr:
    """Expand the right root with A(x) -> c2/L + c4 x/L^2."""
    from derive.spectrum import transforms as t

    names = t.SYMBOLS
    put = {names["a"]: a, names["c2"]: c2, names["c4"]: c4}
    constant, first, second = (term.subs(put).subs(names["z"], z) for term in t.log_s_coefficients())
    return constant + first / L + second / L**2


def exact(point, digits):
    """S from (19) itself by fixed-point iteration, A(x) = c2/L + c4 x/L^2."""
    al, wl, fl, zl, depth = (mpmath.mpf(point[s].p) / point[s].q for s in (a, c2, c4, z, L))
    s = 1 / al**2
    for _ in range(400):
        value = wl / depth + fl * zl * (zl + 1) * s / depth**2
        following = (1 - zl * value * s) * (1 - (zl + 1) * value * s) / al**2
        if abs(following - s) < mpmath.mpf(10) ** (-mpmath.mp.dps + 3):
            break
        s = following
    return mpmath.log(following)


def checks():
    points = [
        {a: sp.Rational(3, 2), c2: sp.Rational(1, 2), c4: sp.Rational(1, 3), z: sp.Rational(2, 3)},
        {a: 1, c2: 1, c4: sp.Rational(-1, 4), z: sp.Rational(-1, 3)},
    ]
    yield decay(
        "iteration of (19)",
        exact,
        L,
        [2**k for k in range(6, 16)],
        points,
        error=CLAIM.error,
        digits=30,
        method="equation (19), factorised, iterated in mpmath at depths 2^6 ... 2^15",
    )
