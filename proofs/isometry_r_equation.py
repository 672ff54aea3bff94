r"""(24): the R-transform of J J^T for many layers."""

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits

R, z = sp.symbols("R z", real=True)
a, c, L = sp.symbols("a c L", positive=True)
FORMULA = R * sp.exp(-c / a**2 * (1 + 2 * z * R))

CLAIM = Claim(
    id="isometry_r_equation",
    title="R-transform of the squared singular values",
    statement=sp.Eq(a ** (2 * L), FORMULA),
    source=Source("tarnowski2019", "equation (24)"),
    meaning="R = R(z) of J J^T, many layers at fixed effective cumulant c",
    variables={R: "R(z)", z: "z > 0 small", a: "a > 0", c: "c > 0", L: "depth"},
    printed=Printed(text="(24)", statement=sp.Eq(a ** (2 * L), FORMULA)),
    uses=("isometry_product_s", "isometry_r_and_s"),
)


def derive() -> sp.Expr:
    """S(z R) R = 1 with S from (23), times a^(2L)."""
    from .isometry_product_s import CLAIM as PRODUCT
    from .isometry_product_s import z as place

    return R * PRODUCT.statement.rhs.subs(place, z * R)


def _r_at_skip_one(place, width, size=32):
    """R summed from free cumulants of the moments e^(k c) 1F1(1-k;2;-2kc) by the moment-cumulant recursion."""
    moments = [mpmath.mpf(1)]
    moments += [mpmath.exp(k * width) * mpmath.hyp1f1(1 - k, 2, -2 * k * width) for k in range(1, size + 1)]
    powers, found = [[mpmath.mpf(1)] + [mpmath.mpf(0)] * size], []
    for _ in range(size):
        last = powers[-1]
        powers.append([mpmath.fdot(last[: n + 1], moments[n::-1]) for n in range(size + 1)])
    for n in range(1, size + 1):
        found.append(moments[n] - mpmath.fsum(found[s - 1] * powers[s][n - s] for s in range(1, n)))
    return mpmath.fsum(k * place**n for n, k in enumerate(found))


factor = sp.Symbol("factor", positive=True)


def formula(statement, point, digits):
    """The right side at skip `factor` and four layers: the law is that of skip 1 and c/factor^2, scaled by factor^8."""
    width, skip, place = (mpmath.mpf(point[s].p) / point[s].q for s in (c, factor, z))
    scale = skip**8
    value = scale * _r_at_skip_one(place, width)
    right = sp.lambdify((R, z, a, c), statement.rhs, "mpmath")(value, place / scale, skip, width * skip**2)
    return right / scale


def checks():
    points = [
        {c: sp.Rational(1, 8), z: sp.Rational(1, 50), factor: sp.Rational(3, 2)},
        {c: sp.Rational(1, 3), z: sp.Rational(1, 90), factor: 1},
    ]
    yield digits(
        "free cumulants",
        lambda point, digits: mpmath.mpf(1),
        points,
        digits=15,
        formula=formula,
        method="R from 32 free cumulants of the closed moments, at skip 1 and, by scaling, at skip 3/2",
    )


def printed_checks():
    yield from checks()
