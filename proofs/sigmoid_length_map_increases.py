r"""V(q) = E phi^2 of the sigmoid increases: its slope is E tanh(u/2) phi'(u) u / (2q) > 0, from 1/4 at q = 0 to 1/2."""

from fractions import Fraction

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, holds, symbolic

from . import _sigmoid
from ._sigmoid import SIGMOID, x

pair = sp.Function("pair")

CLAIM = Claim(
    id="sigmoid_length_map_increases",
    title="the sigmoid's mean square increases with q",
    statement=sp.Eq(pair(x), sp.tanh(x / 2) / (2 * sp.cosh(x / 2) ** 2)),
    source=Source("derive", "the sigmoid theorem: step 2"),
    meaning=(
        "pair(x) = d/dx (phi(x)^2 + phi(-x)^2), positive for x > 0, so phi(sqrt(q) z)^2 + phi(-sqrt(q) z)^2 "
        "increases with q for every z and V(q) = E phi^2 increases, from V(0) = 1/4 to 1/2"
    ),
    variables={x: "x real"},
    uses=("sigmoid_is_a_shifted_tanh",),
)


def derive() -> sp.Expr:
    """With phi = (1 + t)/2, t = tanh(x/2), the sum is (1 + t^2)/2; differentiate."""
    t = sp.tanh(x / 2)
    total = sp.expand(((1 + t) / 2) ** 2 + ((1 - t) / 2) ** 2)
    slope = sp.diff(total, x)
    return slope.subs(1 - t**2, 1 / sp.cosh(x / 2) ** 2)


def from_exponentials():
    """The same from 1/(1 + e^-x) directly."""
    slope = sp.diff(SIGMOID**2 + SIGMOID.subs(x, -x) ** 2, x)
    return slope


def larger_ends(statement, point) -> bool | None:
    """V at the two ends of an interval in balls, and the sign of the formula there."""
    from flint import arb

    from derive.numerics.compile import compile_ball

    low, high = (arb(int(point[x].p)) / int(point[x].q) * k for k in (1, 2))
    sign = compile_ball(statement.rhs, x)(low) > 0
    return bool(sign) if _sigmoid.at("V", high.mid()) > _sigmoid.at("V", low.mid()) else None


def slope_of_v(point, digits):
    """Numerical derivative of the sum of the two squares."""
    import mpmath

    at = mpmath.mpf(point[x].p) / point[x].q
    s = lambda v: 1 / (1 + mpmath.exp(-v))  # noqa: E731
    return mpmath.diff(lambda v: s(v) ** 2 + s(-v) ** 2, at)


def checks():
    yield symbolic("exponentials", from_exponentials, method="SymPy derivative of the exponential form")
    yield digits(
        "numerical derivative",
        slope_of_v,
        [{x: Fraction(1, 3)}, {x: 2}, {x: -4}],
        digits=12,
        method="mpmath.diff of the sum of squares",
    )
    yield holds(
        "V grows in balls",
        larger_ends,
        [{x: Fraction(1, 8)}, {x: 4}, {x: 64}],
        method="V(2q) > V(q) by acb.integral, and the sign of the formula",
        sees=lambda statement, perturbed: bool(perturbed.rhs.subs(x, 1) < 0),
    )
