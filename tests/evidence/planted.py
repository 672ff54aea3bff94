"""Pieces of proof files for the tests of the runner."""

HEAD = """
from fractions import Fraction
import mpmath
import sympy as sp
from derive.claim import Claim, Printed, Source
from derive.evidence import *
x = sp.Symbol("x", positive=True)
f = sp.Function("f")
"""

CLAIM = """
CLAIM = Claim("{name}", "the square of the successor", sp.Eq(f(x), {rhs}), Source("derive", "tests"),
              variables={{x: "x > 0"}}{more})
"""

DERIVE = """
def derive():
    return (x + 1)**2
"""

DIGITS = """
def checks():
    yield digits("product", lambda p, d: mpmath.mpf(int(p[x]) + 1)**2, [{x: 1}, {x: 5}], method="product of numbers")
"""

RIGHT = "x**2 + 2*x + 1"
