r"""The slope at c = 1: :math:`J_\alpha'(1) = \alpha^2/(2\alpha-1)` for alpha > 1/2.

For alpha <= 1/2 it is infinite (alpha = 1/2: like a logarithm; alpha = 0: like (1-c)^(-1/2)).  It is 1 at alpha = 1 and
above 1 on either side: J_alpha leaves the diagonal at c = 1 downwards, except for the kernel of ReLU, which touches it.
"""

import mpmath
import sympy as sp

from derive.claim import Claim
from derive.evidence import digits

from . import _kernel, _kernel_boxes
from ._kernel import alpha

value = sp.Function("slope_at_one")

CLAIM = Claim(
    id="kernel_slope_at_one",
    title="the slope of J_alpha at 1",
    statement=sp.Eq(value(alpha), alpha**2 / (2 * alpha - 1)),
    source=_kernel.source("section C.7, values of the kernel"),
    meaning=_kernel.MEANING + "; slope_at_one is dJ/dc at c = 1",
    variables={alpha: "alpha > 1/2"},
    uses=("kernel_slope",),
)

POINTS = [{alpha: p[alpha]} for p in _kernel.LARGER[1:]]


def derive() -> sp.Expr:
    """The derivative rule at order alpha - 1 > -1/2, where the lower kernel is 1."""
    from .kernel_slope import CLAIM as rule

    factor = rule.rhs.subs(rule.rhs.atoms(rule.statement.lhs.args[0].func).pop(), 1)
    return sp.simplify(factor.subs(alpha, alpha - 1))


def reference(point, digits):
    """E psi'^2 / E psi^2 (Price), both by mpmath.quad in the logarithm of the variable."""
    a = _kernel.mp(point[alpha])

    def moment(order):
        low = -mpmath.mp.prec / (order + 1)
        cuts = [low + k * (5 - low) / 10 for k in range(11)]
        return mpmath.quad(lambda s: mpmath.exp((order + 1) * s - mpmath.exp(2 * s) / 2), cuts)

    return a**2 * moment(2 * a - 2) / moment(2 * a)


def checks():
    yield digits(
        "mean of the squared slope",
        reference,
        POINTS,
        digits=30,
        method="quotient of two half-normal moments by mpmath.quad",
    )
    yield _kernel_boxes.agree_on(
        "an interval",
        _kernel_boxes.mean_square_slope,
        {alpha: (sp.Rational(3, 5), sp.Integer(4))},
        method="acb.integral of the two half-normal moments in log x, at the ends of parts of the interval",
        within=sp.Rational(1, 20),
    )
