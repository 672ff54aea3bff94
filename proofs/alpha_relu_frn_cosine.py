r"""ReLU: the cosine distance of a full residual network tends to 1 like (k l)^-2; k, and the next term."""

import math
from fractions import Fraction
from functools import lru_cache

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import decay
from derive.networks.residual.equations import SYMBOLS as S

from ._alpha import l

gap = sp.Function("gap")
k = S.sigma_v2 * S.sigma_w2 / (3 * sp.sqrt(2) * sp.pi * (1 + S.sigma_v2 * S.sigma_w2 / 2))
LEADING = 1 / (k * l) ** 2
LAW = LEADING - 3 * sp.log(l) / (k**2 * l**3)

CLAIM = Claim(
    id="alpha_relu_frn_cosine",
    title="approach of the cosine distance to 1, ReLU full residual network",
    statement=sp.Eq(gap(l), LAW),
    source=Source("yang2017", "section 5.2, alpha = 1: 1 - e ~ l^-2; the constant is stripped, the next term new"),
    meaning=(
        "gap(l) = 1 - e_l.  k = (B - 1) sqrt(2)/(3 pi B) with B = 1 + sigma_v2 sigma_w2/2; biases and start come in at "
        "l^-3 without a logarithm"
    ),
    variables={l: "l = 1, 2, 3, ... layers", S.sigma_v2: "sigma_v2 > 0", S.sigma_w2: "sigma_w2 > 0"},
    assumptions="e_0 < 1; p_0 > 0 or a bias",
    error=l**-3,
    limit=(l, sp.oo),
    uses=("alpha_relu_frn_length", "frn_overlap_recurrence"),
    printed=Printed(
        text="1 - e behaves like (k l)^-2 with k in sigma_v, sigma_w and B alone", statement=sp.Eq(gap(l), LEADING)
    ),
)


def derive() -> sp.Expr:
    """Abel's equation of the map of sqrt(1 - c), inverted and squared."""
    from derive.networks import FullResidual

    law = FullResidual("relu").asymptotics("e", terms=2)
    growing = sp.expand(1 - law.explicit).subs(law.n, l)
    second = sp.expand(growing * l**3).coeff(sp.log(l))
    return sp.limit(sp.expand(growing * l**2), l, sp.oo) / l**2 + sp.simplify(second) * sp.log(l) / l**3


def iteration(point, digits):
    """p and p - gamma in float64, the loss of the mean product by the angle, without cancellation."""
    return mpmath.mpf(_gaps(float(point[S.sigma_v2]), float(point[S.sigma_w2]))[int(point[l])])


def lost(angle: float) -> float:
    """sin t - t cos t."""
    if angle > 0.3:
        return math.sin(angle) - angle * math.cos(angle)
    square, term, total = angle * angle, angle**3 / 6, 0.0
    for j in range(1, 12):  # sum of (-1)^(j+1) 2 j t^(2j+1)/(2j+1)!
        total += 2 * j * term
        term *= -square / ((2 * j + 2) * (2 * j + 3))
    return total


@lru_cache(maxsize=4)
def _gaps(sv2: float, sw2: float) -> list[float]:
    p, s = 1.375, 1.0
    sa2, sb2, out = 0.375, 0.625, [s / p]
    for _ in range(1 << 20):
        q = sw2 * p + sb2
        delta = sw2 * s / q
        angle = 2 * math.asin(math.sqrt(delta / 2))
        # E relu relu = q (sin t + (pi - t) cos t)/(2 pi) = q/2 - q (1 - cos t)/2 + q (sin t - t cos t)/(2 pi)
        s += sv2 * q * (delta / 2 - lost(angle) / (2 * math.pi))
        p += sv2 * q / 2 + sa2
        if p > 1e30:  # scaled; the biases are nothing against it any more
            p, s, sa2, sb2 = p * 1e-30, s * 1e-30, 0.0, 0.0
        out.append(s / p)
    return out


def _iterated(error):
    return decay(
        "direct iteration",
        iteration,
        l,
        [2**j for j in range(12, 21)],
        points=[
            {S.sigma_v2: sp.Rational(3, 2), S.sigma_w2: sp.Integer(2)},
            {S.sigma_v2: sp.Integer(3), S.sigma_w2: sp.Rational(5, 2)},
        ],
        error=error,
        factor=Fraction(19, 20),
        method="a million layers in float64, the mean product of ReLU by the angle between the inputs",
        digits=11,
    )


def checks():
    yield _iterated(l**-3)


def printed_checks():
    yield _iterated(sp.log(l) * l**-3)
