r"""Every activation with |phi| >= h beyond T has V at least h^2 times a Gaussian tail, which tends to h^2."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits

q, T, h = sp.symbols("q T h", positive=True)
least = sp.Function("least")

CLAIM = Claim(
    id="tanh_like_length_lower_bound",
    title="the least V of an activation with |phi(x)| >= h for |x| >= T",
    statement=sp.Eq(least(q), h**2 * sp.erfc(T / sp.sqrt(2 * q))),
    source=Source("yang2017", "theorem B.1.1: p ~ l and q ~ sigma_w2 l for every tanh-like phi, sigma_w > 0"),
    meaning=(
        "least(q) = the mean square of the step h 1(|x| >= T), which V(q) of the activation exceeds.  With |phi| <= 1 "
        "and phi(oo) = 1 the mean V over the first l layers lies between 1 and h^2 (1 - o(1)) for every h < 1, as "
        "q tends to infinity: p/l tends to sigma_v2 + sigma_a2 (reduced network: 1) however slowly phi tends to 1"
    ),
    variables={q: "q > 0", T: "T > 0", h: "0 < h <= 1"},
)


def derive() -> sp.Expr:
    """The Gaussian density integrated beyond T."""
    t = sp.Symbol("t", positive=True)  # x = sqrt(2 q) t
    tail = sp.integrate(2 * sp.exp(-(t**2)) / sp.sqrt(sp.pi), (t, T / sp.sqrt(2 * q), sp.oo))
    return h**2 * tail.rewrite(sp.erfc)


def quadrature(point, digits):
    at = {s: mpmath.mpf(point[s].p) / point[s].q for s in (q, T, h)}
    width = mpmath.sqrt(at[q])
    ends = [at[T] + width * k for k in (0, 1, 3, 6, 10, 14)]
    return 2 * at[h] ** 2 * mpmath.quad(lambda x: mpmath.npdf(x, 0, width), ends)


def checks():
    R = sp.Rational
    points = [{q: R(3, 2), T: R(2, 3), h: R(9, 10)}, {q: R(100), T: R(5), h: R(1, 2)}]
    yield digits("quadrature", quadrature, points, digits=25, method="mpmath.quad of the density beyond T")
