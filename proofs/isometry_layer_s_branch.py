r"""The root of the quadratic for S: a^2 S = (1 - z alpha S)(1 - (z+1) alpha S), with S(0) = 1/(a^2 + alpha)."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, symbolic

from . import _spectrum

S = sp.Function("S")
z = sp.Symbol("z", nonnegative=True)
a, alpha = sp.symbols("a alpha", positive=True)
B = a**2 + (2 * z + 1) * alpha

CLAIM = Claim(
    id="isometry_layer_s_branch",
    title="S-transform of one circular residual layer: the right root",
    statement=sp.Eq(S(z), 2 / (B + sp.sqrt(B**2 - 4 * z * (z + 1) * alpha**2))),
    source=Source("tarnowski2019", "section 3.1, after (19): the appropriate branch"),
    meaning=(
        "S-transform of Y Y^T for a constant determining sequence alpha.  The mean 1/S(0) = a^2 + alpha chooses the "
        "root; "
        "it tends to 1/a^2 as alpha -> 0, the other root is unbounded there"
    ),
    variables={z: "z >= 0", a: "a > 0", alpha: "alpha > 0"},
    uses=("isometry_layer_s",),
)

place = sp.Symbol("z_0", positive=True)


def derive() -> sp.Expr:
    """The quadratic factor of (19) solved, and the root with the right mean taken."""
    from derive.spectrum import transforms as t

    names = t.SYMBOLS
    return t.layer_s().subs({names["a"]: a, names["alpha"]: alpha}).subs(names["z"], z)


def by_factors() -> sp.Expr:
    """The factorised equation solved by SymPy; the root that is finite as alpha -> 0."""
    x = sp.Symbol("x")
    roots = sp.solve(a**2 * x - (1 - z * alpha * x) * (1 - (z + 1) * alpha * x), x)
    (right,) = [r for r in roots if sp.limit(r.subs({a: 1, z: 2}), alpha, 0) == 1]
    return right


def _values(point):
    *_, psi, s = _spectrum.layer_values(point, (a, alpha, place))
    return psi, s


def formula(statement, point, digits):
    values = {z: _values(point)[0], a: _spectrum.number(point[a]), alpha: _spectrum.number(point[alpha])}
    return _spectrum.evaluate(statement.rhs, values)


def checks():
    yield symbolic("factorised equation", by_factors, method="SymPy solve; the root with a finite limit as alpha -> 0")
    points = [{a: 1, alpha: sp.Rational(1, 8), place: 7}, {a: sp.Rational(1, 2), alpha: 2, place: 31}]
    yield digits(
        "block equation",
        lambda point, digits: mpmath.mpf(_values(point)[1]),
        points,
        digits=25,
        formula=formula,
        method="S(psi) = (1+psi)/(psi z_0) with G(z_0) from the iterated 2 x 2 matrix equation",
    )
