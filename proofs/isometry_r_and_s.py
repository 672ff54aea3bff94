r"""(10): S(z R(z)) = 1/R(z), from the definitions of R and S through Green's function."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds

R, z = sp.symbols("R z", positive=True)
S = sp.Symbol("S", positive=True)

CLAIM = Claim(
    id="isometry_r_and_s",
    title="the S-transform at z R(z)",
    statement=sp.Eq(S, 1 / R),
    source=Source("tarnowski2019", "equation (10)"),
    meaning="S is the S-transform at the place z R(z), R = R(z) the R-transform; laws with a mean that is not 0",
    variables={R: "R(z)"},
)


def derive() -> sp.Expr:
    """S(psi) = (1+psi)/(psi w) with psi = w G(w) - 1; at w = R(z) + 1/z, where G = z, psi is z R."""
    w = R + 1 / z
    psi = sp.expand(w * z) - 1
    if sp.simplify(psi - z * R) != 0:
        raise ArithmeticError(f"psi is {psi}")
    return sp.simplify((1 + psi) / (psi * w))


def known_laws(statement, point):
    """Marchenko-Pastur: R = 1/(1-z), S = 1/(1+z).  A point mass at m: R = m, S = 1/m."""
    place, mass = point[z], point[sp.Symbol("m", positive=True)]
    r = 1 / (1 - place)
    first = statement.rhs.subs(R, r) == 1 / (1 + place * r)
    return bool(first and statement.rhs.subs(R, mass) == 1 / mass)


def checks():
    m = sp.Symbol("m", positive=True)
    points = [{z: sp.Rational(1, 3), m: 2}, {z: sp.Rational(1, 7), m: sp.Rational(5, 3)}]
    yield holds("known laws", known_laws, points, method="Marchenko-Pastur law and point masses, exactly")
