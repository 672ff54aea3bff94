r"""(19): the S-transform of one residual layer, from (18) at z -> z S(z)."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits

from . import _spectrum

S, z = sp.symbols("S z", real=True)
a, alpha = sp.symbols("a alpha", positive=True)
one = sp.Symbol("one", positive=True)

CLAIM = Claim(
    id="isometry_layer_s",
    title="S-transform of one residual layer",
    statement=sp.Eq(one, (z * S * alpha - 1) / (a**2 * z * S - (z + 1) * (1 - z * S * alpha) ** 2)),
    source=Source("tarnowski2019", "equation (19)"),
    meaning="one = 1; S = S(z) is the S-transform of Y Y^T, Y = a + X, and alpha = A(z (z+1) S)",
    variables={S: "real", z: "z > 0", a: "a > 0", alpha: "alpha > 0"},
    uses=("isometry_layer_r",),
)

place = sp.Symbol("z_0", real=True)
POINTS = [{a: 1, alpha: sp.Rational(1, 8), place: 7}, {a: sp.Rational(1, 2), alpha: 2, place: 31}]


def derive() -> sp.Expr:
    """(18) at z S and R = 1/S, solved for 1: both sides divided by z S."""
    from derive.spectrum import transforms as t

    names = t.SYMBOLS
    difference = t.single_layer_s() / (names["z"] * names["S"])
    return 1 + difference.subs({names["a"]: a, names["alpha"]: alpha, names["S"]: S}).subs(names["z"], z)


def _values(point):
    *_, psi, s = _spectrum.layer_values(point, (a, alpha, place))
    return {z: psi, S: s, a: _spectrum.number(point[a]), alpha: _spectrum.number(point[alpha])}


def formula(statement, point, digits):
    return _spectrum.evaluate(statement.rhs, _values(point))


def checks():
    yield digits(
        "block equation",
        lambda point, digits: 1,
        POINTS,
        digits=25,
        formula=formula,
        method="S(psi) = (1+psi)/(psi z_0), psi = z_0 G(z_0) - 1, with G(z_0) from the iterated 2 x 2 matrix equation",
    )
