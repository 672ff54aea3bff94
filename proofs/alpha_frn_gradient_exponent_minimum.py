r"""The least exponent of the gradient's growth is 4, at alpha = 2/3: R - 4 is a square over a positive product."""

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, holds

from . import _alpha
from ._alpha import R, alpha

least = sp.Symbol("least", positive=True)

CLAIM = Claim(
    id="alpha_frn_gradient_exponent_minimum",
    title="the least growth of the gradient over 1/2 < alpha < 1",
    statement=sp.Eq(least, sp.Integer(4)),
    source=Source("yang2017", "section 5.2: where the exponent is minimized on the larger interval; Fig. B.8"),
    meaning=(
        "least = min of R(alpha) over (1/2, 1), attained at alpha = 2/3 alone: R(alpha) - 4 = (3 alpha - 2)^2/((1 - "
        "alpha)(2 alpha - 1))"
    ),
    variables={least: "the minimum"},
    uses=("alpha_frn_gradient_exponent",),
    printed=Printed(text="on (1/2, 1) the exponent is minimized at 2/3, where it is 4", statement=sp.Eq(least, 4)),
)


def derive() -> sp.Expr:
    """The only zero of R' inside; R tends to infinity at both ends."""
    inside = [x for x in sp.solve(sp.diff(R, alpha), alpha) if sp.Rational(1, 2) < x < 1]
    assert inside == [sp.Rational(2, 3)]
    assert sp.limit(R, alpha, sp.Rational(1, 2), "+") == sp.oo == sp.limit(R, alpha, 1, "-")
    return R.subs(alpha, inside[0])


def touches(statement, point) -> bool:
    """R minus the value has a double zero, in (1/2, 1), and a positive factor otherwise."""
    top = sp.Poly(
        sp.numer(sp.cancel(R - statement.rhs)) / sp.denom(sp.cancel(R - statement.rhs)).coeff(alpha, 2), alpha
    )
    (roots,) = [sp.roots(top)]
    return len(roots) == 1 and all(sp.Rational(1, 2) < r < 1 and m == 2 for r, m in roots.items())


def search(point, digits):
    """The minimum by golden sections, the exponent written with gamma functions."""
    f = lambda a: a**2 * _alpha.norm(a - 1) / _alpha.norm(a) / (1 - a)  # noqa: E731
    low, high = mpmath.mpf("0.51"), mpmath.mpf("0.98")
    ratio = (mpmath.sqrt(5) - 1) / 2
    for _ in range(120):
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, b) if f(a) < f(b) else (a, high)
    return f(low)


def checks():
    yield holds("double zero", touches, method="the numerator of R - 4 has one root, of multiplicity two, in (1/2, 1)")
    yield digits("golden sections", search, digits=20, method="mpmath, R by gamma functions")


def printed_checks():
    yield from checks()
