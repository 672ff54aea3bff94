r"""Where the variance of the gradient is finite, 3/4 < alpha < 1, the exponent rises from 9/2."""

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, holds

from . import _alpha
from ._alpha import R, alpha

least = sp.Symbol("least", positive=True)

CLAIM = Claim(
    id="alpha_frn_gradient_exponent_least_with_variance",
    title="the least growth of the gradient over 3/4 <= alpha < 1",
    statement=sp.Eq(least, sp.Rational(9, 2)),
    source=Source("yang2017", "section 5.2: where the exponent is minimized on the smaller interval; Fig. B.8"),
    meaning=(
        "least = min of R(alpha) over [3/4, 1), attained at 3/4, because R' = alpha (3 alpha - 2)/((1 - alpha)(2 alpha "
        "- 1))^2 is positive there; at 3/4 itself the variance of the gradient is infinite, so among the alpha with a "
        "finite one there is no least exponent, only this bound"
    ),
    variables={least: "the minimum"},
    uses=("alpha_frn_gradient_exponent",),
    printed=Printed(
        text="on [3/4, 1) the exponent is minimized at 3/4, where it is 9/2", statement=sp.Eq(least, sp.Rational(9, 2))
    ),
)


def derive() -> sp.Expr:
    """R at the left end; R' has no zero to its right."""
    zeros = sp.solve(sp.diff(R, alpha), alpha)
    assert not [x for x in zeros if sp.Rational(3, 4) <= x < 1]
    assert sp.diff(R, alpha).subs(alpha, sp.Rational(7, 8)) > 0
    return R.subs(alpha, sp.Rational(3, 4))


def rises(statement, point) -> bool:
    """R minus the value vanishes at 3/4 and has no other zero in [3/4, 1)."""
    roots = sp.roots(sp.Poly(sp.numer(sp.together(R - statement.rhs)), alpha))
    return sorted(r for r in roots if sp.Rational(3, 4) <= r < 1) == [sp.Rational(3, 4)]


def value(point, digits):
    a = mpmath.mpf(3) / 4
    return a**2 * _alpha.norm(a - 1) / _alpha.norm(a) / (1 - a)


def checks():
    yield holds("zeros of R minus the value", rises, method="exact roots of the numerator")
    yield digits("gamma functions", value, digits=25, method="mpmath, R at 3/4 by gamma functions")


def printed_checks():
    yield from checks()
