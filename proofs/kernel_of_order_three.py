r"""The kernel of order 3 in closed form, -1 <= c <= 1."""

import sympy as sp

from derive import J
from derive.claim import Claim

from . import _kernel, _kernel_checks
from ._kernel import c

CLAIM = Claim(
    id="kernel_of_order_three",
    title="J_3 in closed form",
    statement=sp.Eq(
        sp.Function("J_3")(c),
        ((4 + 11 * c**2) * sp.sqrt(1 - c**2) + (sp.pi - sp.acos(c)) * (9 * c + 6 * c**3)) / (15 * sp.pi),
    ),
    source=_kernel.source("section C.7, closed forms"),
    meaning=_kernel.MEANING + "; J_3(c) is J(3, c)",
    variables={c: "-1 <= c <= 1"},
    uses=("kernel_slope_everywhere",),
)

ORDER = sp.Integer(3)


def derive() -> sp.Expr:
    """The raising operator (2 alpha + 1) c + (1 - c^2) d/dc from order 0 on, on polynomials times two functions."""
    return J(ORDER, c).doit()


def checks():
    yield from _kernel_checks.closed_form(ORDER, sp.Rational(-1, 2))
