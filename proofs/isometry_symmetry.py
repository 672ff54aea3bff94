r"""The spectrum is symmetric under lambda -> a^(4L)/lambda."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits

from . import _spectrum

g = sp.Symbol("g", real=True)
mirrored = sp.Function("g_mirrored")

CLAIM = Claim(
    id="isometry_symmetry",
    title="symmetry of the universal spectrum under lambda -> a^(4L)/lambda",
    statement=sp.Eq(mirrored(g), 1 - g),
    source=Source("derive", "spectrum: symmetry of equation (25) of tarnowski2019"),
    meaning="g = z G(z) and g_mirrored = z' G(z') at z' = a^(4L)/z: the law of log lambda is even around 2 L log a",
    variables={g: "z G(z)"},
    uses=("isometry_greens_equation",),
)

z, c = sp.symbols("z c", positive=True)


def derive() -> sp.Expr:
    """Green's equation in g is z = a^(2L) g/(g-1) e^(kappa(2g-1)); z z' = a^(4L) is solved by g' = 1 - g."""
    kappa, size = sp.symbols("kappa A", positive=True)

    def place(value):
        return size * value / (value - 1) * sp.exp(kappa * (2 * value - 1))

    product = sp.powsimp(sp.simplify(place(g) * place(1 - g)))
    if sp.simplify(product - size**2) != 0:
        raise ArithmeticError(f"the product is {product}")
    return 1 - g


def _root(place, width):
    """g with place = g/(g-1) e^(width(2g-1)): above the spectrum g > 1, below it g < 0."""

    def gap(value):
        return mpmath.log(value / (value - 1)) + width * (2 * value - 1) - mpmath.log(place)

    tiny, stationary = mpmath.mpf(10) ** -12, (1 + mpmath.sqrt((width + 2) / width)) / 2
    ends = (1 + tiny, stationary) if place > 1 else (1 - stationary, -tiny)
    return mpmath.findroot(gap, ends, solver="anderson")


def formula(statement, point, digits):
    return _spectrum.evaluate(statement.rhs, {g: _root(_spectrum.number(point[z]), _spectrum.number(point[c]))})


def checks():
    points = [{z: 20, c: sp.Rational(1, 8)}, {z: 200, c: 1}]
    yield digits(
        "two roots of Green's equation",
        lambda point, digits: _root(1 / _spectrum.number(point[z]), _spectrum.number(point[c])),
        points,
        digits=30,
        formula=formula,
        method="Green's equation solved by mpmath at z and at 1/z, skip 1",
    )
