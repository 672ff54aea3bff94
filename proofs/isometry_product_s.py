r"""(22), (23): the S-transform of J J^T for many layers."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

S = sp.Function("S")
L, a, c = sp.symbols("L a c", positive=True)
z = sp.Symbol("z", real=True)

CLAIM = Claim(
    id="isometry_product_s",
    title="S-transform of the squared singular values of many layers",
    statement=sp.Eq(S(L), sp.exp(-c * (1 + 2 * z) / a**2)),
    source=Source("tarnowski2019", "equations (22), (23)"),
    meaning="a^(2L) times the S-transform of J J^T, L free layers with c_2 = c; up to O(1/L)",
    variables={L: "L -> oo", a: "a > 0", c: "c > 0", z: "real, bounded"},
    assumptions="free layers; that S-transforms of free factors multiply (11) is Voiculescu's theorem",
    error=1 / L,
    limit=(L, sp.oo),
    uses=("isometry_layer_s_large_depth", "isometry_block_r_transform"),
)


def derive() -> sp.Expr:
    """L times the terms of order 1 and 1/L of log S of one layer."""
    from derive.spectrum import transforms as t

    names = t.SYMBOLS
    constant, first, _ = t.log_s_coefficients()
    put = {names["a"]: a, names["c2"]: c}
    total = (L * constant + first).subs(put).subs(names["z"], z)
    return sp.powsimp(sp.expand(sp.exp(sp.expand(total + 2 * L * sp.log(a)))))


def product(point, digits):
    """The L-th power of a^2 S, S the root of a^2 S = (1 - z alpha S)(1 - (z+1) alpha S) found by iteration."""
    skip, width, place, depth = (mpmath.mpf(point[s].p) / point[s].q for s in (a, c, z, L))
    alpha, s = width / depth, 1 / skip**2
    for _ in range(300):
        following = (1 - place * alpha * s) * (1 - (place + 1) * alpha * s) / skip**2
        if abs(following - s) < mpmath.mpf(10) ** (3 - mpmath.mp.dps):
            break
        s = following
    return (skip**2 * following) ** depth


def checks():
    points = [{a: sp.Rational(3, 2), c: 1, z: sp.Rational(2, 3)}, {a: 1, c: sp.Rational(1, 8), z: sp.Rational(-1, 4)}]
    yield decay(
        "powers of one layer",
        product,
        L,
        [2**k for k in range(5, 15)],
        points,
        error=CLAIM.error,
        digits=25,
        method="S of one layer by fixed-point iteration in mpmath, to the power L",
    )
