r"""tanh without biases in the ordered phase: the correlation stops where it happens to be, not at c* = 1."""

from fractions import Fraction
from functools import lru_cache

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, enclosure

cosine = sp.Symbol("c_12", positive=True)

CLAIM = Claim(
    id="ff_silent_correlation_depends_on_start",
    title="correlation after 12 layers of tanh at sigma_w2 = 1/2, sigma_b2 = 0",
    statement=sp.Eq(cosine, sp.Rational(4671305, 10**7)),
    source=Source("schoenholz2017", "below eq. 5: in the ordered phase c* = 1 and all inputs end up correlated"),
    meaning=(
        "c_12 for q_0 = 1, c_0 = 1/2, to seven decimals.  For odd phi without biases one layer never raises c "
        "> 0 (W/V is "
        "c times a mean of powers of c^2), so the limit is no larger; chi_1 = 1/2 < 1.  With biases, q* > 0, "
        "the sentence "
        "holds"
    ),
    variables={cosine: "the correlation"},
    uses=("ff_length_recurrence", "ff_covariance_recurrence"),
    printed=Printed(text="c* = 1 wherever chi_1 < 1", statement=sp.Eq(cosine, 1)),
)


@lru_cache(maxsize=1)
def measured(bits):
    from flint import arb, ctx

    from derive.activations import activation
    from derive.expectations.balls import variance_ball
    from derive.expectations.covariance import covariance_ball

    phi = activation("tanh")
    with ctx.workprec(400):
        q, lam = arb(1), arb(1) / 2
        for _ in range(12):
            q, lam = variance_ball(phi, q, 300) / 2, covariance_ball(phi, q, lam, 300) / 2
            q, lam = (arb(x.mid(), x.rad()) for x in (q, lam))
        return lam / q


def ball(point, bits):
    return measured(bits)


def float_iteration(point, digits):
    """Double trapezoidal sums in NumPy."""
    import numpy as np

    z = np.linspace(-9, 9, 181)
    w = np.exp(-z * z / 2)
    w /= w.sum()
    q, c = 1.0, 0.5
    for _ in range(12):
        u1 = np.sqrt(q) * z[:, None] * np.ones_like(z)
        u2 = np.sqrt(q) * (c * z[:, None] + np.sqrt(1 - c * c) * z)
        second, product = w @ np.tanh(np.sqrt(q) * z) ** 2, w @ (np.tanh(u1) * np.tanh(u2)) @ w
        q, c = second / 2, product / second
    return float(c)


def _enclosure():
    return enclosure(
        "12 layers in balls", ball, radius=Fraction(1, 10**8), within=Fraction(1, 10**7), method="recurrences in balls"
    )


def checks():
    yield _enclosure()
    yield digits("12 layers in float64", float_iteration, digits=6, method="trapezoidal sums, no code of the package")


def printed_checks():
    yield _enclosure()
