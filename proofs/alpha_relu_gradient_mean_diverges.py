r"""The mean of the gradient is infinite at alpha = 1/2: the slope's moment above a cut grows like a logarithm."""

import sympy as sp

from derive.claim import Claim, Printed, Source

from . import _alpha_cut
from ._alpha_cut import above, eps

ALPHA, POWER = sp.Rational(1, 2), 2
LAW = ALPHA**POWER / sp.sqrt(2 * sp.pi) * (-sp.log(eps) + sp.log(2) / 2 - sp.EulerGamma / 2)

CLAIM = Claim(
    id="alpha_relu_gradient_mean_diverges",
    title="the mean of the gradient at alpha = 1/2",
    statement=sp.Eq(above(eps), LAW),
    source=Source("yang2017", "section 5.2, footnote: the expected norm of the gradient diverges at alpha = 1/2"),
    meaning=(
        "above(epsilon) = E[psi'(z)^2; z > epsilon] for alpha = 1/2: it has no limit as "
        "epsilon tends to 0.  For larger alpha it has one, for smaller alpha it grows like a power"
    ),
    variables={eps: "0 < epsilon < 1"},
    error=eps**2,
    limit=(eps, sp.Integer(0)),
    printed=Printed(text="the expected norm of the gradient diverges at alpha = 1/2", statement=sp.Eq(above(eps), LAW)),
)


def derive() -> sp.Expr:
    """The exponential integral at a small argument."""
    return _alpha_cut.derived(ALPHA, POWER)


def checks():
    yield _alpha_cut.quadrature_check(ALPHA, POWER)


def printed_checks():
    yield from checks()
