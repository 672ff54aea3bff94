r"""For small c the law of log lambda is a semicircle of variance 2 c."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

from . import _spectrum

square = sp.Function("sigma_square")
c, eta = sp.symbols("c eta", positive=True)

CLAIM = Claim(
    id="isometry_semicircle",
    title="small effective cumulant: log lambda follows a semicircle",
    statement=sp.Eq(square(c), c * (2 - eta**2 / 4)),
    source=Source("derive", "spectrum: limit law for c -> 0"),
    meaning="(2 pi c rho)^2 with rho the density of log lambda at log lambda = eta sqrt(c), skip 1",
    variables={c: "c -> 0", eta: "0 < eta < sqrt(8)"},
    error=c**2,
    limit=(c, sp.S.Zero),
    uses=("isometry_spectral_curve",),
)


def derive() -> sp.Expr:
    """With sigma, tau of order sqrt(c): tau^2 + sigma^2 = 2 c and log lambda = 2 tau at leading order."""
    e, s, t = sp.symbols("e s t", positive=True)  # c = e^2, sigma = s e, tau = t e
    curve = sp.cosh(t * e) - sp.cos(s * e) - e**2 * sp.sin(s * e) / (s * e)
    leading = sp.limit(sp.series(curve, e, 0, 4).removeO() / e**2, e, 0)
    place = sp.limit((t * e + s * e * sp.sinh(t * e) / sp.sin(s * e)) / e, e, 0)
    (half,) = sp.solve(place - eta, t)
    (found,) = sp.solve(leading.subs(t, half).subs(s, sp.sqrt(sp.Symbol("p"))), sp.Symbol("p"))
    return sp.expand(c * found)


def exact(point, digits):
    width = _spectrum.number(point[c])
    return _spectrum.angle_at(_spectrum.number(point[eta]) * mpmath.sqrt(width), width) ** 2


def checks():
    yield decay(
        "bisection on the curve",
        exact,
        c,
        [sp.Rational(1, 2**k) for k in range(3, 12)],
        [{eta: 1}, {eta: sp.Rational(5, 2)}],
        error=CLAIM.error,
        digits=30,
        method="sigma at log lambda = eta sqrt(c) by bisection in mpmath",
    )
