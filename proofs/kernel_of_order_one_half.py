r"""The kernel of order 1/2 by complete elliptic integrals: :math:`J_{1/2}(c) = E(x) - (1-x)K(x)`, x = (1+c)/2.

K and E are taken as functions of the parameter x = k^2; at x = 1 the product (1-x)K(x) tends to 0.
"""

import sympy as sp

from derive import J
from derive.claim import Claim

from . import _kernel, _kernel_checks
from ._kernel import c

CLAIM = Claim(
    id="kernel_of_order_one_half",
    title="J_(1/2) by elliptic integrals",
    statement=sp.Eq(sp.Function("J_half")(c), sp.elliptic_e((1 + c) / 2) - (1 - c) / 2 * sp.elliptic_k((1 + c) / 2)),
    source=_kernel.source("section C.7, closed forms"),
    meaning=_kernel.MEANING + "; J_half(c) is J(1/2, c)",
    variables={c: "-1 <= c <= 1"},
    uses=("kernel_slope_everywhere",),
)

ORDER = sp.Rational(1, 2)


def derive() -> sp.Expr:
    """The raising operator (2 alpha + 1) c + (1 - c^2) d/dc from order -1/2 on, where 2F1 is 2 K(x)/pi."""
    return J(ORDER, c).doit()


def checks():
    yield from _kernel_checks.closed_form(ORDER)
