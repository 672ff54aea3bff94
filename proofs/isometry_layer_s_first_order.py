r"""(20) as printed: S of one layer to first order in 1/L."""

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import decay

S = sp.Function("S")
L, a, c2 = sp.symbols("L a c2", positive=True)
z, c4 = sp.symbols("z c4", real=True)
FORMULA = (1 - c2 * (1 + 2 * z) / (a**2 * L)) / a**2

CLAIM = Claim(
    id="isometry_layer_s_first_order",
    title="S-transform of one layer to first order in 1/L",
    statement=sp.Eq(S(L), FORMULA),
    source=Source("tarnowski2019", "equation (20)"),
    meaning="S-transform of Y Y^T, Y = a + X/sqrt(L), X with determining sequence c2 + c4 x + ...",
    variables={L: "L -> oo", a: "a > 0", c2: "c2 > 0", z: "real, bounded"},
    error=L**-2,
    limit=(L, sp.oo),
    printed=Printed(text="(20)", statement=sp.Eq(S(L), FORMULA)),
    uses=("isometry_layer_s_large_depth",),
)


def derive() -> sp.Expr:
    """Exponentiate the expansion of log S."""
    from derive.spectrum import transforms as t

    names, e = t.SYMBOLS, sp.Symbol("e")
    constant, first, _ = (term.subs({names["a"]: a, names["c2"]: c2}) for term in t.log_s_coefficients())
    expanded = sp.series(sp.exp(first.subs(names["z"], z) * e), e, 0, 2).removeO()
    return sp.simplify(sp.exp(constant)) * expanded.subs(e, 1 / L)


def exact(point, digits):
    """S from (19) by fixed-point iteration, A(x) = c2/L + c4 x/L^2 with c4 = 1/3."""
    al, wl, zl, depth = (mpmath.mpf(point[s].p) / point[s].q for s in (a, c2, z, L))
    s = 1 / al**2
    for _ in range(400):
        value = wl / depth + zl * (zl + 1) * s / depth**2 / 3
        following = (1 - zl * value * s) * (1 - (zl + 1) * value * s) / al**2
        if abs(following - s) < mpmath.mpf(10) ** (-mpmath.mp.dps + 3):
            break
        s = following
    return following


def _decay():
    points = [{a: sp.Rational(3, 2), c2: sp.Rational(1, 2), z: sp.Rational(2, 3)}, {a: 1, c2: 1, z: sp.Rational(-1, 3)}]
    return decay(
        "iteration of (19)",
        exact,
        L,
        [2**k for k in range(6, 16)],
        points,
        error=CLAIM.error,
        digits=30,
        method="equation (19), factorised, iterated in mpmath at depths 2^6 ... 2^15",
    )


def checks():
    yield _decay()


def printed_checks():
    yield _decay()
