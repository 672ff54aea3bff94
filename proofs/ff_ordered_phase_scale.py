r"""At c* = 1 the factor of the correlation is chi_1, so 1/xi_c = -log chi_1; ReLU at q* = 0 shows where that stops."""

import sympy as sp

from derive.activations import activation
from derive.claim import Claim, Source
from derive.evidence import digits
from derive.expectations import V, W
from derive.networks.feedforward.equations import SYMBOLS as S

from . import _ff

q = sp.Symbol("q", positive=True)
factor = sp.Symbol("chi_c")
phi = activation("sin")

CLAIM = Claim(
    id="ff_ordered_phase_scale",
    title="in the ordered phase the correlation relaxes with chi_1",
    statement=sp.Eq(factor, S.sigma_w2 * V(phi.diff(1), q).doit()),
    source=Source("schoenholz2017", "below eq. 9: 1/xi_c = -log chi_1 in the ordered phase"),
    meaning="chi_c at q = q* > 0, c* = 1; written for sin, where chi_1 = sigma_w2 (1 + exp(-2q))/2",
    variables={q: "q > 0", S.sigma_w2: "sigma_w2 > 0"},
    uses=("ff_covariance_recurrence",),
)


def derive() -> sp.Expr:
    """The slope of the correlation map at c = 1."""
    c = sp.Symbol("c", real=True)
    slope = ((S.sigma_w2 * W(phi, q, c * q) + S.sigma_b2) / q).diff(c)
    return sp.simplify(slope.subs(c, 1)).doit()


def quadrature(point, digits):
    import mpmath

    return _ff.number(point[S.sigma_w2]) * _ff.mean(lambda x: mpmath.cos(x) ** 2, _ff.number(point[q]))


def checks():
    points = [{q: sp.Rational(7, 10), S.sigma_w2: sp.Rational(5, 4)}, {q: 2, S.sigma_w2: 3}]
    yield digits("quadrature of phi'^2", quadrature, points, digits=15, method="mpmath.quad")
