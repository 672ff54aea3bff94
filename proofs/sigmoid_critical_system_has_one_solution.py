r"""The two equations chi_1 = 1 and sigma_b2 = 0 of the sigmoid have one solution, which the print takes for granted.

Let G = q D - V.  D decreases and V increases with q, so G < 0 on [a, V(a)/D(a)) where G(a) < 0, and G > 0 on
(V(b)/D(b), b] where G(b) > 0: from q = 0 upwards and from q = 64 downwards these intervals reach 45.5 and 45.75.
Between them G' = D + q D' - V' > 0, with 2 q D' = E u (phi'^2)'(u) and 2 q V' = E u (phi^2)'(u).  Beyond 64,
q D >= 64 D(64) > 1/2 > V, because sqrt(q) D increases (the density under its integral grows).
"""

from fractions import Fraction
from itertools import pairwise

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, enclosure, holds

from . import _sigmoid

q0 = sp.Symbol("q0", positive=True)

CLAIM = Claim(
    id="sigmoid_critical_system_has_one_solution",
    title="q* at the minimum, and that it is the only critical point without bias",
    statement=sp.Eq(q0, sp.Rational("45.6242777973797128271616191780826136")),
    source=Source("pabari", "appendix: two equations with two unknowns"),
    meaning=(
        "q0 = the only q > 0 with q E phi'(sqrt(q) z)^2 = E phi(sqrt(q) z)^2, where sigma_b2 = 0 and chi_1 = 1, to "
        "34 decimals"
    ),
    variables={q0: "variance of the pre-activations"},
    uses=("sigmoid_slope_squared_derivative", "sigmoid_length_map_increases", "sigmoid_length_is_unique"),
)


def gap(q):
    return q * _sigmoid.at("D", q) - _sigmoid.at("V", q)


def slope_ball(low, high):
    """G' on [low, high]: each mean taken with q as a ball, 2 q D' and 2 q V' by parts (no second derivatives)."""
    from flint import arb

    q = arb(low).union(arb(high))
    cube = lambda s, u: u * 2 * s * s * (1 - s) ** 2 * (1 - 2 * s) / 2  # noqa: E731
    length = lambda s, u: u * 2 * s * s * (1 - s) / 10  # noqa: E731
    D = _sigmoid.mean(lambda s, u: (s * (1 - s)) ** 2, q)
    return D + _sigmoid.mean(cube, q) - 5 * _sigmoid.mean(length, q) / q


def covered() -> bool:
    """The sign of G on (0, 45.5] and [45.75, oo), the sign of G' between, all in balls."""
    from flint import arb

    middle = [arb(45) + arb(k) / 32 for k in range(16, 25)]
    nearly = arb(1) + arb(2) ** -30
    a, b = arb(0), arb(64)
    beyond = b * _sigmoid.at("D", b) > arb(1) / 2
    for _ in range(100):
        if not a > middle[0]:
            a = (_sigmoid.at("V", a) / _sigmoid.at("D", a) / nearly).lower()
        if not b < middle[-1]:
            b = (_sigmoid.at("V", b) / _sigmoid.at("D", b) * nearly).upper()
    rising = all(slope_ball(low, high) > 0 for low, high in pairwise(middle))
    return bool(beyond and a > middle[0] and b < middle[-1] and rising)


_memory: list[bool] = []


def single(statement, _point) -> bool | None:
    """The stated number lies within 1e-28 of the only sign change."""
    from flint import arb, ctx, fmpq

    if not _memory:
        _memory.append(covered())
    if not _memory[0]:
        return None
    with ctx.workprec(160):
        value = arb(fmpq(int(statement.rhs.p), int(statement.rhs.q)))
        low, high = ((value + side * arb(10) ** -28).mid() for side in (-1, 1))
        if low < 1 or high > 1000:
            return False
        below, above = gap(low), gap(high)
    if below < 0 and above > 0:
        return True
    return False if below > 0 or above < 0 else None


def by_newton(_point, _bits):
    from derive.networks.critical.minimum import minimal_critical_weight_variance

    return minimal_critical_weight_variance("sigmoid", digits=40, certified=True).q.arb


def root(_point, digits):
    import mpmath

    def sign(q):
        V, D = _sigmoid.spot(q, digits)
        return q * D - V

    return mpmath.findroot(sign, (mpmath.mpf("45.6"), mpmath.mpf("45.63")), solver="secant")


def checks():
    yield holds(
        "only one sign change on (0, oo)", single, method="signs of q D - V and of its slope in balls, acb.integral"
    )
    yield enclosure(
        "interval Newton",
        by_newton,
        radius=Fraction(1, 10**36),
        within=Fraction(1, 10**34),
        method="the general routine for any activation",
    )
    yield digits("quadrature", root, digits=25, method="mpmath.quad and the secant method")
