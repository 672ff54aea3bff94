r"""The kernel of order 2 in closed form, -1 <= c <= 1."""

import sympy as sp

from derive import J
from derive.claim import Claim

from . import _kernel, _kernel_checks
from ._kernel import c

CLAIM = Claim(
    id="kernel_of_order_two",
    title="J_2 in closed form",
    statement=sp.Eq(
        sp.Function("J_2")(c), (3 * c * sp.sqrt(1 - c**2) + (sp.pi - sp.acos(c)) * (1 + 2 * c**2)) / (3 * sp.pi)
    ),
    source=_kernel.source("section C.7, closed forms"),
    meaning=_kernel.MEANING + "; J_2(c) is J(2, c)",
    variables={c: "-1 <= c <= 1"},
    uses=("kernel_slope_everywhere",),
)

ORDER = sp.Integer(2)


def derive() -> sp.Expr:
    """The raising operator (2 alpha + 1) c + (1 - c^2) d/dc from order 0 on, on polynomials times two functions."""
    return J(ORDER, c).doit()


def checks():
    yield from _kernel_checks.closed_form(ORDER)
