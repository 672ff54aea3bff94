"""Direct iteration of tanh residual networks in float64, against a law of length or gradient."""

import mpmath
import sympy as sp

from derive.evidence import decay, digits
from derive.networks.residual.equations import SYMBOLS as S

from . import _tanh
from ._laws import filtered

_LAYERS = 131072
_OTHERWISE = {"v": 1, "w": 1, "a": 0, "b": 0.25}
FULL = (
    {S.sigma_v2: sp.Rational(9, 8), S.sigma_w2: sp.Rational(3, 4), S.sigma_a2: sp.Rational(3, 8)},
    {S.sigma_v2: sp.Rational(1, 2), S.sigma_w2: sp.Rational(9, 4), S.sigma_a2: sp.Rational(5, 4)},
)
REDUCED = ({S.sigma_w2: sp.Rational(3, 4)}, {S.sigma_w2: sp.Rational(9, 4)})


def _run(point):
    """Lengths and logarithms of gradients over all layers; variances that the point does not set are fixed."""
    sigma = [float(point.get(getattr(S, f"sigma_{k}2"), value)) for k, value in _OTHERWISE.items()]
    return _tanh.float_run(_LAYERS, *sigma, 1.0)


def length_check(l, points):
    """The length, less what is claimed, settles to a constant."""
    return decay(
        "direct iteration",
        lambda point, digits: mpmath.mpf(_run(point)[0][int(point[l])]),
        l,
        [2048 * 2**k for k in range(7)],
        points=points,
        error=sp.Integer(1),
        method="131072 layers in float64, V by an explicit trapezoidal sum; what is left settles to a constant",
        digits=13,
    )


def gradient_check(l, points):
    """The growing part of log(chi_0/chi_l), with the constant and slowly decaying terms filtered out."""

    def iteration(point, digits):
        logs = _run(point)[1]
        return mpmath.mpf(filtered([logs[int(point[l]) * 4**k] for k in range(4)]))

    def law(statement, point, digits):
        at = lambda k: sp.N(statement.rhs.subs({**point, l: point[l] * 4**k}), 30)  # noqa: E731
        value = filtered([at(k) for k in range(4)])
        return mpmath.mpf(str(value)) if value.is_real else mpmath.nan

    return digits(
        "direct iteration",
        iteration,
        [{**point, l: 2048} for point in points],
        digits=7,
        partial=True,
        formula=law,
        method=(
            "131072 layers in float64, V by an explicit trapezoidal sum; values at l, 4l, 16l, 64l combined "
            "so that the constant and terms like log(l)/sqrt(l) cancel"
        ),
    )
