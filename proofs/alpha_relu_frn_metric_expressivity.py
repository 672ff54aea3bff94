r"""ReLU: the metric expressivity of a full residual network grows like B^l/l^2."""

from fractions import Fraction
from functools import lru_cache

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import decay
from derive.networks.residual.equations import SYMBOLS as S

from ._alpha import l
from .alpha_relu_frn_cosine import lost

share = sp.Function("share")
p0, sa2, sb2 = sp.symbols("p_0 sigma_a2 sigma_b2", positive=True)
B = 1 + S.sigma_v2 * S.sigma_w2 / 2
k = S.sigma_v2 * S.sigma_w2 / (3 * sp.sqrt(2) * sp.pi * B)
LAW = (p0 + (sa2 + S.sigma_v2 * sb2 / 2) / (B - 1)) / (k * l) ** 2

CLAIM = Claim(
    id="alpha_relu_frn_metric_expressivity",
    title="growth of the metric expressivity, ReLU full residual network",
    statement=sp.Eq(share(l), LAW),
    source=Source("yang2017", "Table 2, row s, and section 5.2, alpha = 1: s = B^l l^-2 up to a constant"),
    meaning="share(l) = s_l/B^l, s = p - gamma, B = 1 + sigma_v2 sigma_w2/2, for e_0 < 1",
    variables={
        l: "l = 1, 2, 3, ... layers",
        p0: "p_0 > 0",
        S.sigma_v2: "sigma_v2 > 0",
        S.sigma_w2: "sigma_w2 > 0",
        sa2: "sigma_a2 > 0",
        sb2: "sigma_b2 > 0",
    },
    error=sp.log(l) / l**3,
    limit=(l, sp.oo),
    uses=("alpha_relu_frn_length", "alpha_relu_frn_cosine"),
    printed=Printed(text="s grows like B^l l^-2", statement=sp.Eq(share(l), LAW)),
)


def derive() -> sp.Expr:
    """(1 - e) p from Abel's equation of sqrt(1 - c), with the constant of the length put in."""
    from derive.networks import FullResidual

    law = FullResidual("relu").asymptotics("s", terms=1)
    growth = next(v for s, v in law.parameters.items() if s.name == "B")
    amplitude = p0 + (sa2 + S.sigma_v2 * sb2 / 2) / (B - 1)
    from_start = next(s for s in law.explicit.free_symbols if s.name == "c")
    return sp.simplify(law.explicit / growth**law.n).subs({law.n: l, from_start: amplitude})


def iteration(point, digits):
    given = tuple(float(point[s]) for s in (S.sigma_v2, S.sigma_w2, sa2, sb2, p0))
    return mpmath.mpf(_shares(*given)[int(point[l])])


@lru_cache(maxsize=4)
def _shares(sv2, sw2, sa2, sb2, p0):
    """s_l/B^l from e_0 = 1/2: p and s divided by B at every layer, the loss of the mean product by the angle."""
    import math

    grow = 1 + sv2 * sw2 / 2
    p, s, scale, out = p0, p0 / 2, 1.0, [p0 / 2]
    for _ in range(1 << 17):
        q = sw2 * p + sb2 * scale
        delta = sw2 * s / q
        angle = 2 * math.asin(math.sqrt(delta / 2))
        s = (s + sv2 * q * (delta / 2 - lost(angle) / (2 * math.pi))) / grow
        p = (p + sv2 * q / 2 + sa2 * scale) / grow
        scale /= grow
        out.append(s)
    return out


def _iterated():
    R = sp.Rational
    return decay(
        "direct iteration",
        iteration,
        l,
        [2**j for j in range(9, 18)],
        points=[{S.sigma_v2: R(3, 2), S.sigma_w2: 2, sa2: R(1, 4), sb2: R(1, 2), p0: 1}],
        error=sp.log(l) / l**3,
        factor=Fraction(19, 20),
        digits=10,
        method="131072 layers in float64, lengths divided by B^l, the mean product of ReLU by the angle",
    )


def checks():
    yield _iterated()


def printed_checks():
    yield _iterated()
