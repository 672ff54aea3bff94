r"""For the sigmoid q* is unique for all variances: phi - x phi' > 0 everywhere, so V(q)/q decreases.

d/dq (V/q) = (q V' - V)/q^2 and V - q V' = E phi (phi - x phi') by Gaussian integration by parts, x = sqrt(q) z.
"""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import covering

from . import _sigmoid

t = sp.Symbol("t", real=True)
tangent = sp.Function("tangent")

CLAIM = Claim(
    id="sigmoid_length_is_unique",
    title="q* of a sigmoid network is unique",
    statement=sp.Gt(tangent(t), 0),
    source=Source("derive", "the sigmoid theorem: step 4"),
    meaning=(
        "tangent(t) = (phi(x) - x phi'(x))/phi(x) = 1 - x (1 - phi(x)) at x = t/(1 - t^2).  So V(q)/q strictly "
        "decreases, and q = sigma_w2 V(q) + sigma_b2 has exactly one solution q* for every sigma_w2 > 0, sigma_b2 "
        ">= 0; there 0 < sigma_w2 V'(q*) < 1, so q* is stable and attracts every start"
    ),
    variables={t: "-1 < t < 1"},
    uses=("sigmoid_length_map_increases",),
)


def sign(statement, positive: bool, negative: bool) -> bool | None:
    """Judge `tangent > 0` and its negation."""
    if isinstance(statement, sp.StrictGreaterThan):
        return True if positive else (False if negative else None)
    return False if positive else (True if negative else None)


def pointwise(statement, balls) -> bool | None:
    """1 - x/(1 + e^x): above 1 for x <= 0; beyond x = 1 by x e^-x, which decreases."""
    from flint import arb

    low, high = balls[t].lower(), balls[t].upper()
    if high <= 0:
        return sign(statement, True, False)
    if low > 0:
        a = low / (1 - low * low) if low < 1 else None
        if a is None or a > 2:
            start = arb(2) if a is None else a.lower()
            value = 1 - start * (-start).exp()
            return sign(statement, bool(value > 0), False)
    u = balls[t] / (1 - balls[t] * balls[t]) if abs(balls[t]) < 1 else None
    if u is None:
        return None
    value = 1 - u / (1 + u.exp())
    return sign(statement, bool(value > 0), bool(value < 0))


def _mean_inequality(statement, balls) -> bool | None:
    """V1 < 3 V0 with V_k = E z^2k phi^2 at the variance q = (1 + t)/(1 - t), by acb.integral at a point of the box."""
    from flint import arb

    m = balls[t].mid()
    q = ((1 + m) / (1 - m)).mid()
    root = arb(q).sqrt()
    second = _sigmoid.mean(lambda s, u: (u / root) ** 2 * s * s / 200, q) * 200
    positive = second < 3 * _sigmoid.at("V", q)
    return sign(statement, bool(positive), not positive)


def checks():
    yield covering(
        "pointwise on the whole line",
        pointwise,
        {t: (-1, 1)},
        method="balls of 1 - x/(1 + e^x); x e^-x beyond x = 2",
    )
    yield covering(
        "means at sampled variances",
        lambda statement, balls: _mean_inequality(statement, balls) if balls[t].rad() < 0.02 else None,
        {t: (sp.Rational(-15, 16), sp.Rational(15, 16))},
        method="E z^2 phi^2 < 3 E phi^2 by acb.integral at the middle of each of 64 boxes",
        covers=False,
    )
