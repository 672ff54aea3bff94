r"""The variance of a normal law truncated at t standard deviations, which truncated initialisers really have."""

from fractions import Fraction

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, enclosure

t = sp.Symbol("t", positive=True)
v = sp.Function("v")

CLAIM = Claim(
    id="fw_truncated_normal_variance",
    title="variance of a truncated normal law",
    statement=sp.Eq(v(t), 1 - 2 * t * sp.exp(-(t**2) / 2) / (sp.sqrt(2 * sp.pi) * sp.erf(t / sp.sqrt(2)))),
    source=Source("hanin2018", "section 3.1: He normal truncated at two standard deviations"),
    meaning=(
        "v(t) is the variance of a standard normal variable given that it lies in [-t, t]; v(2) = 0.7737, so the mean "
        "squared length of ReLU nets with the truncated He initialiser falls like 0.7737^d"
    ),
    variables={t: "t > 0"},
    uses=("fw_mean_length",),
)


def derive() -> sp.Expr:
    """The second moment of the density on [-t, t] over its mass."""
    z = sp.Symbol("z", real=True)
    density = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
    return sp.simplify(sp.integrate(z**2 * density, (z, -t, t)) / sp.integrate(density, (z, -t, t)))


def quadrature(point, digits):
    cut = mpmath.mpf(int(point[t].p)) / int(point[t].q)
    mass, second = (mpmath.quad(lambda z, k=k: z**k * mpmath.npdf(z), [0, cut]) for k in (0, 2))
    return second / mass


def ball(point, bits):
    from flint import acb, arb

    cut = arb(int(point[t].p)) / int(point[t].q)
    mass, second = (acb.integral(lambda z, _, k=k: z**k * (-z * z / 2).exp(), 0, cut).real for k in (0, 2))
    return second / mass


POINTS = [{t: 2}, {t: sp.Rational(1, 2)}, {t: 3}]


def checks():
    yield digits("quadrature", quadrature, POINTS, digits=30, method="mpmath.quad of the truncated density")
    yield enclosure(
        "integral in balls", ball, POINTS, radius=Fraction(1, 10**25), method="acb.integral of the truncated density"
    )
