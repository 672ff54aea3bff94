r"""(18): the R-transform of one residual layer, from (17) at z -> R(z) + 1/z."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits

from . import _spectrum

R, z = sp.symbols("R z", real=True)
a, alpha = sp.symbols("a alpha", positive=True)

CLAIM = Claim(
    id="isometry_layer_r",
    title="R-transform of one residual layer",
    statement=sp.Eq(z, (z * alpha - 1) / (a**2 - (R + 1 / z) * (1 - z * alpha) ** 2)),
    source=Source("tarnowski2019", "equation (18)"),
    meaning="R = R(z) generates the free cumulants of Y Y^T, Y = a + X; alpha = A(z^2 R + z)",
    variables={R: "real", z: "z > 0 small", a: "a > 0", alpha: "alpha > 0"},
    uses=("isometry_layer_green",),
)

place = sp.Symbol("z_0", real=True)
POINTS = [{a: 1, alpha: sp.Rational(1, 8), place: 7}, {a: sp.Rational(1, 2), alpha: 2, place: 31}]


def derive() -> sp.Expr:
    """The substitution of the derivation, plus z."""
    from derive.spectrum import transforms as t

    names = t.SYMBOLS
    found = (t.single_layer_r() + names["z"]).subs({names["a"]: a, names["alpha"]: alpha, names["R"]: R})
    return found.subs(names["z"], z)


def _values(point):
    _, green, r, *_ = _spectrum.layer_values(point, (a, alpha, place))
    return {z: green, R: r, a: _spectrum.number(point[a]), alpha: _spectrum.number(point[alpha])}


def formula(statement, point, digits):
    return _spectrum.evaluate(statement.rhs, _values(point))


def iterated(point, digits):
    return _values(point)[z]


def checks():
    yield digits(
        "block equation",
        iterated,
        POINTS,
        digits=25,
        formula=formula,
        method="R at G(z_0) is z_0 - 1/G(z_0), with G(z_0) from the iterated 2 x 2 matrix equation",
    )
