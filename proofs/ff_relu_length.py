r"""ReLU: q* = 2 sigma_b2/(2 - sigma_w2) for sigma_w2 < 2, and no fixed point beyond: the mean field has such phases."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds
from derive.networks.feedforward.equations import SYMBOLS as S

length = sp.Symbol("q_star")
FORMULA = 2 * S.sigma_b2 / (2 - S.sigma_w2)

CLAIM = Claim(
    id="ff_relu_length",
    title="the length of ReLU networks",
    statement=sp.Eq(length, FORMULA),
    source=Source("schoenholz2017", "discussion: unbounded activations have phases in which eq. 3 has no fixed point"),
    meaning="the only solution of q = sigma_w2 E relu^2 + sigma_b2; negative, hence none, for sigma_w2 > 2",
    variables={length: "the fixed point", S.sigma_w2: "0 <= sigma_w2, not 2", S.sigma_b2: "sigma_b2 > 0"},
    uses=("ff_length_recurrence",),
    printed=Printed(
        text="there are phases without a fixed point (q* would be negative there)", statement=sp.Eq(length, FORMULA)
    ),
)


def derive() -> sp.Expr:
    from derive.expectations import V

    q = sp.Symbol("q", positive=True)
    (root,) = sp.solve(sp.Eq(q, S.sigma_w2 * V("relu", q).doit() + S.sigma_b2), q)
    return root


def fixed(statement, point) -> bool:
    """The half-line integral of x^2 is q/2, put in exactly; the sign tells the phase."""
    q = statement.rhs.subs(point)
    if q != point[S.sigma_w2] * q / 2 + point[S.sigma_b2]:
        return False
    return bool((q > 0) == (point[S.sigma_w2] < 2))


def _check():
    points = [{S.sigma_w2: sp.Rational(w), S.sigma_b2: sp.Rational(1, 7)} for w in (1, 3)]
    return holds("both phases", fixed, points, method="E relu(u)^2 = q/2 by symmetry")


def checks():
    yield _check()


def printed_checks():
    yield _check()
