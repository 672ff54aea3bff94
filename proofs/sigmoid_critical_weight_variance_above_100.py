r"""Theorem 1 of paper 002: a critical sigmoid network has sigma_w2 > 100, whatever sigma_b2 >= 0.

Over an interval [a, b] of q the monotone means give D in [D(b), D(a)], V in [V(a), V(b)].  A box is settled when
b D(a) < V(a) (then sigma_b2 = q - V/D < 0, not critical) or when D(a) < 1/100 (then sigma_w2 = 1/D > 100).
"""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import covering, holds

from . import _sigmoid

sigma_w2 = sp.Function("sigma_w2")
t = sp.Symbol("t", nonnegative=True)
STATEMENT = sp.Gt(sigma_w2(t), 100)

CLAIM = Claim(
    id="sigmoid_critical_weight_variance_above_100",
    title="Theorem 1: a critical sigmoid network has sigma_w2 > 100",
    statement=STATEMENT,
    source=Source("pabari", "theorem 1"),
    meaning=(
        "sigma_w2(t) = 1/E phi'(sqrt(q) z)^2, the weight variance with chi_1 = 1 at q = t/(1 - t), for those q "
        "where sigma_b2 = q - sigma_w2 E phi^2 >= 0"
    ),
    variables={t: "0 <= t < 1: every q >= 0"},
    uses=("sigmoid_slope_squared_derivative", "sigmoid_length_map_increases"),
    printed=Printed(text="if chi_1 = 1 then sigma_w2 >~ 100 for any sigma_b2 in [0, oo)", statement=STATEMENT),
)


def bound_of(statement):
    """The number that 1/D is compared with."""
    from flint import arb

    return arb(int(statement.rhs))


def settled(statement, balls) -> bool | None:
    """On the whole box: not critical, or sigma_w2 on the side that the statement says."""
    low, high = _sigmoid.ends(balls[t])
    D, V = _sigmoid.at("D", low), _sigmoid.at("V", low)
    if high is not None and high * D < V:
        return True  # no critical network here
    above = D * bound_of(statement) < 1
    if isinstance(statement, sp.StrictGreaterThan):
        return True if above else None
    critical = high is not None and low * _sigmoid.at("D", high) > _sigmoid.at("V", high)
    return False if above and critical else None


def edge(statement, _point) -> bool | None:
    """q = 46: sigma_b2 > 0 and sigma_w2 > 100 in balls; q = 45: sigma_b2 < 0.  V and D by acb.integral."""
    from flint import arb

    inside, out = arb(46), arb(45)
    critical = inside * _sigmoid.at("D", inside) > _sigmoid.at("V", inside)
    below = out * _sigmoid.at("D", out) < _sigmoid.at("V", out)
    if not (critical and below):
        return None
    above = _sigmoid.at("D", out) * bound_of(statement) < 1
    return bool(above) if isinstance(statement, sp.StrictGreaterThan) else not above


def _cover():
    return covering(
        "all q in [0, oo)",
        settled,
        {t: (0, 1)},
        method="boxes of q, V and D monotone, their values at the ends by acb.integral",
    )


def checks():
    yield _cover()
    yield holds("sign change of sigma_b2 between q = 45 and 46", edge, method="values at two points in balls")


def printed_checks():
    yield _cover()
