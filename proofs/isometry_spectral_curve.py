r"""The spectrum as an explicit curve in one angle: cosh tau = cos sigma + c sin(sigma)/sigma."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits

from . import _spectrum

sigma, c = sp.symbols("sigma c", positive=True)
cosh_tau = sp.Function("cosh_tau")

CLAIM = Claim(
    id="isometry_spectral_curve",
    title="the boundary values of Green's function on one explicit curve",
    statement=sp.Eq(cosh_tau(sigma), sp.cos(sigma) + c * sp.sin(sigma) / sigma),
    source=Source("derive", "spectrum: parametrisation of equation (25) of tarnowski2019"),
    meaning=(
        "skip 1, v = 2 lambda G(lambda + i0) - 1 = coth((tau + i sigma)/2): Green's equation is "
        "log lambda = tau + i sigma + c v, whose imaginary part fixes tau; the density of log lambda is sigma/(2 pi c)"
    ),
    variables={sigma: "0 < sigma < sigma_m, sigma_m tan(sigma_m/2) = c", c: "c > 0"},
    uses=("isometry_greens_equation",),
)


def derive() -> sp.Expr:
    """The imaginary part of log lambda = u + c coth(u/2), u = tau + i sigma, is zero."""
    t, s, x = sp.symbols("tau s x", real=True)
    v = sp.cosh((t + sp.I * s) / 2) / sp.sinh((t + sp.I * s) / 2)
    numerator = sp.expand(sp.expand_trig(sp.cosh((t + sp.I * s) / 2) * sp.sinh((t - sp.I * s) / 2)))
    imaginary = sp.simplify(sp.im(sp.expand(numerator, complex=True)))  # of v |sinh|^2
    size = sp.simplify(sp.expand(sp.sinh((t + sp.I * s) / 2) * sp.sinh((t - sp.I * s) / 2), complex=True))
    # 2 sinh((t+is)/2) sinh((t-is)/2) = cosh t - cos s, and the imaginary part of the numerator is -sin(s)/2
    checks = [
        sp.simplify((imaginary + sp.sin(s) / 2).rewrite(sp.exp)),
        sp.simplify((2 * size - sp.cosh(t) + sp.cos(s)).rewrite(sp.exp)),
    ]
    if any(value != 0 for value in checks):
        raise ArithmeticError(f"the imaginary part of {v} is not -sin(s)/(cosh(t) - cos(s)): {checks}")
    (found,) = sp.solve(s - c * sp.sin(s) / (x - sp.cos(s)), x)
    return found.subs(s, sigma)


place = sp.Symbol("y", positive=True)


def _boundary(point):
    v = _spectrum.boundary_v(_spectrum.number(point[place]), _spectrum.number(point[c]))
    u = mpmath.log((v + 1) / (v - 1))
    return u.real, u.imag


def formula(statement, point, digits):
    return _spectrum.evaluate(statement.rhs, {sigma: _boundary(point)[1], c: _spectrum.number(point[c])})


def checks():
    points = [{place: sp.Rational(1, 2), c: sp.Rational(1, 8)}, {place: 2, c: 3}, {place: sp.Rational(1, 100), c: 1}]
    yield digits(
        "roots of Green's equation",
        lambda point, digits: mpmath.cosh(_boundary(point)[0]),
        points,
        digits=30,
        formula=formula,
        method="Newton's method in complex v on Green's equation at real lambda",
    )
