r"""For large c the law of log lambda is uniform on (-c, c)."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

from . import _spectrum

angle = sp.Function("angle")
c, x = sp.symbols("c x", positive=True)

CLAIM = Claim(
    id="isometry_uniform",
    title="large effective cumulant: log lambda is uniform",
    statement=sp.Eq(angle(c), sp.pi - 2 * sp.pi / (c * (1 - x**2))),
    source=Source("derive", "spectrum: limit law for c -> oo"),
    meaning="2 pi c rho with rho the density of log lambda at log lambda = x c, skip 1: rho tends to 1/(2 c)",
    variables={c: "c -> oo", x: "0 < x < 1"},
    error=sp.log(c) / c**2,
    limit=(c, sp.oo),
    uses=("isometry_spectral_curve",),
)


def derive() -> sp.Expr:
    """sigma = pi - d/c: the curve gives cosh(tau) + 1 = d/pi, log lambda = c tanh(tau/2) at leading order."""
    e, d, t = sp.symbols("e d t", positive=True)  # c = 1/e
    sigma = sp.pi - d * e
    curve = sp.limit(sp.cos(sigma) + sp.sin(sigma) / (e * sigma), e, 0) - sp.cosh(t)
    (size,) = sp.solve(curve, d)
    place = sp.limit(e * (t + sigma * sp.sinh(t) / sp.sin(sigma)), e, 0).subs(d, size)
    if sp.simplify((place - sp.tanh(t / 2)).rewrite(sp.exp)) != 0:
        raise ArithmeticError(f"log lambda/c tends to {place}")
    of_place = size.subs(sp.cosh(t), (1 + x**2) / (1 - x**2))  # cosh t in terms of tanh(t/2)
    return sp.pi - sp.simplify(of_place) / c


def exact(point, digits):
    width = _spectrum.number(point[c])
    return _spectrum.angle_at(_spectrum.number(point[x]) * width, width)


def checks():
    yield decay(
        "bisection on the curve",
        exact,
        c,
        [2**k for k in range(6, 17)],
        [{x: sp.Rational(1, 3)}, {x: sp.Rational(4, 5)}],
        error=CLAIM.error,
        digits=30,
        method="sigma at log lambda = x c by bisection in mpmath",
    )
