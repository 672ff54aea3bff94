r"""A correlation that decays at the rate of the length: the Gaussian bump at sigma_w2 = 9."""

from fractions import Fraction
from functools import lru_cache

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, enclosure

rate = sp.Symbol("rate", positive=True)

CLAIM = Claim(
    id="ff_correlation_may_follow_the_length",
    title="true rate of the correlation of exp(-x^2) at sigma_w2 = 9, sigma_b2 = 0",
    statement=sp.Eq(rate, sp.Rational(456820, 10**6)),
    source=Source("schoenholz2017", "section 7.2: q relaxes much faster than q_ab, and eq. 9"),
    meaning=(
        "rate = (|c_302 - c*|/|c_300 - c*|)^(1/2) from q_0 = 1, c_0 = 1/2, to six decimals: |chi_q|, the rate of the "
        "length.  chi_q = -0.4568 exceeds chi_c = 0.413833 in modulus, and the length drives the correlation; where "
        "|chi_q| < chi_c, as for tanh, eq. 9 gives the rate"
    ),
    variables={rate: "the factor per layer"},
    printed=Printed(
        text="|c_l - c*| decays like exp(-l/xi_c), 1/xi_c = -log(sigma_w2 E phi'(u1) phi'(u2)), for any activation",
        statement=sp.Eq(rate, sp.Rational(413833, 10**6)),
    ),
)


@lru_cache(maxsize=1)
def measured(bits):
    """Closed Gaussian integrals: E e^(-u1^2-u2^2) = ((1+2q)^2 - 4 lam^2)^(-1/2)."""
    from flint import arb, ctx

    with ctx.workprec(6000):
        q, lam, kept = arb(1), arb(1) / 2, {}
        for layer in range(1, 1601):
            # 6000 bits: the widening of the balls over 1600 layers is far below what is measured
            q, lam = 9 / (1 + 4 * q).sqrt(), 9 / ((1 + 2 * q) ** 2 - 4 * lam**2).sqrt()
            if layer in (300, 302, 1600):
                kept[layer] = lam / q
        first, last = (abs(kept[k] - kept[1600]) for k in (300, 302))
        return (last / first).sqrt()


def ball(point, bits):
    return measured(bits)


def digits_route(point, digits):
    """The same orbit in mpmath; c* from findroot."""
    import mpmath

    with mpmath.workdps(400):
        q, lam, kept = mpmath.mpf(1), mpmath.mpf(1) / 2, []
        for _ in range(302):
            q, lam = 9 / mpmath.sqrt(1 + 4 * q), 9 / mpmath.sqrt((1 + 2 * q) ** 2 - 4 * lam**2)
            kept.append(lam / q)
        root = mpmath.findroot(lambda t: 9 / mpmath.sqrt(1 + 4 * t) - t, 2.6)
        limit = mpmath.findroot(lambda x: 9 / mpmath.sqrt((1 + 2 * root) ** 2 - 4 * (x * root) ** 2) - x * root, 0.57)
        return mpmath.sqrt(abs((kept[301] - limit) / (kept[299] - limit)))


def _enclosure():
    return enclosure(
        "1600 layers in balls",
        ball,
        radius=Fraction(1, 10**7),
        within=Fraction(1, 10**6),
        method="closed integrals, 6000 bits",
    )


def checks():
    yield _enclosure()
    yield digits("302 layers, 400 digits", digits_route, digits=6, method="mpmath; c* by findroot")


def printed_checks():
    yield _enclosure()
