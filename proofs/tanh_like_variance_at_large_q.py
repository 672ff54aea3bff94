r"""V of any odd activation that rises to 1 fast enough, at large variance: two integrals of 1 - phi^2."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

from . import _tanh_like
from ._tanh_like import ERF, I0, I2, RAMP

q = sp.Symbol("q", positive=True)
V = sp.Function("V")

CLAIM = Claim(
    id="tanh_like_variance_at_large_q",
    title="V at large variance, tanh-like activations",
    statement=sp.Eq(V(q), 1 - sp.sqrt(2 / sp.pi) * (I0 / sp.sqrt(q) - I2 / (2 * q ** sp.Rational(3, 2)))),
    source=Source("yang2017", "theorem B.1.1, tanh-like activations; the terms after the first are new"),
    meaning="V(q) = E phi(sqrt(q) z)^2, I_k the integral of x^k (1 - phi(x)^2) over x > 0; tanh has I_0 = 1",
    variables={q: "q > 0", I0: "I_0 > 0", I2: "I_2 > 0"},
    assumptions="phi is odd, and x^4 (1 - phi^2) is integrable",
    error=q ** sp.Rational(-5, 2),
    limit=(q, sp.oo),
)


def derive() -> sp.Expr:
    """1 - V is an integral against the Gaussian density, whose exponential is expanded."""
    x, t = sp.symbols("x t", positive=True)
    density = sp.exp(-(x**2) * t / 2)
    terms = sp.Poly(sp.series(density, t, 0, 2).removeO(), t, x).terms()
    moments = {0: I0, 2: I2}
    inner = sum(factor * moments[power] * q**-order for (order, power), factor in terms)
    return sp.expand(1 - 2 * inner / sp.sqrt(2 * sp.pi * q))


def closed(point, digits):
    return _tanh_like.second(point, mpmath.mpf(point[q].p) / point[q].q)


def checks():
    values = [2**k for k in range(6, 16)]
    yield decay(
        "erf and the ramp",
        closed,
        q,
        values,
        points=[ERF, RAMP],
        error=q ** sp.Rational(-5, 2),
        method="V of erf by an arcsine, of the ramp min(1, max(-1, x)) by the error function, in mpmath",
    )
