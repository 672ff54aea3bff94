r"""Deep in the ordered phase inputs become equal, not uncorrelated: orthogonal ones have c = 0.9996 after 30 layers."""

from functools import lru_cache

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, enclosure, holds

from . import _dropout, _tanh

distance = sp.Symbol("distance", positive=True)
R = sp.Rational
NUMBER = R(36306, 10**8)
LAYERS = 30

CLAIM = Claim(
    id="ordered_networks_forget_differences",
    title="1 - c after thirty layers of an ordered tanh network",
    statement=sp.Eq(distance, NUMBER),
    source=Source("pabari", "section 5: beyond the depth scale inputs are uncorrelated after propagation"),
    meaning=(
        "1 - c of two inputs with q_0 = 1 and c_0 = 0 after 30 layers (eight depth scales) at sigma_w2 = 1, sigma_b2 = "
        "1/20, to eight decimals.  What is lost in the ordered phase is the difference of the inputs; c -> 0 takes a "
        "chaotic network without biases (chaotic_correlation_with_biases)"
    ),
    variables={distance: "1 - c"},
    uses=("ff_ordered_phase_scale", "ff_covariance_recurrence"),
    printed=Printed(
        text="deeper than the depth scale inputs are uncorrelated (read for an ordered network: 1 - c above 1/2)",
        statement=sp.Gt(distance, R(1, 2)),
    ),
)


@lru_cache(maxsize=1)
def layers():
    """The recurrences in balls."""
    from flint import arb, ctx

    from derive.activations import activation
    from derive.expectations.balls import variance_ball
    from derive.expectations.covariance import gap_ball

    phi = activation("tanh")
    with ctx.workprec(160):
        q, gap, bias = arb(1), arb(1), arb(1) / 20
        for _ in range(LAYERS):  # V - W, and V + sigma_b2
            q, gap = variance_ball(phi, q, 160) + bias, gap_ball(phi, q, gap, 160)
        return gap / q


def in_balls(statement, _point):
    return _dropout.judged(statement, distance, layers(), R(1, 10**8))


def sums(point, digits):
    """The recurrences by trapezoidal sums in float64."""
    q, c = 1.0, 0.0
    for _ in range(LAYERS):
        grown = 1.05 - _tanh.float_means(q)[0]
        c, q = (_tanh.covariance_of_tanh(q, c) + 0.05) / grown, grown
    return mpmath.mpf(1 - c)


def _balls():
    return holds("balls", in_balls, method="recurrences in balls")


def checks():
    yield enclosure(
        "enclosure",
        lambda point, bits: layers(),
        radius=R(1, 10**8),
        within=R(1, 10**8),
        method="recurrences in balls",
    )
    yield digits("iteration", sums, digits=4, method="thirty layers with trapezoidal sums in float64")


def printed_checks():
    yield _balls()
