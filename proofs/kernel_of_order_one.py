r"""The kernel of order 1 in closed form, -1 <= c <= 1."""

import sympy as sp

from derive import J
from derive.claim import Claim

from . import _kernel, _kernel_checks
from ._kernel import c

CLAIM = Claim(
    id="kernel_of_order_one",
    title="J_1 in closed form",
    statement=sp.Eq(sp.Function("J_1")(c), (sp.sqrt(1 - c**2) + (sp.pi - sp.acos(c)) * c) / sp.pi),
    source=_kernel.source("section C.7, closed forms"),
    meaning=_kernel.MEANING + "; J_1(c) is J(1, c)",
    variables={c: "-1 <= c <= 1"},
    uses=("kernel_slope_everywhere",),
)

ORDER = sp.Integer(1)


def derive() -> sp.Expr:
    """The raising operator (2 alpha + 1) c + (1 - c^2) d/dc from order 0 on, on polynomials times two functions."""
    return J(ORDER, c).doit()


def checks():
    yield from _kernel_checks.closed_form(ORDER)
