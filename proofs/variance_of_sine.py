r"""The Gaussian second moment of the sine: :math:`E\sin^2(\sqrt q z) = (1 - e^{-2q})/2`.

Derived from the characteristic function of the normal law; a differential equation, a quadrature and an integral in
ball arithmetic judge it independently.
"""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, enclosure, symbolic

q = sp.Symbol("q", positive=True)
V = sp.Function("V_sin")

CLAIM = Claim(
    id="variance_of_sine",
    title="second moment of the sine of a Gaussian",
    statement=sp.Eq(V(q), (1 - sp.exp(-2 * q)) / 2),
    source=Source("derive", "expectations: closed forms"),
    meaning="V_sin(q) = E sin(u)^2 for u normal with mean 0 and variance q",
    variables={q: "q > 0"},
)

POINTS = [{q: Fraction(1, 10)}, {q: 1}, {q: 7}]


def derive() -> sp.Expr:
    """Write the square of the sine as a sum of exponentials and take the characteristic function term by term."""
    u, t = sp.symbols("u t", real=True)
    density = sp.exp(-(u**2) / (2 * q)) / sp.sqrt(2 * sp.pi * q)
    characteristic = sp.integrate(sp.exp(sp.I * t * u) * density, (u, -sp.oo, sp.oo))
    waves = sp.expand(sp.sin(u).rewrite(sp.exp) ** 2)
    return sum(
        coefficient * characteristic.subs(t, sp.diff(sp.log(wave), u) / sp.I)
        for coefficient, wave in (term.as_independent(u) for term in waves.as_ordered_terms())
    )


def heat_equation() -> sp.Expr:
    """dV/dq = (1/2) E (sin^2)'' = E cos 2u = 1 - 2V with V(0) = 0, solved by SymPy."""
    solution = sp.dsolve(sp.Eq(V(q).diff(q), 1 - 2 * V(q)), V(q), ics={V(0): 0})
    return solution.rhs


def quadrature(point, digits):
    """The defining integral by mpmath's tanh-sinh quadrature."""
    scale = mpmath.sqrt(mpmath.mpf(point[q].p) / point[q].q)
    return 2 * mpmath.quad(lambda z: mpmath.sin(scale * z) ** 2 * mpmath.npdf(z), [0, 2, 5, 10, 20])


def ball(point, bits):
    """The defining integral in balls: |z| <= 14 by acb.integral, the rest below 2 exp(-98)."""
    from flint import acb, arb

    scale = arb(int(point[q].p)) / int(point[q].q)

    def integrand(z, _analytic):
        return (scale.sqrt() * z).sin() ** 2 * (-z * z / 2).exp()

    inside = acb.integral(integrand, 0, 14).real
    return (inside + arb(0, (-arb(98)).exp())) * (2 / arb.pi()).sqrt()


def checks():
    yield symbolic("heat equation", heat_equation, method="SymPy dsolve of V' = 1 - 2V, V(0) = 0")
    yield digits("quadrature", quadrature, POINTS, digits=30, method="mpmath.quad of the defining integral")
    yield enclosure(
        "integral in balls", ball, POINTS, radius=Fraction(1, 10**30), method="acb.integral of the defining integral"
    )
