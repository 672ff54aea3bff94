r"""A critical sigmoid network is far from dynamical isometry: its squared singular values have a relative variance > 3.

One layer A W with W orthogonal times sigma_w has the squared singular values sigma_w2 phi'(h)^2; at chi_1 = 1 their
mean is 1 and their variance E phi'^4/(E phi'^2)^2 - 1.  For q in [a, b] it is at least sqrt(a/b) M_a - 1, M = E
phi'^4/(E phi'^2)^2, because sqrt(q) E f increases for f >= 0 and D decreases; critical points have q >= q0 > 45.
"""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import covering, holds

from . import _sigmoid

spread = sp.Function("spread")
t = sp.Symbol("t", positive=True)

CLAIM = Claim(
    id="sigmoid_has_no_dynamical_isometry",
    title="sigmoid networks cannot come close to dynamical isometry at criticality",
    statement=sp.Gt(spread(t), 3),
    source=Source("pabari", "section 3.2, last sentence"),
    meaning=(
        "spread(t) = variance of the squared singular values of one layer with orthogonal weights at chi_1 = 1, where "
        "their mean is 1, q = 45/(1 - t); every critical sigmoid network has q > 45"
    ),
    variables={t: "0 <= t < 1"},
    uses=("sigmoid_critical_system_has_one_solution",),
    printed=Printed(
        text=(
            "sigmoidal activations (tanh and sigmoid) with orthogonal weights can achieve isometry (read: spread <= "
            "1/10)"
        ),
        statement=sp.Le(spread(t), sp.Rational(1, 10)),
    ),
)


def lower_bound(low, high):
    """A lower bound of the spread on [low, high]; high None means infinity."""
    from flint import arb

    D, D2 = _sigmoid.at("D", low), _sigmoid.at("D2", low)
    if high is not None:
        return (low / high).sqrt() * D2 / D**2 - 1
    limit = 1 / (6 * (2 * arb.pi()).sqrt())  # sqrt(q) D increases to the integral of phi'^2, 1/6, over sqrt(2 pi)
    return low * D2 / limit**2 - 1


def judged(statement, balls) -> bool | None:
    from flint import arb

    a, b = balls[t].lower(), balls[t].upper()
    low = (45 / (1 - (a if a > 0 else arb(0)))).lower()
    high = (45 / (1 - b)).upper() if b < 1 else None
    bound = arb(int(statement.rhs.p)) / int(statement.rhs.q)
    if not lower_bound(low, high) > bound:
        return None
    return isinstance(statement, sp.StrictGreaterThan)


def at_the_minimum(statement, _point) -> bool | None:
    """At q0 itself, where sigma_w2 is smallest, directly from the integrals."""
    from flint import arb

    q = arb("45.62427779737971").mid()
    value = _sigmoid.at("D2", q) / _sigmoid.at("D", q) ** 2 - 1
    bound = arb(int(statement.rhs.p)) / int(statement.rhs.q)
    above = value > bound
    return bool(above) if isinstance(statement, sp.StrictGreaterThan) else not above


def _cover():
    return covering("every critical q", judged, {t: (0, 1)}, method="boxes of q with monotone moments by acb.integral")


def checks():
    yield _cover()
    yield holds("the sharp point", at_the_minimum, method="E phi'^4 and E phi'^2 at q0 by acb.integral")


def printed_checks():
    yield _cover()
