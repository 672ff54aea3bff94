r"""sqrt(q) V(q) increases, so chi_q > -1/2 at every fixed point and lengths never oscillate, for any activation."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

q = sp.Symbol("q", positive=True)
slope = sp.Function("slope")
V, M = sp.Function("V"), sp.Function("M")

CLAIM = Claim(
    id="ff_lengths_never_oscillate",
    title="the logarithmic slope of V is at least -1/2",
    statement=sp.Eq(slope(q), (M(q) - V(q)) / (2 * q)),
    source=Source("schoenholz2017", "below eq. 3: q* = lim q_l exists for bounded phi"),
    meaning=(
        "dV/dq with V = E phi(sqrt(q) z)^2, M = E z^2 phi(sqrt(q) z)^2 >= 0, for any phi (the density is "
        "differentiated).  So d(sqrt(q) V)/dq = M/(2 sqrt(q)) >= 0, and q' = A V + B has chi_q > -1/2 at "
        "fixed points.  "
        "A cycle q1 < q2 would need (q2 - B)/(q1 - B) <= sqrt(q2/q1), while the left side is at least q2/q1: there are "
        "none, and by Coppel's theorem (1955) every bounded orbit of a continuous map of an interval without 2-cycles "
        "converges.  For bounded phi the limit exists for every start, though it need not be the same"
    ),
    variables={q: "q > 0"},
    printed=Printed(
        text="the limit of q_l exists (dV/dq never falls below -V/(2q), so that no length can oscillate)",
        statement=sp.Eq(slope(q), (M(q) - V(q)) / (2 * q)),
    ),
)


def derive() -> sp.Expr:
    """Differentiate the Gaussian density of variance q under the integral."""
    x = sp.Symbol("x", real=True)
    density = sp.exp(-(x**2) / (2 * q)) / sp.sqrt(2 * sp.pi * q)
    ratio = sp.expand(sp.simplify(sp.diff(density, q) / density))  # a polynomial in x^2
    return sp.expand(ratio.coeff(x, 2) * q * M(q) + ratio.coeff(x, 0) * V(q))  # E x^2 phi^2 = q M


def exact(statement, point) -> bool:
    """phi = x^3: V = 15 q^3, M = 105 q^3."""
    at = point[q]
    value = statement.rhs.replace(V, lambda t: 15 * t**3).replace(M, lambda t: 105 * t**3).subs(q, at)
    return value == 45 * at**2


def bump_exact(statement, point) -> bool:
    """phi = exp(-x^2): V = (1+4q)^(-1/2), M = (1+4q)^(-3/2); rational at q = 2, 6."""
    at = point[q]
    value = statement.rhs.replace(V, lambda t: (1 + 4 * t) ** sp.Rational(-1, 2))
    value = value.replace(M, lambda t: (1 + 4 * t) ** sp.Rational(-3, 2)).subs(q, at)
    return bool(sp.simplify(value + 2 * (1 + 4 * at) ** sp.Rational(-3, 2)) == 0)


def _checks():
    points = [{q: sp.Integer(2)}, {q: sp.Integer(6)}]
    yield holds("cubic activation", exact, points, method="Gaussian moments")
    yield holds("Gaussian bump", bump_exact, points, method="closed Gaussian integrals")


def checks():
    yield from _checks()


def printed_checks():
    yield from _checks()
