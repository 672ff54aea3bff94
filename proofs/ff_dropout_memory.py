r"""Dropout makes xi_c finite: its maximum over sigma_w2 grows only like (1 - rho)^(-1/2) as rho tends to 1."""

import itertools

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits

amplitude = sp.Symbol("amplitude", positive=True)
NUMBER = sp.Rational(130043, 10**5)

CLAIM = Claim(
    id="ff_dropout_memory",
    title="longest depth scale under dropout, tanh at sigma_b2 = 1/20",
    statement=sp.Eq(amplitude, NUMBER),
    source=Source("schoenholz2017", "below eq. 13 and fig. 3 (c): no diverging depth scale with dropout"),
    meaning=(
        "limit of (1 - rho)^(1/2) max xi_c over sigma_w2 as rho -> 1, to five decimals; for smooth phi it is "
        "(2 chi_2 (1 - sigma_b2/q))^(-1/2) at the critical point without dropout"
    ),
    variables={amplitude: "the amplitude"},
    uses=("ff_equal_inputs_with_dropout",),
)


def law(point, digits):
    from derive.networks.feedforward import FeedForward

    (found,) = FeedForward("tanh").divergence(sigma_b2="1/20", digits=15)
    return mpmath.mpf(str(found.dropout_amplitude))


def searched(point, digits):
    """Maxima found by search at 1 - rho = 4^-k, extrapolated in (1 - rho)^(1/2)."""
    from derive.networks.feedforward import FeedForward

    values = []
    for k in (5, 6, 7):
        lost = sp.Rational(1, 4**k)
        found = FeedForward("tanh", 1 - lost).longest_memory(sigma_b2="1/20", digits=15)
        values.append(mpmath.mpf(str(found.xi_c)) / 2**k)
    for level in (1, 2):
        values = [(2**level * b - a) / (2**level - 1) for a, b in itertools.pairwise(values)]
    return values[0]


def checks():
    yield digits("law", law, digits=5, method="formula from expectations at the critical point")
    yield digits("search", searched, digits=4, method="maximum found by search, extrapolated")
