r"""All moments of the universal law: E lambda^k = e^(k kappa) 1F1(1-k; 2; -2 k kappa) in units of a^(2Lk)."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, holds

from . import _spectrum

moment = sp.Function("moment")
k = sp.Symbol("k", real=True)
kappa = sp.Symbol("kappa", positive=True)

CLAIM = Claim(
    id="isometry_moments",
    title="moments of any order of the universal spectrum",
    statement=sp.Eq(moment(k), sp.exp(k * kappa) * sp.hyper([1 - k], [2], -2 * k * kappa)),
    source=Source("derive", "spectrum: moments of equation (25) of tarnowski2019"),
    meaning="moment(k) = E (lambda/a^(2L))^k, kappa = c/a^2",
    variables={k: "any real order (complex ones too)", kappa: "kappa > 0"},
    uses=("isometry_spectral_curve",),
)


def quadrature(point, digits):
    order, width = _spectrum.number(point[k]), _spectrum.number(point[kappa])
    return _spectrum.mean_of_log(lambda y: mpmath.exp(order * y) / order, width)


def lagrange(statement, point):
    """The coefficient of z^(k-1) in (1+z)^k e^(k kappa (1+2z)) over k, as an exact polynomial times e^(k kappa)."""
    order, z = int(point[k]), sp.Symbol("z")
    series = sum((2 * order * kappa * z) ** j / sp.factorial(j) for j in range(order + 1))
    coefficient = sp.expand((1 + z) ** order * series).coeff(z, order - 1) / order
    stated = sp.expand_func(sp.hyperexpand(statement.rhs.subs(k, order)))
    return sp.simplify(sp.expand(stated / sp.exp(order * kappa)) - coefficient) == 0


def checks():
    points = [
        {k: order, kappa: width}
        for order in (1, sp.Rational(7, 3), sp.Rational(-5, 2))
        for width in (sp.Rational(1, 8), 2)
    ]
    yield digits("quadrature", quadrature, points, digits=25, method="mpmath.quad over the explicit spectral curve")
    yield holds(
        "Lagrange's inversion",
        lagrange,
        [{k: order} for order in (2, 3, 5)],
        method="coefficients of the inverse of z/(1+z) e^(-kappa(1+2z)), exactly in kappa",
    )
