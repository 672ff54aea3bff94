r"""The factor of a small error of the length: chi_q = sigma_w2 (E phi'^2 + E phi phi'')."""

import mpmath
import sympy as sp

from derive.activations import activation
from derive.claim import Claim, Printed, Source
from derive.evidence import digits
from derive.expectations import E, V
from derive.networks.feedforward.equations import SYMBOLS as S

from . import _ff

q = sp.Symbol("q", positive=True)
phi = activation("tanh")
scale = sp.Function("inverse_xi_q")
SECOND = activation(sp.expand(phi.expr * phi.diff(2).expr))
FORMULA = -sp.log(S.sigma_w2 * V(phi.diff(1), q) + S.sigma_w2 * E(SECOND, q))

CLAIM = Claim(
    id="ff_length_susceptibility",
    title="depth scale of the length, 1/xi_q",
    statement=sp.Eq(scale(q, S.sigma_w2), FORMULA),
    source=Source("schoenholz2017", "eq. 6, eq. 7 and section 7.1 (formula stripped, rebuilt)"),
    meaning="|q_l - q*| decays like exp(-l/xi_q); written for tanh, q = q*; chi_q is what the logarithm is taken of",
    variables={q: "q > 0, a fixed point of the length", S.sigma_w2: "sigma_w2 > 0, with 0 < chi_q < 1"},
    uses=("ff_length_recurrence",),
    printed=Printed(text="1/xi_q = -log(chi_1 + sigma_w2 E phi'' phi)", statement=sp.Eq(scale(q, S.sigma_w2), FORMULA)),
)


def derive() -> sp.Expr:
    """Differentiate the recurrence (heat equation) and take the logarithm of the factor."""
    slope = (S.sigma_w2 * V(phi, q)).diff(q)
    (mean,) = slope.atoms(E)
    first = phi.diff(1).expr ** 2
    assert sp.expand(mean.args[0].expr - SECOND.expr - first) == 0  # the mean of phi phi'' + phi'^2, split
    return -sp.log(slope.coeff(mean) * (V(phi.diff(1), q) + E(SECOND, q)))


def orbit(point, digits):
    """The slope of the map by numerical differentiation of a quadrature."""
    at, w = _ff.number(point[q]), _ff.number(point[S.sigma_w2])
    return -mpmath.log(mpmath.diff(lambda t: w * _ff.mean(lambda x: mpmath.tanh(x) ** 2, t), at))


POINTS = [{q: sp.Rational(7, 10), S.sigma_w2: sp.Rational(5, 4)}, {q: sp.Rational(1, 9), S.sigma_w2: sp.Rational(3, 4)}]


def _check():
    return digits("numerical derivative", orbit, POINTS, digits=10, method="mpmath.diff of mpmath.quad")


def checks():
    yield _check()


def printed_checks():
    yield _check()
