r"""ReLU: J maps the input to the output, whose length grows like exp(sigma_w sqrt(L/2 pi))."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import decay

log_gain = sp.Function("log_gain")
L, sigma = sp.symbols("L sigma", positive=True)

CLAIM = Claim(
    id="isometry_relu_growth_of_the_input",
    title="a singular value of ReLU networks grows with depth at fixed effective cumulant",
    statement=sp.Eq(
        log_gain(L),
        sigma * sp.sqrt(L / (2 * sp.pi)) - sp.log(2) + sigma**2 / 8 * (1 - 3 / sp.pi),
    ),
    source=Source("derive", "spectrum: what the universal law leaves out"),
    meaning=(
        "log |J x_0|/|x_0| for skip 1, no biases, an input of mean 0: J x_0 = x_L since the network is positively "
        "homogeneous; a lower bound of log s_max.  sigma^2 = sigma_w2 = 2 c, which the spectrum's density fixes"
    ),
    variables={L: "L -> oo", sigma: "sigma > 0"},
    error=1 / sp.sqrt(L),
    limit=(L, sp.oo),
    uses=("isometry_preactivation_recurrence",),
)


def exact(point, digits):
    """p_L/p_0 by p' = p + q/2 + 2 m sqrt(q/2 pi), m' = m + sqrt(q/2 pi), q = sigma^2 p/L."""
    weight, depth = (mpmath.mpf(point[sigma].p) / point[sigma].q) ** 2, int(point[L])
    size, mean = mpmath.mpf(1), mpmath.mpf(0)
    for _ in range(depth):
        length = weight * size / depth
        first = mpmath.sqrt(length / (2 * mpmath.pi))
        size, mean = size + length / 2 + 2 * mean * first, mean + first
    return mpmath.log(size) / 2


def checks():
    yield decay(
        "recursion",
        exact,
        L,
        [4**k for k in range(1, 8)],
        [{sigma: 1}, {sigma: sp.Rational(1, 2)}],
        error=CLAIM.error,
        digits=20,
        method="the recurrence of length and mean at depths 4 to 16384 in mpmath",
    )
