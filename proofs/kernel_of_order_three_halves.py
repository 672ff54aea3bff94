r"""The kernel of order 3/2: :math:`J_{3/2}(c) = c\,E(x) + (1-c)(1-3c)K(x)/8`, x = (1+c)/2."""

import sympy as sp

from derive import J
from derive.claim import Claim

from . import _kernel, _kernel_checks
from ._kernel import c

CLAIM = Claim(
    id="kernel_of_order_three_halves",
    title="J_(3/2) by elliptic integrals",
    statement=sp.Eq(
        sp.Function("J_three_halves")(c),
        c * sp.elliptic_e((1 + c) / 2) + (1 - c) * (1 - 3 * c) * sp.elliptic_k((1 + c) / 2) / 8,
    ),
    source=_kernel.source("section C.7, closed forms"),
    meaning=_kernel.MEANING + "; J_three_halves(c) is J(3/2, c)",
    variables={c: "-1 <= c <= 1"},
    uses=("kernel_slope_everywhere",),
)

ORDER = sp.Rational(3, 2)


def derive() -> sp.Expr:
    """The raising operator (2 alpha + 1) c + (1 - c^2) d/dc from order -1/2 on, where 2F1 is 2 K(x)/pi."""
    return J(ORDER, c).doit()


def checks():
    yield from _kernel_checks.closed_form(ORDER, sp.Rational(-1, 4))
