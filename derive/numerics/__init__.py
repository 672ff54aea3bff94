"""Numbers and their errors: exact input, balls, compiled evaluation, extrapolation, quadrature.

Nothing in this room knows an activation or a network.  Names that say "enclose" or return a ball give proven bounds;
names that say "estimate" do not.  Importing the room imports neither flint nor mpmath's evaluators.
"""

from derive.numerics.ball import Ball
from derive.numerics.compile import (
    arb_to_mpf,
    arb_to_sympy,
    compile_ball,
    compile_mp,
    mpf_to_sympy,
    to_arb,
    to_mpf,
)
from derive.numerics.exact import correlation, exact_number, positive_integer, sign_of, variance
from derive.numerics.extrapolation import Estimate, neville
from derive.numerics.quadrature import enclose_integral, estimate_half_line, estimate_line, estimate_line_sinh

__all__ = [
    "Ball",
    "Estimate",
    "arb_to_mpf",
    "arb_to_sympy",
    "compile_ball",
    "compile_mp",
    "correlation",
    "enclose_integral",
    "estimate_half_line",
    "estimate_line",
    "estimate_line_sinh",
    "exact_number",
    "mpf_to_sympy",
    "neville",
    "positive_integer",
    "sign_of",
    "to_arb",
    "to_mpf",
    "variance",
]
