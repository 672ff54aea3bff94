r"""(8): the density is minus the imaginary part of Green's function over pi; the print leaves out 'Im'."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

rho = sp.Symbol("rho", positive=True)
u, w = sp.symbols("u w", real=True)

CLAIM = Claim(
    id="isometry_density_from_green",
    title="the density from the boundary value of Green's function",
    statement=sp.Eq(rho, -w / sp.pi),
    source=Source("tarnowski2019", "equation (8)"),
    meaning="u + i w is the limit of G(x + i eps) from above; the density at x",
    variables={w: "imaginary part of the boundary value"},
    printed=Printed(
        text="the density is -1/pi times the limit of G, without 'Im'", statement=sp.Eq(rho, -(u + sp.I * w) / sp.pi)
    ),
)

x = sp.Symbol("x", real=True)


def derive() -> sp.Expr:
    """Im 1/(t + i eps) has the mass -pi on the line and shrinks to a point: Im G is -pi times the density."""
    t, eps = sp.symbols("t eps", real=True, positive=True)
    kernel = sp.simplify(sp.im(sp.expand_complex(1 / (t + sp.I * eps))))
    mass = 2 * sp.integrate(kernel, (t, 0, sp.oo))
    return w / sp.simplify(mass)


def semicircle(statement, point):
    """G(x + i0) = (x - i sqrt(4 - x^2))/2 belongs to the density sqrt(4 - x^2)/(2 pi) of mass 1."""
    place = point[x]
    boundary = (place - sp.I * sp.sqrt(4 - place**2)) / 2
    density = sp.sqrt(4 - place**2) / (2 * sp.pi)
    return bool(sp.simplify(statement.rhs.subs({u: sp.re(boundary), w: sp.im(boundary)}) - density) == 0)


def two_points(statement, point):
    """Uniform density 1/2 on (-1, 1): G(x + i0) = (log((1+x)/(1-x)) - i pi)/2."""
    place = point[x] / 2
    boundary = (sp.log((1 + place) / (1 - place)) - sp.I * sp.pi) / 2
    return bool(sp.simplify(statement.rhs.subs({u: sp.re(boundary), w: sp.im(boundary)}) - sp.Rational(1, 2)) == 0)


POINTS = [{x: sp.Rational(1, 3)}, {x: 1}]


def checks():
    yield holds("semicircle", semicircle, POINTS, method="boundary value and density of the semicircle law, exactly")
    yield holds("uniform law", two_points, POINTS, method="boundary value and density of the uniform law, exactly")


def printed_checks():
    yield holds("semicircle", semicircle, POINTS, method="boundary value and density of the semicircle law, exactly")
