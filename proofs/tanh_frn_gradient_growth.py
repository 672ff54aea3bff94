r"""The growth of gradients in a tanh full residual network: exp of a square root, with a power below."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits
from derive.networks.residual import SYMBOLS as S

from . import _tanh
from ._laws import filtered, leading_part

l = sp.Symbol("l", positive=True)
log_ratio = sp.Function("log_ratio")
C = sp.sqrt(2 / sp.pi)
B = S.sigma_v2 + S.sigma_a2

CLAIM = Claim(
    id="tanh_frn_gradient_growth",
    title="growth of the gradient, tanh full residual network",
    statement=sp.Eq(
        log_ratio(l),
        sp.Rational(4, 3) * C * S.sigma_v2 * sp.sqrt(S.sigma_w2 / B) * sp.sqrt(l)
        + 4 * S.sigma_v2**2 * (3 - S.sigma_w2 * B) / (9 * sp.pi * B**2) * sp.log(l),
    ),
    source=Source(
        "yang2017", "theorem B.1.2, dynamics of chi, leading term (formula stripped, rebuilt); the logarithm is new"
    ),
    meaning="log_ratio(l) = log(chi_0/chi_l)",
    variables={
        l: "l = 1, 2, 3, ... layers",
        S.sigma_v2: "sigma_v2 > 0",
        S.sigma_w2: "sigma_w2 > 0",
        S.sigma_a2: "sigma_a2 >= 0",
    },
    assumptions="sigma_b2 and the start enter the constant only",
    error=sp.Integer(1),
    limit=(l, sp.oo),
    uses=("frn_gradient_recurrence", "tanh_frn_length_growth", "tanh_slope_variance_at_large_q"),
)


def derive() -> sp.Expr:
    """Abel's equation for the layer map, inverted; the part that grows."""
    return leading_part("full", "log_chi_ratio", l)


def iteration(point, digits):
    """The growing part of the iterated logarithm."""
    sigma = {k: float(point.get(getattr(S, f"sigma_{k}2"), d)) for k, d in (("v", 1), ("w", 1), ("a", 0), ("b", 0.25))}
    logs = _tanh.float_run(131072, sigma["v"], sigma["w"], sigma["a"], sigma["b"], 1.0)[1]
    return mpmath.mpf(filtered([logs[int(point[l]) * 4**k] for k in range(4)]))


def law(statement, point, digits):
    """The same combination of the statement's values."""
    at = lambda k: sp.N(statement.rhs.subs({**point, l: point[l] * 4**k}), 30)  # noqa: E731
    value = filtered([at(k) for k in range(4)])
    return mpmath.mpf(str(value)) if value.is_real else mpmath.nan


def checks():
    yield digits(
        "direct iteration",
        iteration,
        [
            {**point, l: 2048}
            for point in (
                {S.sigma_v2: sp.Rational(9, 8), S.sigma_w2: sp.Rational(3, 4), S.sigma_a2: sp.Rational(3, 8)},
                {S.sigma_v2: sp.Rational(1, 2), S.sigma_w2: sp.Rational(9, 4), S.sigma_a2: sp.Rational(5, 4)},
            )
        ],
        digits=7,
        partial=True,
        formula=law,
        method=(
            "131072 layers in float64, V by an explicit trapezoidal sum; values at l, 4l, 16l, 64l combined "
            "so that the "
            "constant and terms like log(l)/sqrt(l) cancel"
        ),
    )
