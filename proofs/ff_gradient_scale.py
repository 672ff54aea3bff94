r"""Gradients change by chi_1 per layer: 1/xi_grad = -log chi_1 on both sides of the edge of chaos, with its sign."""

import mpmath
import sympy as sp

from derive.activations import activation
from derive.claim import Claim, Printed, Source
from derive.evidence import digits
from derive.expectations import V
from derive.networks.feedforward.equations import SYMBOLS as S
from derive.networks.residual.equations import MeanSquare

from . import _ff

q = sp.Symbol("q", positive=True)
scale = sp.Function("inverse_xi_grad")
phi = activation("tanh")
FORMULA = -sp.log(S.sigma_w2 * V(phi.diff(1), q))

CLAIM = Claim(
    id="ff_gradient_scale",
    title="depth scale of gradients, 1/xi_grad",
    statement=sp.Eq(scale(q, S.sigma_w2), FORMULA),
    source=Source("schoenholz2017", "eq. 16"),
    meaning=(
        "chi_l/chi_L = exp(-(L - l)/xi_grad) at constant width and q = q*, written for tanh: gradients vanish "
        "for chi_1 < 1, "
        "explode for chi_1 > 1 (xi_grad < 0), and keep their size at chi_1 = 1"
    ),
    variables={q: "q > 0", S.sigma_w2: "sigma_w2 > 0"},
    uses=("ff_gradient_recurrence",),
    printed=Printed(
        text="1/xi_grad = -log chi_1, above and below the transition", statement=sp.Eq(scale(q, S.sigma_w2), FORMULA)
    ),
)


def derive() -> sp.Expr:
    """The factor of one layer in the gradient recurrence at equal widths without dropout."""
    factor = _ff.row("chi").subs({S.width_ratio: 1, S.rho: 1, S.q_: q}) / S.chi
    return -sp.log(factor.replace(MeanSquare, lambda n, t: V(phi.diff(int(n)), t)))


def product(point, digits):
    """Five layers, each with its own quadrature."""
    at, w = _ff.number(point[q]), _ff.number(point[S.sigma_w2])
    total = mpmath.fsum(mpmath.log(w * _ff.mean(lambda x: mpmath.sech(x) ** 4, at)) for _ in range(5))
    return -total / 5


def _check():
    points = [{q: sp.Rational(1, 2), S.sigma_w2: 3}, {q: sp.Rational(3, 2), S.sigma_w2: sp.Rational(1, 2)}]
    return digits("quadrature of phi'^2", product, points, digits=12, method="mpmath.quad of sech^4")


def checks():
    yield _check()


def printed_checks():
    yield _check()
