r"""The weight variance for c = 1/8 and sigmoid at depths 10, 20 and 100, to 30 digits."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits

from . import _spectrum_networks
from .isometry_weight_variance_tanh import L

c = sp.Function("c_sigmoid")

CLAIM = Claim(
    id="isometry_weight_variance_sigmoid",
    title="sigma_w2 for c = 0.125: sigmoid",
    statement=sp.Eq(c(L), sp.Rational(1, 8)),
    source=Source("tarnowski2019", "section 4.1 and appendix D (its printed numbers are not compared here)"),
    meaning="c at the weight variance that weight_variance_for gives, input of mean 0 and mean square 1, no biases",
    variables={L: "10, 20, 100"},
    uses=("isometry_preactivation_recurrence",),
)


def checks():
    yield digits(
        "independent recursion",
        _spectrum_networks.reference("sigmoid", _spectrum_networks.sigmoid_means),
        [{L: 10}, {L: 20}, {L: 100}],
        digits=30,
        method="(26) and (27) as printed, Gaussian means by plain trapezoidal sums",
    )
