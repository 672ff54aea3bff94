r"""(17): Green's function of one residual layer from the block equation (15) with the R-transform (16)."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, symbolic

from . import _rdiagonal, _spectrum

G, z = sp.symbols("G z", real=True)
a, alpha = sp.symbols("a alpha", positive=True)

CLAIM = Claim(
    id="isometry_layer_green",
    title="Green's function of one residual layer",
    statement=sp.Eq(G, (G * alpha - 1) / (a**2 - z * (1 - G * alpha) ** 2)),
    source=Source("tarnowski2019", "equation (17)"),
    meaning=(
        "G(z) = lim (1/N) Tr (z - Y Y^T)^(-1), Y = a + X; X is R-diagonal and alpha = A(z G^2) its determining sequence"
    ),
    assumptions=_rdiagonal.DEFINITION,
    variables={G: "real", z: "above the spectrum", a: "a > 0", alpha: "alpha > 0"},
    uses=("isometry_block_r_transform",),
)

POINTS = [{a: 1, alpha: sp.Rational(1, 8), z: 7}, {a: sp.Rational(1, 2), alpha: 2, z: 31}]


def derive() -> sp.Expr:
    """Solve the block equation entry by entry; the diagonal entries drop out."""
    from derive.spectrum import transforms as t

    names = t.SYMBOLS
    return t.single_layer_green().subs({names["a"]: a, names["alpha"]: alpha, names["z"]: z, names["G"]: G})


def _values(point):
    z0, green, *_ = _spectrum.layer_values(point, (a, alpha, z))
    return {G: green, z: z0, a: _spectrum.number(point[a]), alpha: _spectrum.number(point[alpha])}


def formula(statement, point, digits):
    return _spectrum.evaluate(statement.rhs, _values(point))


def iterated(point, digits):
    return _values(point)[G]


def by_words():
    """The functional equations of alternating words; no matrix, no R-transform."""
    from derive.spectrum import transforms as t

    names = t.SYMBOLS
    return t.green_from_words().subs({names["a"]: a, names["alpha"]: alpha, names["z"]: z, names["G"]: G})


def _planar(point):
    """z, G from non-crossing partitions of up to ten letters, and A(z G^2), for A of three terms."""
    sequence = [point[alpha], sp.Rational(2, 3), sp.Rational(-5, 4), 0, 0]
    skip, place = sp.Rational(point[a]), sp.Rational(point[z])
    green = _rdiagonal.green(skip, sequence, place)
    x = place * green**2
    return place, green, sequence[0] + sequence[1] * x + sequence[2] * x**2


def planar(point, digits):
    return _spectrum.number(_planar(point)[1])


def formula_planar(statement, point, digits):
    place, green, value = _planar(point)
    return _spectrum.number(sp.Rational(statement.rhs.subs({z: place, G: green, a: point[a], alpha: value})))


def checks():
    yield symbolic(
        "words", by_words, method="first-block recursion of the moment-cumulant formula for alternating words"
    )
    yield digits(
        "non-crossing partitions",
        planar,
        [{a: 1, alpha: sp.Rational(1, 8), z: 10**9}, {a: sp.Rational(1, 2), alpha: 2, z: 10**10}],
        digits=40,
        formula=formula_planar,
        method="moments of up to ten letters over all non-crossing partitions, a determining sequence of three terms",
    )
    yield digits(
        "block equation",
        iterated,
        POINTS,
        digits=25,
        formula=formula,
        method="the 2 x 2 matrix equation (15) iterated with mpmath at real z above the spectrum, a constant alpha",
    )
